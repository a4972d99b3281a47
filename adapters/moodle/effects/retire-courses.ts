import type { EffectStatement } from '../../host-lms.ts';
import type { MoodlePolicy } from '../moodle-policy.ts';
import { courseMarks, droppedCompletions } from './course-marks.ts';
import { deleteRows, doomedName } from './doomed-rows.ts';
import type { DoomedRows } from './doomed-rows.ts';
import { act, authorship, gone } from './prelude.ts';

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

/** Who has left which course group. */
const leftMemberships = /* sql */ `
  left_memberships as (
    select m.change_id, (m.old).userid, (m.old).groupid, false as dies from doomed_groups_members m)`;

/** All enrolments go; of those in one course the youngest counts as the last. */
const lastOfAll = 'row_number() over (partition by r.userid, e.courseid order by r.id desc) = 1';

/**
 * Where the rules hold, an author's role is still there only if it could not be handed on, or came in since the plan: it waits for
 * the next round, which finds by it what is to be handed on (D-13).
 */
const notToHandOn = (row: DoomedRows): DoomedRows =>
  row.table === 'role_assignments'
    ? { ...row, where: `x.userid = g.userid and x.id not in (select id from to_hand_on)` }
    : row;

const toHandOn = /* sql */ `
  to_hand_on as materialized (
    select a.id from gone g join lateral (${authorship}) a on a.userid = g.userid
      join {course} c on c.id = a.courseid and c.category > 0)`;

/** The policy `host` hands nothing on, and drops completions with their grades; where the rules hold they are statistics (D-02). */
export function retireCourses(policy: MoodlePolicy): EffectStatement {
  const asMoodle = policy === 'host';
  const rows = asMoodle ? courseRows : courseRows.map(notToHandOn);
  return {
    ctes: [
      act,
      gone,
      ...(asMoodle ? [] : [toHandOn]),
      ...rows.map(deleteRows),
      leftMemberships,
      courseMarks(lastOfAll),
      ...(asMoodle ? [droppedCompletions] : []),
    ].join(','),
    images: [...rows.map(doomedName), 'touched_groups', ...(asMoodle ? ['dropped_completions'] : [])],
  };
}
