import { logEvents, logRoles } from './log-events.ts';
import { takesBack } from './prelude.ts';

/**
 * Moodle notes on a group that lives on when somebody has left it; not where an undo has just put back the time at which that user left it
 * first (retire-account.ts). Locked in order: chunks that run side by side share groups.
 */
const touchedGroups = /* sql */ `
  set_back as materialized (
    select (i.after->>'id')::bigint as id, (i.before->>'timemodified')::bigint as timemodified
      from image i where ${takesBack} and i.table_name = '{groups}'),
  left_groups as (
    select m.change_id, o.id, to_jsonb(o) as before
      from (select min(change_id) as change_id, groupid from left_memberships where not dies group by 2) m
      join {groups} o on o.id = m.groupid
     where not exists (select from set_back b where b.id = o.id and b.timemodified = o.timemodified)
     order by o.id for update of o),
  touched_groups as (
    update {groups} x set timemodified = act.now from left_groups o cross join act where x.id = o.id
    returning o.change_id, '{groups}' as table_name, o.before, to_jsonb(x) as after)`;

/** Unless the site does without, grades leave a copy (Moodle 4.5: measured). A journal of Moodle's: no image. */
const keptGrades = /* sql */ `
  lost_grades as (
    select d.change_id, (d.old).* from doomed_grade_grades d),
  kept_grades as (
    insert into {grade_grades_history} (action, oldid, source, timemodified, loggeduser, itemid, userid, rawgrade,
           rawgrademax, rawgrademin, rawscaleid, usermodified, finalgrade, hidden, locked, locktime, exported,
           overridden, excluded, feedback, feedbackformat, information, informationformat)
    select 3, r.id, 'userdelete', act.now, act.id, r.itemid, r.userid, r.rawgrade, r.rawgrademax, r.rawgrademin,
           r.rawscaleid, r.usermodified, r.finalgrade, r.hidden, r.locked, r.locktime, r.exported, r.overridden,
           r.excluded, r.feedback, r.feedbackformat, r.information, r.informationformat
      from lost_grades r cross join act
     where not exists (select from {config} where name = 'disablegradehistory' and value = '1'))`;

/**
 * With its grade, a completion that hung on it is gone (Moodle 4.5: measured). Where the rules hold, completions are statistics
 * and stay (D-02, C-01).
 */
export const droppedCompletions = /* sql */ `
  held_completions as (
    select r.change_id, k.id, to_jsonb(k) as before
      from lost_grades r
      join {grade_items} gi on gi.id = r.itemid and gi.itemtype = 'mod'
      join {modules} m on m.name = gi.itemmodule
      join {course_modules} cm on cm.module = m.id and cm.instance = gi.iteminstance and cm.course = gi.courseid
       and cm.completion = 2 and cm.completiongradeitemnumber = gi.itemnumber
      join {course} c on c.id = cm.course and c.enablecompletion = 1
      join {course_modules_completion} k on k.coursemoduleid = cm.id and k.userid = r.userid and k.completionstate <> 0
     where exists (select from {config} where name = 'enablecompletion' and value = '1')
     order by k.id for update of k),
  dropped_completions as (
    update {course_modules_completion} x set completionstate = 0, timemodified = act.now
      from held_completions h cross join act where x.id = h.id
    returning h.change_id, '{course_modules_completion}' as table_name, h.before, to_jsonb(x) as after)`;

/** In the log the last enrolment in a course says that it is the last. */
const lostEnrolments = (last: string): string => /* sql */ `
  lost_enrolments as (
    select r.*, e.courseid, e.enrol, ${last} as last
      from (select (d.old).* from doomed_user_enrolments d) r join {enrol} e on e.id = r.enrolid)`;

const logs = [
  logEvents(
    'logged_grades',
    { event: 'grade_deleted', action: 'deleted', target: 'grade', objecttable: 'grade_grades', edulevel: 1 },
    /* sql */ `
      select r.id as objectid, c.id as contextid, gi.courseid, r.userid as relateduserid,
             (select row_to_json(o)::text from (
               select r.itemid::text as itemid, r.overridden <> 0 as overridden, r.finalgrade::text as finalgrade) o) as other
        from lost_grades r join {grade_items} gi on gi.id = r.itemid
        join {context} c on c.contextlevel = 50 and c.instanceid = gi.courseid`,
  ),
  logEvents(
    'logged_groups',
    { event: 'group_member_removed', action: 'removed', target: 'group_member', objecttable: 'groups' },
    /* sql */ `
      select s.id as objectid, c.id as contextid, s.courseid, m.userid as relateduserid, null as other
        from left_memberships m join {groups} s on s.id = m.groupid
        join {context} c on c.contextlevel = 50 and c.instanceid = s.courseid
       where not m.dies`,
  ),
  logRoles('logged_roles', 'doomed_role_assignments', 'role_unassigned'),
  logEvents(
    'logged_enrolments',
    {
      event: 'user_enrolment_deleted',
      action: 'deleted',
      target: 'user_enrolment',
      objecttable: 'user_enrolments',
    },
    /* sql */ `
      select r.id as objectid, c.id as contextid, r.courseid, r.userid as relateduserid,
             (select row_to_json(o)::text from (select (select row_to_json(v) from (
                select r.id::text as id, r.status::text as status, r.enrolid::text as enrolid, r.userid::text as userid,
                       r.timestart::text as timestart, r.timeend::text as timeend, r.modifierid::text as modifierid,
                       r.timecreated::text as timecreated, r.timemodified::text as timemodified,
                       r.courseid::text as courseid, r.enrol, r.last as lastenrol
              ) v) as userenrolment, r.enrol) o) as other
        from lost_enrolments r
        join {context} c on c.contextlevel = 50 and c.instanceid = r.courseid`,
  ),
];

/**
 * CTEs that write down what losing courses and course groups leaves in Moodle: the time on the groups, grade history, log
 * rows. They read `act`, `left_memberships(change_id, userid, groupid, dies)` and the images in `doomed_groups_members`,
 * `doomed_grade_grades`, `doomed_role_assignments` and `doomed_user_enrolments`; `touched_groups` has images of its own.
 *
 * @param last whether the enrolment `r` was the user's last one in its course
 */
export function courseMarks(last: string): string {
  return [touchedGroups, keptGrades, lostEnrolments(last), ...logs].join(',');
}
