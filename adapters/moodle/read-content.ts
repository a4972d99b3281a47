import type { LinkFact, PathFact } from '../../contracts/facts.ts';
import type { GroupId, UserId } from '../../contracts/ids.ts';
import type { HostContent, LinkQuery, LinkScope, Sql } from '../host-lms.ts';
import { keyOf, rootGroup } from './groups.ts';
import { findHomeless } from './find-homeless.ts';
import type { MoodlePolicy } from './moodle-policy.ts';
import { explainPathCourses } from './path-courses.ts';
import { readContentFacts, readEndings } from './read-content-facts.ts';
import { notGuest, numericIds } from './read-users.ts';
import { prefixedSql } from './table-prefix.ts';
import { templateKeys } from './templates.ts';

/**
 * Content of cohorts. Enrolments follow memberships (effects/memberships.ts). Under the policy `host` they end with a link the way
 * Moodle's own API ends them, whatever the C rules say; under `rules` these decide who is suspended.
 */
export function moodleContent(prefix: string, policy: MoodlePolicy): HostContent {
  const real = (sql: Sql): Sql => prefixedSql(prefix, sql);
  return {
    followsMemberships: true,
    unsupported,
    facts: (sql, users, scope) => readContentFacts(real(sql), users, scope),
    linkingGroups: (sql, users, scope) => linkingGroups(real(sql), users, scope),
    findPath: (sql, id) => findPath(real(sql), id),
    unknown: (sql, type, ids) => findUnknown(real(sql), type, ids),
    links: (sql, query) => readLinks(real(sql), policy, query),
    members: (sql, of, after, limit) => readMembers(real(sql), of, after, limit),
    standsInTheWay: async (sql, query) =>
      (await explainPathCourses(real(sql), query)) ??
      (policy === 'rules' ? findHomeless(real(sql), query) : null),
    ...(policy === 'host' && { endings: (sql, users, links) => readEndings(real(sql), users, links) }),
  };
}

/** What Moodle has no counterpart for. */
function unsupported({ type, holder }: LinkQuery): string | null {
  if (type === 'pathCourse' || !(/^(category|course-group):/.test(holder) || holder === rootGroup))
    return null;
  const only = 'in Moodle only cohorts hold courses and learning paths';
  if (holder.startsWith('course-group:')) return `${only}: ${holder} is a group of people within one course`;
  return `${only}: ${holder} owns what lies in it, and lets nobody into it`;
}

/** Cohorts; a template has no courses, so that holding one holds nothing else. */
async function linkingGroups(
  sql: Sql,
  users: readonly UserId[],
  { groups, activities }: LinkScope,
): Promise<{ user: UserId; group: GroupId }[]> {
  const { rows } = await sql.query<{ user: UserId; group: GroupId }>(
    /* sql */ `
    select m.userid::text as "user", 'cohort:' || m.cohortid as "group"
      from {cohort_members} m
     where m.userid = any ($1::bigint[])
       and (m.cohortid = any ($2::bigint[])
            or m.cohortid in (select e.customint1 from {enrol} e where e.enrol = 'cohort' and e.courseid = any ($3::bigint[]))
            or m.cohortid in (select t.cohortid from {competency_templatecohort} t where t.templateid = any ($4::bigint[])))
     order by m.userid, m.cohortid`,
    [
      numericIds(users),
      groups.flatMap((group) => keyOf('cohort', group) ?? []),
      numericIds(activities),
      templateKeys(activities),
    ],
  );
  return rows;
}

/** The category (or the system) that a template belongs to stands for its owner group; authors it has none. */
async function findPath(sql: Sql, id: string): Promise<PathFact | null> {
  const { rows } = await sql.query<PathFact>(
    /* sql */ `
    select 'template:' || t.id as id, array[]::text[] as authors,
           case c.contextlevel when 40 then 'category:' || c.instanceid else '${rootGroup}' end as "ownerGroup"
      from {competency_template} t join {context} c on c.id = t.contextid where t.id = any ($1::bigint[])`,
    [templateKeys([id])],
  );
  return rows[0] ?? null;
}

/** The front page of the site is no course. */
async function findUnknown(sql: Sql, type: 'course' | 'path', ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    type === 'course'
      ? `select c.id::text from {course} c where c.category > 0 and c.id = any ($1::bigint[])`
      : `select 'template:' || t.id as id from {competency_template} t where t.id = any ($1::bigint[])`,
    [type === 'course' ? numericIds(ids) : templateKeys(ids)],
  );
  const known = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !known.has(id)).sort();
}

/**
 * Where the rules hold, an instance that is closed is no link any more. Under the policy `host` it still is one: it is what an operation
 * that was cancelled leaves, and the next one finishes.
 */
async function readLinks(
  sql: Sql,
  policy: MoodlePolicy,
  { type, holder, activities }: LinkQuery,
): Promise<LinkFact[]> {
  const cohort = keyOf('cohort', holder);
  if (cohort === null || type === 'pathCourse') return [];
  const ofCourses = /* sql */ `
    select distinct e.courseid::text as activity from {enrol} e
     where e.enrol = 'cohort' ${policy === 'rules' ? 'and e.status = 0' : ''} and e.customint1 = $1 and e.courseid = any ($2::bigint[])`;
  const ofPaths = /* sql */ `
    select 'template:' || t.templateid as activity from {competency_templatecohort} t
     where t.cohortid = $1 and t.templateid = any ($2::bigint[])`;
  const { rows } = await sql.query<{ activity: string }>(
    `${type === 'groupCourse' ? ofCourses : ofPaths} order by 1`,
    [cohort, type === 'groupCourse' ? numericIds(activities) : templateKeys(activities)],
  );
  return rows.map(({ activity }) => ({ type, holder, activity, position: null }));
}

/** Members of the cohort, and who is still enrolled by one of its instances without being in it any more. */
const inCohorts = (cohorts: string): string => /* sql */ `
  select m.userid from {cohort_members} m where m.cohortid in (${cohorts})
  union
  select ue.userid from {enrol} e join {user_enrolments} ue on ue.enrolid = e.id
   where e.enrol = 'cohort' and e.customint1 in (${cohorts})`;

async function readMembers(
  sql: Sql,
  of: { group: string } | { path: string },
  after: UserId | null,
  limit: number,
): Promise<UserId[]> {
  const key = 'group' in of ? keyOf('cohort', of.group) : (templateKeys([of.path])[0] ?? null);
  const cohorts =
    'group' in of
      ? '$1::bigint'
      : 'select t.cohortid from {competency_templatecohort} t where t.templateid = $1::bigint';
  const { rows } = await sql.query<{ id: UserId }>(
    /* sql */ `
    select u.id::text as id from (${inCohorts(cohorts)}) m join {user} u on u.id = m.userid
     where u.deleted = 0 and ${notGuest} and u.id > coalesce($2::bigint, 0) order by u.id limit $3`,
    [key, after, limit],
  );
  return rows.map(({ id }) => id);
}
