import type { MembershipFact, PlatformFacts, UserFact } from '../../contracts/facts.ts';
import type { GroupId, UserId } from '../../contracts/ids.ts';
import type { Sql } from '../host-lms.ts';
import { keyOf, rootGroup } from './groups.ts';

/**
 * The owner is the first of the site administrators. Where the site leaves the time zone to its web server (99), which
 * the database does not know, the database's own stands in.
 *
 * @throws when the settings name no site administrator: then this is no Moodle, or not the right prefix
 */
export async function readPlatform(sql: Sql): Promise<PlatformFacts> {
  const { rows } = await sql.query<{ owner: string | null; timeZone: string }>(/* sql */ `
    select (select nullif(split_part(value, ',', 1), '') from {config} where name = 'siteadmins') as owner,
           coalesce((select value from {config} where name = 'timezone' and value not in ('', '99')),
                    current_setting('TimeZone')) as "timeZone"`);
  const platform = rows[0];
  if (!platform?.owner)
    throw new Error('the Moodle database names no site administrator (siteadmins in config)');
  return { owner: platform.owner, rootGroup, timeZone: platform.timeZone };
}

/** Users have numbers; whatever is none is nobody. */
export function numericIds(ids: readonly UserId[]): string[] {
  return ids.filter((id) => /^[0-9]{1,18}$/.test(id));
}

/** The guest account is nobody: it is found by no reference, and so can be neither deleted nor ask for anything. */
export const notGuest = /* sql */ `
  u.id <> coalesce((select value::bigint from {config} where name = 'siteguest' and value ~ '^[0-9]{1,18}$'), 1)`;

/** An instant of Moodle's (whole seconds) as Micros. */
const micros = (seconds: string): string => `(${seconds})::float8 * 1000000`;

/**
 * Learner in a cohort; admin of a category or the root by a role of the archetype manager there.
 *
 * @param users an array of their numbers, as SQL
 */
export const membershipsOf = (users: string): string => /* sql */ `
  select m.userid, 'cohort:' || m.cohortid as "group", 'learner' as role, ${micros('m.timeadded')} as since
    from {cohort_members} m where m.userid = any (${users})
  union all
  select a.userid, case c.contextlevel when 10 then '${rootGroup}' else 'category:' || c.instanceid end,
         'admin', ${micros('min(a.timemodified)')}
    from {role_assignments} a
    join {role} r on r.id = a.roleid and r.archetype = 'manager'
    join {context} c on c.id = a.contextid and c.contextlevel in (10, 40)
   where a.userid = any (${users}) group by a.userid, c.contextlevel, c.instanceid`;

const memberships = membershipsOf('$1::bigint[]');

/** Site administrators but the first are admins of the root; since when is not stored: as long as their account. */
export const siteAdminsOf = (users: string): string => /* sql */ `
  select u.id, '${rootGroup}', 'admin', ${micros('u.timecreated')}
    from {config} s
   cross join lateral unnest(string_to_array(s.value, ',')) with ordinality as a (id, place)
    join {user} u on u.id::text = a.id
   where s.name = 'siteadmins' and a.place > 1 and u.id = any (${users})`;

const siteAdmins = siteAdminsOf('$1::bigint[]');

/**
 * Who is manager of a category, or of the system, is admin of the cohorts that belong to it too: one role, which
 * counts for what the user may do but is no membership that could be ended by itself.
 */
const impliedByContext = /* sql */ `
  select a.userid, 'cohort:' || h.id, 'admin', ${micros('min(a.timemodified)')}
    from {role_assignments} a
    join {role} r on r.id = a.roleid and r.archetype = 'manager'
    join {cohort} h on h.contextid = a.contextid
   where a.userid = any ($1::bigint[]) group by a.userid, h.id`;

/** Those too that an operation has deleted: whoever may delete one may take that back. */
const courseGroups = /* sql */ `
  select s.id, s.courseid from {groups} s
   union
  select was.id, was.courseid
    from lms_lifecycle.change d
    join lms_lifecycle.row_image i on i.change_id = d.id and i.table_name = '{groups}' and i.after is null
   cross join lateral jsonb_to_record(i.before) as was (id bigint, courseid bigint)
   where d.user_id = '' and d.kind = 'group.delete' and d.state = 'applied'`;

/**
 * Whoever may manage the groups of a course is admin of each of them: editing teachers of the course (copies by enrol_meta
 * included: they teach there too), and managers of it or of anything above it.
 */
const impliedByCourse = /* sql */ `
  select a.userid, 'course-group:' || s.id, 'admin', ${micros('min(a.timemodified)')}
    from {role_assignments} a
    join {role} r on r.id = a.roleid
    join {context} held on held.id = a.contextid
     and (r.archetype = 'manager' and held.contextlevel in (10, 40, 50)
       or r.archetype = 'editingteacher' and held.contextlevel = 50)
    join (select k.instanceid as courseid, above.id::bigint as contextid
            from {context} k cross join unnest(string_to_array(ltrim(k.path, '/'), '/')) as above (id)
           where k.contextlevel = 50) below on below.contextid = held.id
    join (${courseGroups}) s on s.courseid = below.courseid
   where a.userid = any ($1::bigint[]) group by a.userid, s.id`;

/** Learner in the one course group that the users are to be removed from. */
const inCourseGroup = /* sql */ `
  select m.userid, 'course-group:' || m.groupid, 'learner', ${micros('m.timeadded')}
    from {groups_members} m where m.userid = any ($1::bigint[]) and m.groupid = $2::bigint`;

/**
 * Users with the memberships that a deletion, or a removal from the group, would end; course groups are none but for
 * that group.
 */
export function readMembers(sql: Sql, ids: readonly UserId[], within: GroupId | null): Promise<UserFact[]> {
  const key = within === null ? null : keyOf('course-group', within);
  if (key === null) return readUsers(sql, ids, [memberships, siteAdmins]);
  return readUsers(sql, ids, [memberships, siteAdmins, inCourseGroup], [key]);
}

/** Users with everything that says what they may do. */
export function readActors(sql: Sql, ids: readonly UserId[]): Promise<UserFact[]> {
  return readUsers(sql, ids, [memberships, siteAdmins, impliedByContext, impliedByCourse]);
}

async function readUsers(
  sql: Sql,
  ids: readonly UserId[],
  sources: readonly string[],
  values: readonly string[] = [],
): Promise<UserFact[]> {
  const numbers = numericIds(ids);
  const accounts = await sql.query<{ id: UserId; living: boolean; isProtected: boolean }>(
    /* sql */ `
    select u.id::text, u.deleted = 0 as living,
           coalesce((select u.id::text = any (string_to_array(value, ',')) from {config} where name = 'siteadmins'), false)
             as "isProtected"
      from {user} u
     where u.id = any ($1::bigint[]) and ${notGuest} order by u.id`,
    [numbers],
  );
  const held = await sql.query<MembershipFact>(
    /* sql */ `
    select m.userid::text as "user", m."group", m.role, min(m.since) as since
      from (${sources.join(' union all ')}) m group by m.userid, m."group", m.role order by m.userid, m."group", m.role`,
    [numbers, ...values],
  );
  const users = new Map(
    accounts.rows.map((row) => [row.id, { ...row, memberships: [] as MembershipFact[] }]),
  );
  for (const membership of held.rows) users.get(membership.user)?.memberships.push(membership);
  return [...users.values()];
}

/** The guest does not count. */
export async function countLivingUsers(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    /* sql */ `select count(*)::int as n from {user} u where u.deleted = 0 and ${notGuest}`,
  );
  return rows[0]?.n ?? 0;
}
