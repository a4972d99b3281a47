import type { EffectStatement } from '../../host-lms.ts';
import { deleteRows, doomedName } from './doomed-rows.ts';
import type { DoomedRows } from './doomed-rows.ts';
import { logEvents, logRoles } from './log-events.ts';
import { act, gone } from './prelude.ts';

/** Whether a row `x` is about a forum of a course in which its user is enrolled. */
const inOwnCourse = (column: string): string => /* sql */ `exists (
  select from {forum} f join {enrol} e on e.courseid = f.course join {user_enrolments} ue on ue.enrolid = e.id
   where f.id = x.${column} and ue.userid = x.userid)`;

/**
 * What ties an account to courses (Moodle 4.5: measured): every enrolment of any method, every role in every context,
 * course groups and their conversations, grades, last accesses; of forums only those of courses with an enrolment
 * (read). Completions, attempts, submissions, posts and badges stay.
 */
export const courseRows: readonly DoomedRows[] = [
  { table: 'grade_grades', needs: { itemid: 'grade_items' } },
  { table: 'groups_members', needs: { groupid: 'groups' } },
  {
    table: 'message_conversation_members',
    via: `join {groups_members} m on m.userid = g.userid
          join {message_conversations} v on v.component = 'core_group' and v.itemtype = 'groups' and v.itemid = m.groupid`,
    where: 'x.userid = g.userid and x.conversationid = v.id',
    needs: { conversationid: 'message_conversations' },
  },
  { table: 'role_assignments', needs: { roleid: 'role' } },
  { table: 'user_enrolments', needs: { enrolid: 'enrol' } },
  { table: 'user_lastaccess', needs: { courseid: 'course' } },
  ...['forum_subscriptions', 'forum_digests'].map((table) => ({
    table,
    where: `x.userid = g.userid and ${inOwnCourse('forum')}`,
    needs: { forum: 'forum' },
  })),
  ...['forum_track_prefs', 'forum_read'].map((table) => ({
    table,
    where: `x.userid = g.userid and ${inOwnCourse('forumid')}`,
    needs: { forumid: 'forum' },
  })),
];

/** Moodle notes on a group when somebody has left it. Locked in order: chunks that run side by side share groups. */
const touchedGroups = /* sql */ `
  left_groups as (
    select m.change_id, o.id, to_jsonb(o) as before
      from (select min(change_id) as change_id, (before->>'groupid')::bigint as groupid
              from doomed_groups_members group by 2) m
      join {groups} o on o.id = m.groupid order by o.id for update of o),
  touched_groups as (
    update {groups} x set timemodified = act.now from left_groups o cross join act where x.id = o.id
    returning o.change_id, '{groups}' as table_name, o.before, to_jsonb(x) as after)`;

/** Unless the site does without, grades leave a copy (Moodle 4.5: measured). A journal of Moodle's: no image. */
const keptGrades = /* sql */ `
  lost_grades as (
    select r.* from doomed_grade_grades d cross join lateral jsonb_populate_record(null::{grade_grades}, d.before) r),
  kept_grades as (
    insert into {grade_grades_history} (action, oldid, source, timemodified, loggeduser, itemid, userid, rawgrade,
           rawgrademax, rawgrademin, rawscaleid, usermodified, finalgrade, hidden, locked, locktime, exported,
           overridden, excluded, feedback, feedbackformat, information, informationformat)
    select 3, r.id, 'userdelete', act.now, act.id, r.itemid, r.userid, r.rawgrade, r.rawgrademax, r.rawgrademin,
           r.rawscaleid, r.usermodified, r.finalgrade, r.hidden, r.locked, r.locktime, r.exported, r.overridden,
           r.excluded, r.feedback, r.feedbackformat, r.information, r.informationformat
      from lost_grades r cross join act
     where not exists (select from {config} where name = 'disablegradehistory' and value = '1'))`;

/** With its grade, a completion that hung on it is gone (Moodle 4.5: measured). */
const droppedCompletions = /* sql */ `
  held_completions as (
    select g.change_id, k.id, to_jsonb(k) as before
      from lost_grades r
      join gone g on g.userid = r.userid
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
const lostEnrolments = /* sql */ `
  lost_enrolments as (
    select r.*, e.courseid, e.enrol, row_number() over (partition by r.userid, e.courseid order by r.id desc) as place
      from doomed_user_enrolments d
     cross join lateral jsonb_populate_record(null::{user_enrolments}, d.before) r
      join {enrol} e on e.id = r.enrolid)`;

const logs = [
  lostEnrolments,
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
      select s.id as objectid, c.id as contextid, s.courseid, (m.before->>'userid')::bigint as relateduserid, null as other
        from doomed_groups_members m join {groups} s on s.id = (m.before->>'groupid')::bigint
        join {context} c on c.contextlevel = 50 and c.instanceid = s.courseid`,
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
                       r.courseid::text as courseid, r.enrol, r.place = 1 as lastenrol
              ) v) as userenrolment, r.enrol) o) as other
        from lost_enrolments r
        join {context} c on c.contextlevel = 50 and c.instanceid = r.courseid`,
  ),
];

/**
 * @param dropCompletions as Moodle does; where the rules hold, completions are statistics and stay (D-02)
 */
export function retireCourses({ dropCompletions }: { dropCompletions: boolean }): EffectStatement {
  const dropped = dropCompletions ? [droppedCompletions] : [];
  return {
    ctes: [act, gone, ...courseRows.map(deleteRows), touchedGroups, keptGrades, ...dropped, ...logs].join(
      ',',
    ),
    images: [
      ...courseRows.map(doomedName),
      'touched_groups',
      ...(dropCompletions ? ['dropped_completions'] : []),
    ],
  };
}
