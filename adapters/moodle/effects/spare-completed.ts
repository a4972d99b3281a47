import type { MoodlePolicy } from '../moodle-policy.ts';
import { logEvents, logRoles } from './log-events.ts';
import { expectMany } from './prelude.ts';

/**
 * Whether a course of a user is to stay as it is: a completed one (C-02) that nothing else would let the user into any more,
 * or, where nothing does even now, of which nothing at all would be left. Over a window `course` of one user's
 * enrolments `h` in one course.
 */
export function sparing(policy: MoodlePolicy, going: string, deleted: string): string {
  if (policy === 'host') return 'false';
  return /* sql */ `(
    k.id is not null and bool_or(${going}) over course
    and case when bool_or(${going} and h.opens) over course then not bool_or(not ${going} and h.opens) over course
             else bool_and(${deleted}) over course end)`;
}

/** `k` is there where the user has completed the course of `h`; only the policy `rules` asks. */
export const completion = (policy: MoodlePolicy): string =>
  policy === 'host'
    ? ''
    : /* sql */ `left join {course_completions} k on k.userid = h.userid and k.course = h.courseid and k.timecompleted > 0`;

/** A method that still lets people in, of the course of `g`. */
const manualMethod = /* sql */ `
  select e.id from {enrol} e where e.courseid = g.courseid and e.enrol = 'manual' and e.status = 0
   order by e.sortorder, e.id limit 1`;

/**
 * `homeless(change_id)`: the changes that would take a completed course from a user in which there is no manual enrolment to
 * take over. They are not carried out: the user stays in the cohort, and the change is a conflict. Anything else would lose
 * the course: without the membership Moodle's own synchronisation ends the cohort's enrolment within the hour, with all
 * grades, and of that no record would be kept. Making an enrolment method is for whoever runs the course.
 */
export const homeless = /* sql */ `
  homeless as materialized (
    select g.change_id from departing g
     where g.spared and g.fate in ('delete', 'suspend') and not exists (${manualMethod}))`;

/**
 * `spared`: the completed courses that stay visible (C-02): each user gets a manual enrolment there with the times of the one that
 * goes, of several the one that would have let them in longest. What did not let them in before does not do so now.
 */
const spared = /* sql */ `
  spared as materialized (
    select g.change_id, g.userid, g.contextid, case when g.active then 0 else 1 end as status, g.timestart, g.timeend,
           (${manualMethod}) as enrolid
      from (select distinct on (d.userid, d.courseid) d.* from departing d
             where d.spared and d.fate in ('delete', 'suspend')
             order by d.userid, d.courseid, d.active desc, d.timeend = 0 desc, d.timeend desc, d.id) g ${expectMany})`;

/** Whoever has a manual enrolment that lets them in no more gets that one back: altered-enrolments.ts. */
export const reopened = /* sql */ `
  select ue.id, s.change_id, s.status, s.timestart, s.timeend
    from spared s join {user_enrolments} ue on ue.enrolid = s.enrolid and ue.userid = s.userid`;

/**
 * The new enrolments, and in place of the cohort's roles the same ones given by hand, as Moodle's API would. The message that
 * it sends to welcome somebody new is left out: they are in the course already.
 */
const replaced = /* sql */ `
  new_enrolments as (
    insert into {user_enrolments} as x (status, enrolid, userid, timestart, timeend, modifierid, timecreated, timemodified)
    select s.status, s.enrolid, s.userid, s.timestart, s.timeend, act.id, act.now, act.now
      from spared s cross join act where s.enrolid is not null
    on conflict do nothing
    returning x.enrolid, x.userid, to_jsonb(x) as after),
  enrolled as (
    select s.change_id, '{user_enrolments}' as table_name, null::jsonb as before, n.after, n.userid, s.contextid
      from new_enrolments n join spared s on s.userid = n.userid and s.enrolid = n.enrolid),
  new_roles as (
    insert into {role_assignments} as x (roleid, contextid, userid, timemodified, modifierid)
    select distinct a.roleid, g.contextid, g.userid, act.now, act.id
      from departing g
      join {role_assignments} a on a.component = 'enrol_' || g.enrol and a.itemid = g.enrolid and a.userid = g.userid
       and a.contextid = g.contextid
     cross join act
     where g.spared and g.fate in ('delete', 'suspend')
       and not exists (select from {role_assignments} same
                        where same.userid = g.userid and same.contextid = g.contextid and same.roleid = a.roleid
                          and same.component = '')
    returning x.userid, x.contextid, to_jsonb(x) as after),
  appointed as (
    select s.change_id, '{role_assignments}' as table_name, null::jsonb as before, n.after, n.userid
      from new_roles n join spared s on s.userid = n.userid and s.contextid = n.contextid)`;

const loggedEnrolments = logEvents(
  'logged_new_enrolments',
  {
    event: 'user_enrolment_created',
    action: 'created',
    target: 'user_enrolment',
    objecttable: 'user_enrolments',
    crud: 'c',
  },
  /* sql */ `
    select (n.after->>'id')::bigint as objectid, n.contextid, c.instanceid as courseid, n.userid as relateduserid,
           '{"enrol":"manual"}' as other
      from enrolled n join {context} c on c.id = n.contextid`,
);

/** CTEs that give the users of spared courses what they need to stay; `enrolled` and `appointed` hold the images. */
export const spareCompleted: string = [
  spared,
  replaced,
  loggedEnrolments,
  logRoles('logged_new_roles', 'appointed', 'role_assigned'),
].join(',');
