import type { ContentFacts, HoldingFact, RegistrationFact } from '../../contracts/facts.ts';
import type { GroupId, UserId } from '../../contracts/ids.ts';
import type { ContentScope, Sql } from '../host-lms.ts';
import { amongIds } from './among-ids.ts';

/** What these groups and paths hold; of what may come or go, what hangs below it and what the users are registered for. */
export async function readContentFacts(
  sql: Sql,
  users: readonly UserId[],
  { groups, changing, paths, activities }: ContentScope,
): Promise<ContentFacts> {
  const [groupCourses, groupPaths] = await Promise.all([
    readGroupCourses(sql, groups),
    readGroupPaths(sql, groups),
  ]);
  const pathCourses = await readPathCourses(sql, unique([...activitiesOf(groupPaths), ...paths]));
  const changingPaths = [...paths, ...activitiesOf(groupPaths, changing)];
  const roots = unique([
    ...activities,
    ...changingPaths,
    ...activitiesOf(groupCourses, changing),
    ...activitiesOf(pathCourses, changingPaths),
  ]);
  const [courseTree, enrolments] = await Promise.all([
    readCourseTree(sql, roots),
    readEnrolments(sql, roots),
  ]);
  const registrations = await readRegistrations(sql, users, unique([...roots, ...activitiesOf(courseTree)]));
  return { groupCourses, groupPaths, pathCourses, courseTree, enrolments, registrations };
}

/** What is held, by anybody or by these holders. */
function activitiesOf(held: readonly HoldingFact[], holders?: readonly string[]): string[] {
  const among = holders && new Set(holders);
  return held.flatMap(({ holder, activity }) => (!among || among.has(holder) ? [activity] : []));
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

async function readGroupCourses(sql: Sql, groups: readonly GroupId[]): Promise<HoldingFact[]> {
  const { rows } = await sql.query<HoldingFact>(
    `select group_id as holder, course_id as activity from lms.group_course where group_id ${amongIds} order by 1, 2`,
    [groups],
  );
  return rows;
}

async function readGroupPaths(sql: Sql, groups: readonly GroupId[]): Promise<HoldingFact[]> {
  const { rows } = await sql.query<HoldingFact>(
    `select group_id as holder, path_id as activity from lms.group_path where group_id ${amongIds} order by 1, 2`,
    [groups],
  );
  return rows;
}

async function readPathCourses(sql: Sql, paths: readonly string[]): Promise<HoldingFact[]> {
  const { rows } = await sql.query<HoldingFact>(
    `select path_id as holder, course_id as activity from lms.path_course where path_id ${amongIds} order by 1, 2`,
    [paths],
  );
  return rows;
}

async function readCourseTree(sql: Sql, courses: readonly string[]): Promise<HoldingFact[]> {
  const { rows } = await sql.query<HoldingFact>(
    `with recursive hanging (holder, activity) as (
       select v.holder, c.id from lms.course c cross join lateral (values (c.parent_course_id), (c.translation_of_id)) v (holder)
        where v.holder ${amongIds}
       union
       select v.holder, c.id
         from hanging h
         join lms.course c on h.activity in (c.parent_course_id, c.translation_of_id)
        cross join lateral (values (c.parent_course_id), (c.translation_of_id)) v (holder)
        where v.holder = h.activity)
     select holder, activity from hanging order by 1, 2`,
    [courses],
  );
  return rows;
}

async function readEnrolments(sql: Sql, activities: readonly string[]): Promise<ContentFacts['enrolments']> {
  const { rows } = await sql.query<ContentFacts['enrolments'][number]>(
    `select id as activity, enrolment as method from lms.course where id ${amongIds}
     union all select id, enrolment from lms.path where id ${amongIds}`,
    [activities],
  );
  return rows;
}

async function readRegistrations(
  sql: Sql,
  users: readonly UserId[],
  activities: readonly string[],
): Promise<RegistrationFact[]> {
  const { rows } = await sql.query<RegistrationFact>(
    `select user_id as "user", activity_id as activity, method, status, access, listed_as as "listedAs"
       from lms.registration
      where user_id ${amongIds} and activity_id in (select unnest($2::text[])) order by 1, 2`,
    [users, activities],
  );
  return rows;
}
