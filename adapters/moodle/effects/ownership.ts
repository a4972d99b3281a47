import type { HostEffect } from '../../host-lms.ts';
import { flagDirty } from './dirty-users.ts';
import { logEvents, logRoles } from './log-events.ts';
import { act, authorship, expectMany, wanted } from './prelude.ts';
import { turnBack, turnBackImages } from './turn-back.ts';

/** Successors that live at this moment, locked against being deleted meanwhile (D-13). */
const living = /* sql */ `
  living as materialized (
    select u.id from {user} u ${expectMany}
     where u.id in (select (t.after->>'main')::bigint from todo t) and u.deleted = 0 order by u.id for share of u)`;

/**
 * Transfers that still fit: the author with the oldest assignment is the one planned, and a successor who is
 * promoted from the co-authors still has the assignment that was seen (`position` is its id).
 */
const ready = /* sql */ `
  handover as (
    select w.change_id, w.userid as author, (w.after->>'main')::bigint as successor,
           (w.before->>'position')::bigint as position, w.item->>'id' as course
      from wanted w
     where w.item->>'type' = 'course' and w.before->>'main' = w.userid::text
       and w.undoes is null),
  chiefs as (
    select distinct on (h.change_id) h.*, a.contextid, a.courseid, a.roleid, a.userid as chief
      from handover h
      join {context} c on c.contextlevel = 50 and h.course ~ '^[0-9]{1,18}$' and c.instanceid = h.course::bigint
      join (${authorship}) a on a.contextid = c.id
     order by h.change_id, a.id),
  ready as materialized (
    select h.*
      from chiefs h join living l on l.id = h.successor ${expectMany}
     where h.chief = h.author
       and (h.position is null
         or exists (select from (${authorship}) a
                     where a.id = h.position and a.userid = h.successor and a.contextid = h.contextid)))`;

/** The author leaves; a successor who is no co-author gets the role, and everyone an enrolment who has none there. */
const handedOver = /* sql */ `
  resigned as (
    delete from {role_assignments} x using ready r, (${authorship}) a
     where a.userid = r.author and a.contextid = r.contextid and x.id = a.id
    returning r.change_id, '{role_assignments}' as table_name, to_jsonb(x) as before, null::jsonb as after, x.userid),
  new_posts as (
    insert into {role_assignments} as x (roleid, contextid, userid, timemodified, modifierid)
    select r.roleid, r.contextid, r.successor, act.now, act.id from ready r cross join act
     where not exists (select from (${authorship}) a where a.userid = r.successor and a.contextid = r.contextid)
    returning x.contextid, x.userid, to_jsonb(x) as after),
  appointed as (
    select r.change_id, '{role_assignments}' as table_name, null::jsonb as before, n.after, n.userid
      from new_posts n join ready r on r.contextid = n.contextid),
  new_enrolments as (
    insert into {user_enrolments} as x (status, enrolid, userid, timestart, timeend, modifierid, timecreated, timemodified)
    select 0, e.id, r.successor, 0, 0, act.id, act.now, act.now
      from ready r cross join act
      join lateral (select e.id from {enrol} e where e.courseid = r.courseid and e.enrol = 'manual' and e.status = 0
                     order by e.sortorder, e.id limit 1) e on true
     where not exists (select from {user_enrolments} ue join {enrol} any_method on any_method.id = ue.enrolid
                        where ue.userid = r.successor and any_method.courseid = r.courseid)
    on conflict do nothing
    returning x.id, x.enrolid, to_jsonb(x) as after),
  enrolled as (
    select r.change_id, '{user_enrolments}' as table_name, null::jsonb as before, n.after
      from new_enrolments n join {enrol} e on e.id = n.enrolid join ready r on r.courseid = e.courseid)`;

const affected = /* sql */ `
  affected as (
    ${['resigned', 'appointed', 'taken_posts', 'returned_posts'].map((cte) => `select userid from ${cte}`).join(' union all ')})`;

const loggedEnrolments = logEvents(
  'logged_enrolments',
  {
    event: 'user_enrolment_created',
    action: 'created',
    target: 'user_enrolment',
    objecttable: 'user_enrolments',
    crud: 'c',
  },
  /* sql */ `
    select (n.after->>'id')::bigint as objectid, r.contextid, r.courseid, r.successor as relateduserid,
           '{"enrol":"manual"}' as other
      from enrolled n join ready r on r.change_id = n.change_id`,
);

/**
 * ownership.transfer of a course, and its return (turn-back.ts).
 * Copies that enrol_meta keeps in child courses are left to Moodle's own hourly synchronisation.
 */
export const transferOwnership: HostEffect = {
  statements: [
    {
      ctes: [
        act,
        wanted,
        living,
        ready,
        handedOver,
        turnBack,
        affected,
        logRoles('logged_resigned', 'resigned', 'role_unassigned'),
        logRoles('logged_appointed', 'appointed', 'role_assigned'),
        loggedEnrolments,
        flagDirty('affected'),
        'decided as (select change_id from ready union all select change_id from turned_back)',
      ].join(','),
      images: ['resigned', 'appointed', 'enrolled', ...turnBackImages],
    },
  ],
};
