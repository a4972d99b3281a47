import type { LinkFact, PathFact } from '../../contracts/facts.ts';
import type { GroupId, UserId } from '../../contracts/ids.ts';
import type { HostContent, LinkQuery, LinkScope, Sql } from '../host-lms.ts';
import { amongIds } from './among-ids.ts';
import { readContentFacts } from './read-content-facts.ts';
import { readMembers } from './read-groups.ts';

/** Where each type of link is kept. */
export const linkTables = {
  groupCourse: {
    table: 'lms.group_course',
    holder: 'group_id',
    activity: 'course_id',
    position: 'null::int',
  },
  groupPath: { table: 'lms.group_path', holder: 'group_id', activity: 'path_id', position: 'null::int' },
  audience: {
    table: 'lms.session_audience_group',
    holder: 'group_id',
    activity: 'session_id',
    position: 'null::int',
  },
  pathCourse: { table: 'lms.path_course', holder: 'path_id', activity: 'course_id', position: 'position' },
} as const;

export const referenceContent: HostContent = {
  facts: readContentFacts,
  linkingGroups,
  findPath,
  unknown: findUnknown,
  links: readLinks,
  members: membersOf,
};

async function linkingGroups(
  sql: Sql,
  users: readonly UserId[],
  { groups, activities }: LinkScope,
): Promise<{ user: UserId; group: GroupId }[]> {
  const { rows } = await sql.query<{ user: UserId; group: GroupId }>(
    `with linking as (
       select unnest($2::text[]) as id
       union select group_id from lms.group_course where course_id in (select unnest($3::text[]))
       union
       select g.group_id from lms.group_path g
        where g.path_id in (select unnest($3::text[])
                            union select path_id from lms.path_course where course_id in (select unnest($3::text[]))))
     select distinct user_id as "user", group_id as "group"
       from lms.membership where user_id ${amongIds} and group_id in (select id from linking) order by 1, 2`,
    [users, groups, activities],
  );
  return rows;
}

async function findPath(sql: Sql, id: string): Promise<PathFact | null> {
  const { rows } = await sql.query<PathFact>(
    `select p.id, p.owner_group_id as "ownerGroup",
            array_prepend(p.main_author_id, array(
              select c.user_id from lms.path_co_author c where c.path_id = p.id)) as authors
       from lms.path p where p.id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

async function findUnknown(sql: Sql, type: 'course' | 'path', ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `select given.id from unnest($1::text[]) as given (id)
      where not exists (select from lms.${type} a where a.id = given.id) order by 1`,
    [ids],
  );
  return rows.map((row) => row.id);
}

async function readLinks(sql: Sql, { type, holder, activities }: LinkQuery): Promise<LinkFact[]> {
  const columns = linkTables[type];
  const { rows } = await sql.query<LinkFact>(
    `select '${type}' as type, ${columns.holder} as holder, ${columns.activity} as activity, ${columns.position} as position
       from ${columns.table} where ${columns.holder} = $1 and ${columns.activity} in (select unnest($2::text[])) order by 3`,
    [holder, activities],
  );
  return rows;
}

async function membersOf(
  sql: Sql,
  of: { group: string } | { path: string },
  after: UserId | null,
  limit: number,
): Promise<UserId[]> {
  return readMembers(sql, 'group' in of ? [of.group] : await groupsHolding(sql, of.path), after, limit);
}

async function groupsHolding(sql: Sql, path: string): Promise<GroupId[]> {
  const { rows } = await sql.query<{ group: GroupId }>(
    `select group_id as "group" from lms.group_path where path_id = $1`,
    [path],
  );
  return rows.map((row) => row.group);
}
