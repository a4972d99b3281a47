import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { MoodlePolicy, MoodleUnenrol } from '../../../adapters/moodle/moodle-policy.ts';
import { expectMeasured } from './support/compare-measured.ts';
import { placeOf } from './support/content.ts';
import { parseMeasured } from './support/measured-changes.ts';
import { haveMoodle, openSite, readMeasured } from './support/moodle-site.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { appliedChanges, obstaclesOf, undo } from './support/operations.ts';
import { insertRareCourseRows } from './support/rare-course-rows.ts';
import { registrationsOf, unenrolFrom } from './support/registrations.ts';
import { diff, snapshot } from './support/table-diff.ts';
import { changedRows, imagedRows, notApplied, otherThanJournals } from './support/undo-checks.ts';

const hostOf = (policy: MoodlePolicy, unenrol?: MoodleUnenrol) =>
  moodleHost({ tablePrefix: 'mdl_', policy, unenrol });
const rules = hostOf('rules');
const every = (['rules', 'host'] as const).flatMap((policy) =>
  (['suspend', 'remove'] as const).map((manner) => [policy, manner] as const),
);

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

describe.skipIf(!haveMoodle)('R-01 unenrolling on Moodle', () => {
  test.each([
    ['suspend_enrolment_learner2', '4', 'suspend'],
    ['unenrol_manual_learner2_last', '4', 'remove'],
    ['unenrol_self_learner1', '3', 'remove'],
  ] as const)('R-01 row for row what Moodle does: %s', async (name, user, manner) => {
    const before = await snapshot(site.sql);
    const outcome = await unenrolFrom(site, hostOf('host', manner), [user, '2']);
    expect(notApplied(outcome)).toEqual([]);
    expectMeasured(parseMeasured(await readMeasured(name)), diff(before, await snapshot(site.sql)));
  });

  test.each(every)('R-01 X-08 policy %s, %s: every image, and back row by row', async (policy, manner) => {
    const host = hostOf(policy, manner);
    await insertRareCourseRows(site.sql);
    const left = policy === 'host' ? 'true' : 'userid = 5';
    await site.sql.query(`delete from mdl_cohort_members where cohortid = 1 and ${left}`);
    const before = await snapshot(site.sql);
    const outcome = await unenrolFrom(site, host, ['5', '2'], ['4', '2'], ['6', '2']);
    expect(notApplied(outcome)).toEqual([]);
    const after = await snapshot(site.sql);
    expect(await imagedRows(site, outcome)).toEqual(changedRows(before, after));
    if (manner === 'suspend') {
      const changed = Object.keys(otherThanJournals(before, after));
      expect(changed).toEqual(['mdl_role_assignments', 'mdl_user_enrolments']);
    }
    for (const fact of await registrationsOf(site, host, ['5', '2'], ['4', '2'])) {
      expect(fact).toMatchObject({ access: false, listedAs: 'completed', status: 'completed' });
    }
    await undo(site, host, outcome);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
    const changes = await appliedChanges(site.sql, outcome);
    expect(new Set((await obstaclesOf(site.sql, host, changes)).values())).toEqual(new Set(['already']));
  });

  test.each(['suspend', 'remove'] as const)(
    'R-01 what a cohort keeps up ends by its date, so that Moodle does not open it again: %s',
    async (manner) => {
      const host = hostOf('rules', manner);
      await unenrolFrom(site, host, ['5', '2']);
      const [enrolment] = await placeOf(site, 5, 2);
      expect(enrolment).toMatch(/^cohort 1 0 \d{10}$/);
      await site.sql.query(`update mdl_user_enrolments set status = 0 where id = 26`); // as its synchronisation does
      const [fact] = await registrationsOf(site, host, ['5', '2']);
      expect(fact).toMatchObject({ access: false, listedAs: 'completed' });
    },
  );

  test('R-01 policy rules: completions stay where the grade that they hang on goes', async () => {
    await insertRareCourseRows(site.sql);
    await site.sql.query(`delete from mdl_cohort_members where cohortid = 1 and userid = 5`);
    const before = await snapshot(site.sql);
    await unenrolFrom(site, hostOf('rules', 'remove'), ['5', '2']);
    const changed = diff(before, await snapshot(site.sql));
    expect(changed.get('mdl_grade_grades')?.deleted.length).toBe(4);
    expect([...changed.keys()].filter((table) => table.includes('completion'))).toEqual([]);
  });

  test('R-04 who is de-assigned, or only let in no more, can be unenrolled; who is unenrolled already cannot', async () => {
    await site.sql.query(`
      update mdl_enrol set status = 1 where id = 10;
      update mdl_user_enrolments set status = 1 where id = 26;
      update mdl_user_enrolments set timeend = 9 where id = 15`);
    const named = [
      ['5', '2'],
      ['4', '2'],
    ] as const;
    for (const fact of await registrationsOf(site, rules, ...named)) {
      expect(fact).toMatchObject({ access: false, listedAs: 'current' });
    }
    expect(notApplied(await unenrolFrom(site, rules, ...named))).toEqual([]);
    for (const fact of await registrationsOf(site, rules, ...named)) expect(fact.listedAs).toBe('completed');
  });

  test('R-04 what Moodle itself keeps up is refused, and so are learning plans', async () => {
    const named = [
      ['3', '4'],
      ['5', '2'],
      ['5', 'template:1'],
    ] as const;
    const byRules = await registrationsOf(site, rules, ...named);
    expect(byRules.map(({ refusals }) => refusals?.unenrol)).toEqual([
      expect.stringContaining('course 2'),
      undefined,
      expect.stringContaining('plan'),
    ]);
    const byHost = await registrationsOf(site, hostOf('host'), ...named);
    expect(byHost[1]?.refusals?.unenrol).toContain('cohort:1');
  });

  test('X-06 somebody has opened another enrolment, or deleted the account: nothing changes', async () => {
    const host = rules;
    const changes = await registrationsOf(site, host, ['4', '2'], ['8', '2']);
    expect(changes.map(({ access }) => access)).toEqual([true, false]);
    await site.sql.query(`update mdl_user set deleted = 1 where id = 4`);
    const outcome = await unenrolFrom(site, host, ['4', '2']);
    expect(notApplied(outcome)).toMatchObject([{ user: '4', state: 'conflict' }]);
  });
});
