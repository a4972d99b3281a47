import type { HostEffect } from '../../host-lms.ts';
import { notGuest } from '../read-users.ts';
import { askedRegistrations } from './asked-registrations.ts';
import { flagDirty } from './dirty-users.ts';
import { logEvents, logRoles } from './log-events.ts';
import { act } from './prelude.ts';

/**
 * `ready`: living users who are not enrolled in the course by now, and the open manual method of it. A course without one enrols nobody:
 * a conflict; making a method is for whoever runs the course.
 */
const ready = /* sql */ `
  living as materialized (
    select u.id from {user} u
     where u.id in (select userid from asked) and u.deleted = 0 and ${notGuest} order by u.id for share of u),
  ready as materialized (
    select g.key as change_id, g.userid, g.courseid, c.id as contextid, e.id as enrolid, coalesce(
             (select r.id from {role} r where r.id = e.roleid and r.archetype = 'student'),
             (select r.id from {role} r where r.archetype = 'student' order by r.sortorder, r.id limit 1)) as roleid
      from asked g
      join living l on l.id = g.userid
      join {course} o on o.id = g.courseid and o.category > 0
      join {context} c on c.contextlevel = 50 and c.instanceid = g.courseid
      join lateral (select e.* from {enrol} e where e.courseid = g.courseid and e.enrol = 'manual' and e.status = 0
                     order by e.sortorder, e.id limit 1) e on true
     where not exists (select from {enrol} x join {user_enrolments} ue on ue.enrolid = x.id and ue.userid = g.userid
                        where x.courseid = g.courseid))`;

/**
 * `places`: the enrolment, and the copies that enrol_meta makes of it in child courses: those of closed methods have no roles
 * (Moodle 4.5: measured and read).
 */
const places = /* sql */ `
  places as materialized (
    select r.change_id, r.userid, r.contextid, r.enrolid, 'manual' as enrol, r.courseid, array[r.roleid] as roles, '' as component, 0 as itemid
      from ready r
    union all
    select r.change_id, r.userid, c.id, m.id, 'meta', m.courseid,
           case when m.status = 0 and r.roleid::text <> all (coalesce((
                       select string_to_array(value, ',') from {config_plugins} where plugin = 'enrol_meta' and name = 'nosyncroleids'), '{}'))
                then array[r.roleid] else '{}' end, 'enrol_meta', m.id
      from ready r
      join {enrol} m on m.enrol = 'meta' and m.customint1 = r.courseid and m.courseid <> r.courseid
      join {context} c on c.contextlevel = 50 and c.instanceid = m.courseid
     where 'meta' = any (string_to_array((select value from {config} where name = 'enrol_plugins_enabled'), ',')))`;

const enrolled = /* sql */ `
  closed_copies as materialized (
    select p.change_id, ue.id, to_jsonb(ue) as before from places p
      join {user_enrolments} ue on ue.enrolid = p.enrolid and ue.userid = p.userid order by ue.id for update of ue),
  opened_copies as (
    update {user_enrolments} x set status = 0, timestart = 0, timeend = 0, modifierid = act.id, timemodified = act.now
      from closed_copies k cross join act where x.id = k.id
    returning k.change_id, '{user_enrolments}' as table_name, k.before, to_jsonb(x) as after, x.userid),
  new_enrolments as (
    insert into {user_enrolments} as x (status, enrolid, userid, timestart, timeend, modifierid, timecreated, timemodified)
    select 0, p.enrolid, p.userid, 0, 0, act.id, act.now, act.now from places p cross join act
    on conflict do nothing
    returning x.enrolid, x.userid, to_jsonb(x) as after),
  enrolled as (
    select p.change_id, '{user_enrolments}' as table_name, null::jsonb as before, n.after, n.userid, p.enrol, p.contextid, p.courseid
      from new_enrolments n join places p on p.enrolid = n.enrolid and p.userid = n.userid),
  new_roles as (
    insert into {role_assignments} as x (roleid, contextid, userid, timemodified, modifierid, component, itemid)
    select role, p.contextid, p.userid, act.now, act.id, p.component, p.itemid
      from places p cross join unnest(p.roles) as role cross join act
     where not exists (select from {role_assignments} same
                        where same.userid = p.userid and same.contextid = p.contextid and same.roleid = role
                          and same.component = p.component and same.itemid = p.itemid)
    returning x.contextid, x.userid, x.itemid, to_jsonb(x) as after),
  appointed as (
    select p.change_id, '{role_assignments}' as table_name, null::jsonb as before, n.after, n.userid
      from new_roles n join places p on p.contextid = n.contextid and p.userid = n.userid and p.itemid = n.itemid)`;

const enrolment = { target: 'user_enrolment', objecttable: 'user_enrolments' };

const logs = [
  logEvents(
    'logged_new_enrolments',
    { event: 'user_enrolment_created', action: 'created', crud: 'c', ...enrolment },
    /* sql */ `
    select (n.after->>'id')::bigint as objectid, n.contextid, n.courseid, n.userid as relateduserid,
           (select row_to_json(o)::text from (select n.enrol) o) as other from enrolled n`,
  ),
  logEvents(
    'logged_opened_copies',
    { event: 'user_enrolment_updated', action: 'updated', crud: 'u', ...enrolment },
    /* sql */ `
    select (k.after->>'id')::bigint as objectid, c.id as contextid, e.courseid, k.userid as relateduserid, '{"enrol":"meta"}' as other
      from opened_copies k join {enrol} e on e.id = (k.after->>'enrolid')::bigint
      join {context} c on c.contextlevel = 50 and c.instanceid = e.courseid`,
  ),
  logRoles('logged_new_roles', 'appointed', 'role_assigned'),
];

/**
 * registration.add because of a qualification: enrolled by hand as a student, from now on without an end. The message that
 * Moodle sends to welcome somebody new is left out, and course groups of child courses are left to Moodle's own synchronisation.
 */
export const enrolQualified: HostEffect = {
  statements: [
    {
      ctes: [
        act,
        askedRegistrations(),
        ready,
        places,
        enrolled,
        ...logs,
        flagDirty('places'),
        `decided as (select change_id from enrolled where enrol = 'manual')`,
      ].join(','),
      images: ['opened_copies', 'enrolled', 'appointed'],
    },
  ],
};
