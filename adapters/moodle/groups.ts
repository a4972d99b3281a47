import type { GroupFact } from '../../contracts/facts.ts';
import type { GroupId } from '../../contracts/ids.ts';
import type { Sql } from '../host-lms.ts';

/**
 * Moodle's tree of contexts as groups: the system context is the root, course categories (`category:ID`) lie between,
 * and a cohort (`cohort:ID`) hangs below the category that it belongs to, or below the root.
 */
export const rootGroup: GroupId = 'system';

/**
 * These groups and all their ancestors. A cohort is public when it is visible; a category always is: a hidden one hides
 * its courses, not who belongs to it.
 */
export async function readGroups(sql: Sql, ids: readonly GroupId[]): Promise<GroupFact[]> {
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
    [keysOf('cohort', ids), keysOf('category', ids)],
  );
  return rows;
}

function keysOf(kind: 'cohort' | 'category', ids: readonly GroupId[]): string[] {
  return ids.filter((id) => id.startsWith(`${kind}:`)).map((id) => id.slice(kind.length + 1));
}
