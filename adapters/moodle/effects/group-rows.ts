import type { Sql } from '../../host-lms.ts';
import { tablesThere } from '../kept-history.ts';
import type { DoomedRows } from './doomed-rows.ts';

/** The conversation of a course group. */
const conversation = /* sql */ `
  join {message_conversations} v on v.component = 'core_group' and v.itemtype = 'groups' and v.itemid = g.groupid`;

const ofCohort = (table: string, where: string, needs?: DoomedRows['needs']): DoomedRows => ({
  table,
  of: 'cohorts',
  where,
  ...(needs && { needs }),
});

const ofCourseGroup = (
  table: string,
  where = 'x.groupid = g.groupid',
  needs?: DoomedRows['needs'],
  via?: string,
): DoomedRows => ({ table, of: 'course_groups', where, ...(needs && { needs }), ...(via && { via }) });

/** The groups themselves, which an undo puts back first. */
export const groupItself: readonly DoomedRows[] = [
  ofCohort('cohort', 'x.id = g.groupid', { contextid: 'context' }),
  ofCourseGroup('groups', 'x.id = g.groupid', { courseid: 'course' }),
];

/** Rows of members who do not count are all that is left of those: deleted accounts, the guest. */
const belongings: readonly DoomedRows[] = [
  ofCohort('cohort_members', 'x.cohortid = g.groupid'),
  ofCourseGroup('groups_members'),
  ofCourseGroup('groupings_groups', undefined, { groupingid: 'groupings' }),
  ofCourseGroup('event'),
  ofCourseGroup('quiz_overrides', undefined, { quiz: 'quiz' }),
  ofCourseGroup('assign_overrides', undefined, { assignid: 'assign' }),
  ofCourseGroup('lesson_overrides', undefined, { lessonid: 'lesson' }),
  ofCourseGroup('message_conversations', 'x.id = v.id', undefined, conversation),
  ...['message_conversation_members', 'message_conversation_actions', 'messages'].map((table) =>
    ofCourseGroup(table, 'x.conversationid = v.id', undefined, conversation),
  ),
  ofCourseGroup(
    'message_user_actions',
    'x.messageid = m.id',
    undefined,
    `${conversation} join {messages} m on m.conversationid = v.id`,
  ),
  ofCourseGroup(
    'favourite',
    `x.component = 'core_message' and x.itemtype = 'message_conversations' and x.itemid = v.id`,
    undefined,
    conversation,
  ),
  ofCourseGroup(
    'files',
    `x.contextid = g.contextid and x.component = 'group' and x.filearea in ('description', 'icon') and x.itemid = g.groupid`,
  ),
];

/** What goes with a group beside the memberships of the living (Moodle 4.5: measured and read), as far as the site has it. */
export async function groupBelongings(sql: Sql): Promise<DoomedRows[]> {
  const named = (row: DoomedRows): string[] => [row.table, ...Object.values(row.needs ?? {})];
  const there = await tablesThere(sql, [...new Set(belongings.flatMap(named))]);
  return belongings.filter((row) => named(row).every((table) => there.has(table)));
}
