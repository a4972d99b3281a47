import type { GroupFact } from '../../contracts/facts.ts';
import type { GroupId } from '../../contracts/ids.ts';
import type { Sql } from '../host-lms.ts';

/**
 * Moodle's tree of contexts as groups: the system context is the root, course categories (`category:ID`) lie between,
 * and a cohort (`cohort:ID`) hangs below the category that it belongs to, or below the root. The groups inside of courses
 * (`course-group:ID`) are a second kind, which no tree holds.
 */
export const rootGroup: GroupId = 'system';

type GroupKind = 'cohort' | 'category' | 'course-group';

/** These groups and all their ancestors. */
export async function readGroups(sql: Sql, ids: readonly GroupId[]): Promise<GroupFact[]> {
  const tree = await readTree(sql, ids);
  const keys = ids.flatMap((id) => keyOf('course-group', id) ?? []);
  return keys.length === 0 ? tree : [...tree, ...(await readCourseGroups(sql, keys))];
}

/** A group that somebody names, whatever they wrote. */
export async function findGroup(sql: Sql, id: GroupId): Promise<GroupFact | null> {
  const groups = await readGroups(sql, [id]);
  return groups.find((group) => group.id === id) ?? null;
}

/** The number of a group of this kind; null for any other. */
export function keyOf(kind: GroupKind, id: GroupId): string | null {
  const key = id.slice(kind.length + 1);
  return id.startsWith(`${kind}:`) && /^[0-9]{1,18}$/.test(key) ? key : null;
}

/**
 * A cohort is public when it is visible; a category always is: a hidden one hides its courses, not who belongs to it.
 */
async function readTree(sql: Sql, ids: readonly GroupId[]): Promise<GroupFact[]> {
  const { rows } = await sql.query<GroupFact>(
    /* sql */ `
    with recursive cohorts as (
      select 'cohort:' || h.id as id, c.contextlevel, c.instanceid,
             case h.visible when 1 then 'public' else 'private' end as visibility
        from {cohort} h join {context} c on c.id = h.contextid
       where h.id = any ($1::bigint[])),
    categories as (
      select id, parent from {course_categories}
       where id = any ($2::bigint[]) or id in (select instanceid from cohorts where contextlevel = 40)
      union
      select up.id, up.parent from {course_categories} up join categories below on below.parent = up.id)
    select '${rootGroup}' as id, null as parent, 'public' as visibility
    union all
    select 'category:' || id, case parent when 0 then '${rootGroup}' else 'category:' || parent end, 'public' from categories
    union all
    select id, case contextlevel when 40 then 'category:' || instanceid else '${rootGroup}' end, visibility from cohorts`,
    [ids.flatMap((id) => keyOf('cohort', id) ?? []), ids.flatMap((id) => keyOf('category', id) ?? [])],
  );
  return rows;
}

/** Public is a course group that everybody in the course may see (visibility 0). */
async function readCourseGroups(sql: Sql, keys: readonly string[]): Promise<GroupFact[]> {
  const { rows } = await sql.query<GroupFact>(
    /* sql */ `
    select 'course-group:' || s.id as id, null as parent, case s.visibility when 0 then 'public' else 'private' end as visibility,
           true as "standsAlone"
      from {groups} s where s.id = any ($1::bigint[]) order by s.id`,
    [keys],
  );
  return rows;
}
