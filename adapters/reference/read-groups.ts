import type { GroupFact } from '../../contracts/facts.ts';
import type { GroupId, UserId } from '../../contracts/ids.ts';
import type { Sql } from '../host-lms.ts';
import { amongFewIds, amongIds } from './among-ids.ts';

/** These groups and all their ancestors. */
export async function readGroups(sql: Sql, ids: readonly GroupId[]): Promise<GroupFact[]> {
  const { rows } = await sql.query<GroupFact>(
    `with recursive wanted as (
       select id, parent_id, visibility from lms.user_group where id ${amongIds}
       union
       select up.id, up.parent_id, up.visibility from lms.user_group up join wanted on wanted.parent_id = up.id)
     select id, parent_id as parent, visibility from wanted`,
    [ids],
  );
  return rows;
}

/** The group of that id; null when there is none. */
export async function findGroup(sql: Sql, id: GroupId): Promise<GroupFact | null> {
  const { rows } = await sql.query<GroupFact>(
    `select id, parent_id as parent, visibility from lms.user_group where id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** Living users with a role in any of these groups, by id: those after `after`, at most `limit`. */
export async function readMembers(
  sql: Sql,
  groups: readonly GroupId[],
  after: UserId | null,
  limit: number,
): Promise<UserId[]> {
  const { rows } = await sql.query<{ id: UserId }>(
    `select distinct m.user_id as id
       from lms.membership m join lms.account a on a.id = m.user_id and a.status = 'active'
      where m.group_id ${amongFewIds} and ($2::text is null or m.user_id > $2) order by 1 limit $3`,
    [groups, after, limit],
  );
  return rows.map((row) => row.id);
}
