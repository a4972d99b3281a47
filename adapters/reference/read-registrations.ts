import type {
  ActivityFact,
  CourseActivityFact,
  HistoryFact,
  RegistrationFact,
  RegistrationFacts,
  RegistrationKey,
} from '../../contracts/facts.ts';
import type { HostRegistrations, Sql } from '../host-lms.ts';
import { amongIds } from './among-ids.ts';
import { readEnrolled, readPeople, readQualifications } from './read-qualifications.ts';

export const referenceRegistrations: HostRegistrations = {
  facts: readFacts,
  history: readHistory,
  qualifications: readQualifications,
  people: readPeople,
  enrolled: readEnrolled,
  activities: readActivities,
  findCourse,
  findCourseActivity,
};

/** The registrations that are named: users as `$1`, and as `$2`, side by side with them, activities. */
const named = /* sql */ `(select distinct * from unnest($1::text[], $2::text[]) as n (user_id, activity_id)) n`;

function sideBySide(keys: readonly RegistrationKey[]): [string[], string[]] {
  return [keys.map(({ user }) => user), keys.map(({ activity }) => activity)];
}

async function readFacts(sql: Sql, keys: readonly RegistrationKey[]): Promise<RegistrationFacts> {
  const [users, ids] = sideBySide(keys);
  const [accounts, activities, registrations] = await Promise.all([
    sql.query<RegistrationFacts['users'][number]>(
      `select id, status = 'active' as living from lms.account where id ${amongIds} order by id`,
      [[...new Set(users)]],
    ),
    readActivities(sql, [...new Set(ids)]),
    sql.query<RegistrationFact>(
      `select r.user_id as "user", r.activity_id as activity, r.method, r.status, r.access, r.listed_as as "listedAs"
         from lms.registration r join ${named} on r.user_id = n.user_id and r.activity_id = n.activity_id
        order by 1, 2`,
      [users, ids],
    ),
  ]);
  return { users: accounts.rows, activities, registrations: registrations.rows };
}

async function readHistory(sql: Sql, keys: readonly RegistrationKey[]): Promise<HistoryFact[]> {
  const { rows } = await sql.query<HistoryFact>(
    `select user_id as "user", activity_id as activity, jsonb_object_agg(kind, n) as kinds
       from (select n.user_id, n.activity_id, h.kind, count(*) as n
               from lms.history h
               join ${named} on h.user_id = n.user_id and coalesce(h.course_id, h.path_id) = n.activity_id
              group by 1, 2, 3) as counted
      group by 1, 2 order by 1, 2`,
    sideBySide(keys),
  );
  return rows;
}

async function readActivities(sql: Sql, ids: readonly string[]): Promise<ActivityFact[]> {
  const { rows } = await sql.query<ActivityFact>(
    `select id, owner_group_id as "ownerGroup" from lms.course where id ${amongIds}
     union all select id, owner_group_id from lms.path where id ${amongIds} order by 1`,
    [ids],
  );
  return rows;
}

async function findCourse(sql: Sql, id: string): Promise<ActivityFact | null> {
  const { rows } = await sql.query<ActivityFact>(
    `select id, owner_group_id as "ownerGroup" from lms.course where id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

async function findCourseActivity(sql: Sql, id: string): Promise<CourseActivityFact | null> {
  const { rows } = await sql.query<CourseActivityFact>(
    `select id, course_id as course from lms.activity where id = $1`,
    [id],
  );
  return rows[0] ?? null;
}
