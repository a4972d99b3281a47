import type {
  ActivityFact,
  HistoryFact,
  RegistrationFact,
  RegistrationFacts,
  RegistrationKey,
} from '../../contracts/facts.ts';
import type { HostRegistrations, Sql } from '../host-lms.ts';
import { registrationsOf, statusOf } from './enrolments.ts';
import { rootGroup } from './groups.ts';
import { countHistory } from './kept-history.ts';
import type { MoodlePolicy, MoodleUnenrol } from './moodle-policy.ts';
import { readPlans } from './read-content-facts.ts';
import { readEnrolled, readPeople, readQualifications } from './read-qualifications.ts';
import { notGuest, numericIds } from './read-users.ts';
import { prefixedSql } from './table-prefix.ts';
import { templateKeys } from './templates.ts';

/** Registrations are enrolments in courses, and the plans by a template, which can be neither ended nor removed here. */
export function moodleRegistrations(
  prefix: string,
  policy: MoodlePolicy,
  manner: MoodleUnenrol,
): HostRegistrations {
  const real = (sql: Sql): Sql => prefixedSql(prefix, sql);
  return {
    facts: (sql, keys) => readFacts(real(sql), policy, manner, keys),
    history: (sql, keys) => readHistory(real(sql), keys),
    qualifications: (sql, activities, lock) => readQualifications(real(sql), activities, lock),
    people: (sql, users, lock) => readPeople(real(sql), users, lock),
    enrolled: (sql, of, activities) => readEnrolled(real(sql), of, activities),
    activities: (sql, ids) => readActivities(real(sql), ids),
    findCourse: async (sql, id) => (await readActivities(real(sql), numericIds([id])))[0] ?? null,
    findCourseActivity: () => Promise.resolve(null),
  };
}

/** The keys that may be enrolments, as a relation `named(key, userid, courseid)` of `$1` and `$2`. */
const named = /* sql */ `
  (select row_number() over () as key, n.* from (
     select distinct * from unnest($1::bigint[], $2::bigint[]) as n (userid, courseid)) n)`;

function sideBySide(keys: readonly RegistrationKey[]): [string[], string[]] {
  const numbered = keys.filter(({ user, activity }) => numericIds([user, activity]).length === 2);
  return [numbered.map(({ user }) => user), numbered.map(({ activity }) => activity)];
}

async function readFacts(
  sql: Sql,
  policy: MoodlePolicy,
  manner: MoodleUnenrol,
  keys: readonly RegistrationKey[],
): Promise<RegistrationFacts> {
  const users = await sql.query<RegistrationFacts['users'][number]>(
    `select u.id::text as id, u.deleted = 0 as living from {user} u where u.id = any ($1::bigint[]) and ${notGuest} order by u.id`,
    [numericIds([...new Set(keys.map(({ user }) => user))])],
  );
  const activities = await readActivities(sql, [...new Set(keys.map(({ activity }) => activity))]);
  const courses = await readCourseRegistrations(sql, policy, manner, keys);
  return { users: users.rows, activities, registrations: [...courses, ...(await readNamedPlans(sql, keys))] };
}

interface Row extends Omit<RegistrationFact, 'refusals'> {
  stays: string | null;
  comesBack: string | null;
  holdsPost: boolean;
}

/** Of somebody who is not enrolled any more, what is left of the registration is its history: unenrolled. */
async function readCourseRegistrations(
  sql: Sql,
  policy: MoodlePolicy,
  manner: MoodleUnenrol,
  keys: readonly RegistrationKey[],
): Promise<RegistrationFact[]> {
  const { rows } = await sql.query<Row>(
    /* sql */ `
    with named as materialized (select * from ${named} n)
    select g.userid::text as "user", g.courseid::text as activity, coalesce(r.method, 'admin') as method,
           ${statusOf('g')} as status, coalesce(r.access, false) as access, coalesce(r.listed_as, 'completed') as "listedAs",
           r.stays, r.comes_back as "comesBack", coalesce(r.holds_post, false) as "holdsPost"
      from named g
      left join (${registrationsOf('named', policy)}) r on r.key = g.key
     where r.key is not null or g.key in (
       select h.key from (${await countHistory(sql, 'named')}) h where h.kind <> 'course_modules_viewed')
     order by g.userid, g.courseid`,
    sideBySide(keys),
  );
  return rows.map(({ stays, comesBack, holdsPost, ...fact }) => {
    const post = holdsPost ? postHeld : null;
    const unenrol = stays === null ? (manner === 'remove' ? post : null) : keptUp(stays);
    const remove = comesBack === null ? post : keptUp(comesBack);
    return {
      ...fact,
      refusals: { ...(unenrol !== null && { unenrol }), ...(remove !== null && { remove }) },
    };
  });
}

const keptUp = (source: string): string =>
  `Moodle itself keeps this enrolment up, from ${source}: take the user out there first`;

const postHeld = 'an author of the course would go with the enrolment: hand that on first';

/** A plan can be neither hidden from its user without becoming a draft, nor kept from being made again for a cohort. */
async function readNamedPlans(sql: Sql, keys: readonly RegistrationKey[]): Promise<RegistrationFact[]> {
  const plans = keys.filter(({ activity }) => templateKeys([activity]).length === 1);
  const found = await readPlans(
    sql,
    numericIds([...new Set(plans.map(({ user }) => user))]),
    templateKeys([...new Set(plans.map(({ activity }) => activity))]),
  );
  const refusal = 'a learning plan is ended or deleted in Moodle';
  const asked = new Set(plans.map(({ user, activity }) => `${user} ${activity}`));
  return found
    .filter(({ user, activity }) => asked.has(`${user} ${activity}`))
    .map((fact) => ({ ...fact, refusals: { unenrol: refusal, remove: refusal } }));
}

async function readHistory(sql: Sql, keys: readonly RegistrationKey[]): Promise<HistoryFact[]> {
  const { rows } = await sql.query<HistoryFact>(
    /* sql */ `
    with named as materialized (select * from ${named} n)
    select g.userid::text as "user", g.courseid::text as activity, jsonb_object_agg(h.kind, h.n) as kinds
      from (${await countHistory(sql, 'named')}) h join named g on g.key = h.key
     group by g.userid, g.courseid order by g.userid, g.courseid`,
    sideBySide(keys),
  );
  return rows;
}

/** The category of a course, and that of a template, stands for the owner group; the front page is no course. */
async function readActivities(sql: Sql, ids: readonly string[]): Promise<ActivityFact[]> {
  const { rows } = await sql.query<ActivityFact>(
    /* sql */ `
    select c.id::text as id, 'category:' || c.category as "ownerGroup" from {course} c
     where c.category > 0 and c.id = any ($1::bigint[])
    union all
    select 'template:' || t.id, case k.contextlevel when 40 then 'category:' || k.instanceid else '${rootGroup}' end
      from {competency_template} t join {context} k on k.id = t.contextid where t.id = any ($2::bigint[])
     order by 1`,
    [numericIds(ids), templateKeys(ids)],
  );
  return rows;
}
