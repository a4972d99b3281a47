import type { ActivityTitle } from '../../contracts/facts.ts';
import type { Sql } from '../host-lms.ts';

/** The site's front page, which is in no category, is no course. */
const courses = /* sql */ `
  select id::text as id, 'course' as type, fullname as title from {course} where category > 0`;

/** Courses by their number, full name, short name or ID number. */
export async function searchCourses(sql: Sql, text: string, limit: number): Promise<ActivityTitle[]> {
  const { rows } = await sql.query<ActivityTitle>(
    /* sql */ `
    ${courses} and exists (
      select from unnest(array[id::text, fullname, shortname, idnumber]) as known (text)
       where strpos(lower(known.text), lower($1)) > 0)
     order by id::text <> $1, lower(fullname), id limit $2`,
    [text.trim(), limit],
  );
  return rows;
}

export async function coursesNamed(sql: Sql, ids: readonly string[]): Promise<ActivityTitle[]> {
  const { rows } = await sql.query<ActivityTitle>(
    `${courses} and id::text in (select unnest($1::text[])) order by id`,
    [ids],
  );
  return rows;
}
