import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { placeOf } from './support/content.ts';
import { insertCourseHistory } from './support/course-history.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { carryOut, deleteUsers } from './support/operations.ts';
import { insertRareCourseRows } from './support/rare-course-rows.ts';
import { planRemoval, registrationsOf, removeFor } from './support/registrations.ts';
import { snapshot } from './support/table-diff.ts';
import { notApplied, otherThanJournals } from './support/undo-checks.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

/** Nothing would enrol learner5 (7) in course 2 again. */
const outOfCohorts = () => site.sql.query(`delete from mdl_cohort_members where userid = 7`);

describe.skipIf(!haveMoodle)('R-03 removing registrations on Moodle', () => {
  test('R-03 the registration and its history are gone for good, and nothing else is', async () => {
    await insertRareCourseRows(site.sql);
    await insertCourseHistory(site.sql);
    await outOfCohorts();
    const before = await snapshot(site.sql);
    const outcome = await removeFor(site, host, ['7', '2']);
    expect(notApplied(outcome)).toEqual([]);
    const after = await snapshot(site.sql);
    const { deleted, inserted, updated } = summary(before, after);
    const owners = Object.values(otherThanJournals(before, after)).flatMap((table) =>
      table.deleted.map((row) => row['userid'] ?? 7),
    );
    expect(new Set(owners)).toEqual(new Set([7]));
    expect(deleted).toEqual([
      'mdl_assign_submission 4',
      'mdl_assignsubmission_onlinetext 51',
      'mdl_choice_answers 1',
      'mdl_competency_usercompcourse 1',
      'mdl_course_completion_crit_compl 5',
      'mdl_course_completions 5',
      'mdl_course_modules_completion 5',
      'mdl_course_modules_completion 9',
      'mdl_course_modules_viewed 81',
      'mdl_event 71',
      'mdl_forum_subscriptions 1',
      'mdl_grade_grades 13',
      'mdl_grade_grades 14',
      'mdl_grade_grades 15',
      'mdl_grade_grades 16',
      'mdl_groups_members 3',
      'mdl_groups_members 7',
      'mdl_groups_members 9',
      'mdl_message_conversation_members 15',
      'mdl_question_attempt_step_data 31',
      'mdl_question_attempt_steps 21',
      'mdl_question_attempts 11',
      'mdl_question_usages 1',
      'mdl_quiz_attempts 1',
      'mdl_quiz_grades 41',
      'mdl_quiz_overrides 61',
      'mdl_role_assignments 23',
      'mdl_role_assignments 24',
      'mdl_role_assignments 32',
      'mdl_user_enrolments 22',
      'mdl_user_enrolments 31',
      'mdl_user_lastaccess 7',
    ]);
    expect(inserted).toEqual([]);
    expect(updated).toEqual(['mdl_groups 1', 'mdl_groups 2', 'mdl_groups 3', 'mdl_user_enrolments 23']);
  });

  test('R-03 X-09 the record says what kind and how many; of what is gone there is no image', async () => {
    await insertCourseHistory(site.sql);
    await outOfCohorts();
    const outcome = await removeFor(site, host, ['7', '2']);
    expect(outcome.planned[0]?.before).toEqual({
      method: 'admin',
      status: 'completed',
      history: {
        assign_submission: 1,
        choice_answers: 1,
        competency_usercompcourse: 1,
        course_completion_crit_compl: 1,
        course_completions: 1,
        course_modules_completion: 1,
        course_modules_viewed: 1,
        grade_grades: 4,
        quiz_attempts: 1,
        quiz_grades: 1,
        quiz_overrides: 1,
      },
    });
    const { rows } = await site.sql.query<{ name: string }>(
      `select table_name || ' ' || coalesce(before->>'id', after->>'id') as name from lms_lifecycle.row_image where after is null`,
    );
    expect(rows).toEqual([]);
    const { rows: kept } = await site.sql.query<{ n: number }>(
      `select count(*)::int as n from mdl_grade_grades_history where userid = 7 and action = 3 and source = 'userdelete'`,
    );
    expect(kept[0]?.n).toBe(4);
    expect(await registrationsOf(site, host, ['7', '2'])).toEqual([]);
  });

  test('R-05 of a deleted user what is left of the registration goes', async () => {
    await insertCourseHistory(site.sql);
    await deleteUsers(site, host, ['7']);
    const [fact] = await registrationsOf(site, host, ['7', '2']);
    expect(fact).toMatchObject({ method: 'admin', status: 'completed', access: false });
    expect(notApplied(await removeFor(site, host, ['7', '2']))).toEqual([]);
    expect(await registrationsOf(site, host, ['7', '2'])).toEqual([]);
    const { rows } = await site.sql.query(`select from mdl_quiz_attempts where userid = 7`);
    expect(rows).toEqual([]);
  });

  test('R-03 what Moodle would bring back is refused, and an author; of a closed method it does not', async () => {
    const named = [
      ['7', '2'],
      ['4', '4'],
      ['4', '2'],
      ['5', 'template:1'],
      ['9', '2'],
    ] as const;
    const refusals = (await registrationsOf(site, host, ...named)).map((fact) => fact.refusals?.remove);
    expect(refusals.map((text) => text?.match(/cohort:1|course 2|plan|author/)?.[0])).toEqual([
      undefined,
      'course 2',
      'cohort:1',
      'author',
      'plan',
    ]);
    await site.sql.query(`update mdl_enrol set status = 1 where id = 10`);
    const [fact] = await registrationsOf(site, host, ['7', '2']);
    expect(fact?.refusals).toEqual({});
  });

  test('X-06 another attempt than was shown, or a cohort that came since: nothing is removed', async () => {
    await outOfCohorts();
    const changes = await planRemoval(site, host, ['7', '2'], ['4', '2']);
    await site.sql.query(`
      insert into mdl_quiz_attempts (id, quiz, userid, attempt, uniqueid, layout) values (9, 1, 7, 2, 9, '');
      insert into mdl_cohort_members (cohortid, userid, timeadded) values (1, 4, 1);
      insert into mdl_user_enrolments (status, enrolid, userid, modifierid, timecreated, timemodified) values (0, 10, 4, 2, 1, 1)`);
    const before = await snapshot(site.sql);
    const outcome = await carryOut(site, host, { changes, requestedBy: '2', undoes: null });
    expect(outcome.states.map(({ state }) => state)).toEqual(['conflict', 'conflict']);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
    expect(await placeOf(site, 7, 2)).toContain('cohort 0 0 0');
  });
});

function summary(before: Awaited<ReturnType<typeof snapshot>>, after: typeof before) {
  const all = Object.entries(otherThanJournals(before, after));
  const named = (pick: (table: (typeof all)[number][1]) => { id?: unknown }[]) =>
    all.flatMap(([name, table]) => pick(table).map((row) => `${name} ${String(row.id)}`)).sort();
  return {
    deleted: named(({ deleted }) => deleted),
    inserted: named(({ inserted }) => inserted),
    updated: named(({ updated }) => updated.map((row) => row.after)),
  };
}
