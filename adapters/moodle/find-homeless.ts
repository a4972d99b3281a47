import type { LinkQuery, Sql } from '../host-lms.ts';
import { keyOf } from './groups.ts';
import { opens } from './read-content-facts.ts';
import { numericIds } from './read-users.ts';

/**
 * Where somebody has completed one of the courses and nothing but this cohort lets them into it, a manual enrolment takes over
 * (C-02). A course without an open method for that cannot be taken from the cohort: making one is for whoever runs it.
 */
export async function findHomeless(
  sql: Sql,
  { type, holder, activities }: LinkQuery,
): Promise<string | null> {
  const cohort = keyOf('cohort', holder);
  if (type !== 'groupCourse' || cohort === null) return null;
  const { rows } = await sql.query<{ id: string }>(
    /* sql */ `
    select c.id::text from {course} c
     where c.id = any ($2::bigint[])
       and not exists (select from {enrol} m where m.courseid = c.id and m.enrol = 'manual' and m.status = 0)
       and exists (
         select from {course_completions} k
           join {user_enrolments} ue on ue.userid = k.userid
           join {enrol} e on e.id = ue.enrolid and e.courseid = c.id
          where k.course = c.id and k.timecompleted > 0
          group by k.userid
         having bool_or(${opens} and e.enrol = 'cohort' and e.customint1 = $1::bigint)
            and not bool_or(${opens} and (e.enrol = 'cohort' and e.customint1 = $1::bigint) is not true))
     order by c.id`,
    [cohort, numericIds(activities)],
  );
  if (rows.length === 0) return null;
  const courses = rows.map(({ id }) => id).join(', ');
  return `users who have completed course ${courses} would lose sight of it (C-02): it has no manual enrolment method to keep them`;
}
