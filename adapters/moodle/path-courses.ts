import type { LinkQuery, Sql } from '../host-lms.ts';
import { numericIds } from './read-users.ts';
import { templateKeys } from './templates.ts';

/**
 * Why courses cannot be taken from a learning path (C-11): what joins the two is a competency, and of its two links to either of them
 * none is the path's own. Courses that are not in the path are no reason.
 */
export async function explainPathCourses(
  sql: Sql,
  { type, holder, activities }: LinkQuery,
): Promise<string | null> {
  if (type !== 'pathCourse') return null;
  const { rows } = await sql.query<{ course: string; competencies: string }>(
    /* sql */ `
    select c.courseid::text as course, string_agg(distinct c.competencyid::text, ', ') as competencies
      from {competency_templatecomp} t join {competency_coursecomp} c on c.competencyid = t.competencyid
     where t.templateid = any ($1::bigint[]) and c.courseid = any ($2::bigint[])
     group by c.courseid order by c.courseid`,
    [templateKeys([holder]), numericIds(activities)],
  );
  if (rows.length === 0) return null;
  const found = rows.map(({ course, competencies }) => `course ${course} by competency ${competencies}`);
  return (
    `in Moodle a learning path has no list of courses: ${holder} has ${found.join(', ')}; without the competency the path would ` +
    'require something else, and without the course the competency would lose it in every other path too: decide that in Moodle'
  );
}
