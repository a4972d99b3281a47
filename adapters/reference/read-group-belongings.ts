import type { AudienceFact, GroupBelongings, GroupFact, LinkFact } from '../../contracts/facts.ts';
import type { GroupId } from '../../contracts/ids.ts';
import type { HostGroups, Sql } from '../host-lms.ts';
import { amongFewIds, amongIds } from './among-ids.ts';
import { linkTables } from './read-content.ts';
import { readMembers } from './read-groups.ts';

export const referenceGroups: HostGroups = {
  subtree: readSubtree,
  belongings: readBelongings,
  members: readMembers,
  countOrphans,
};

async function readSubtree(sql: Sql, group: GroupId): Promise<GroupFact[]> {
  const { rows } = await sql.query<GroupFact>(
    `with recursive below as (
       select id, parent_id, visibility from lms.user_group where id = $1
       union
       select g.id, g.parent_id, g.visibility from lms.user_group g join below on g.parent_id = below.id)
     select id, parent_id as parent, visibility from below order by id`,
    [group],
  );
  return rows;
}

async function readBelongings(sql: Sql, groups: readonly GroupId[]): Promise<GroupBelongings> {
  const [links, owned] = await Promise.all([
    sql.query<LinkFact>(`${heldByGroups.map(linksIn).join(' union all ')} order by type, holder, activity`, [
      groups,
    ]),
    sql.query<GroupBelongings['owned'][number]>(
      `select 'course' as type, id, owner_group_id as "ownerGroup" from lms.course where owner_group_id ${amongIds}
       union all
       select 'path', id, owner_group_id from lms.path where owner_group_id ${amongIds} order by 1, 2`,
      [groups],
    ),
  ]);
  return { links: links.rows, owned: owned.rows };
}

const heldByGroups = ['groupCourse', 'groupPath', 'audience'] as const;

function linksIn(type: (typeof heldByGroups)[number]): string {
  const { table, holder, activity, position } = linkTables[type];
  return `select '${type}' as type, ${holder} as holder, ${activity} as activity, ${position} as position
            from ${table} where ${holder} ${amongIds}`;
}

async function countOrphans(sql: Sql, groups: readonly GroupId[]): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `select count(distinct m.user_id)::int as n
       from lms.membership m join lms.account a on a.id = m.user_id and a.status = 'active'
      where m.group_id ${amongFewIds}
        and not exists (select from lms.membership other
                         where other.user_id = m.user_id and other.group_id not in (select unnest($1::text[])))`,
    [groups],
  );
  return rows[0]?.n ?? 0;
}

/** The dynamic sessions of whose audience these groups are. */
export async function readAudiences(sql: Sql, groups: readonly GroupId[]): Promise<AudienceFact[]> {
  const { rows } = await sql.query<AudienceFact>(
    `select g.session_id as session, g.group_id as "group"
       from lms.session_audience_group g
       join lms.path_session s on s.id = g.session_id and s.audience = 'dynamic'
      where g.group_id ${amongIds} order by 1, 2`,
    [groups],
  );
  return rows;
}
