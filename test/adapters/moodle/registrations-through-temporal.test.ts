import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilState } from '../../scenarios/steps.ts';
import { placeOf } from './support/content.ts';
import { startMoodle } from './support/moodle-lms.ts';
import type { MoodleLms } from './support/moodle-lms.ts';
import { haveMoodle } from './support/moodle-site.ts';
import { snapshot } from './support/table-diff.ts';
import { otherThanJournals } from './support/undo-checks.ts';

describe.skipIf(!haveMoodle)('registrations on Moodle, all the way through Temporal', () => {
  let lms: MoodleLms;
  beforeAll(async () => {
    lms = await startMoodle('rules');
  });
  afterAll(() => lms.stop());

  it('R-01 R-02 R-04 X-08 users are unenrolled, the others are reported; the undo puts every row back', async () => {
    const { site, run } = lms;
    const before = await snapshot(site.sql);
    const input = { users: ['3', '4', '5', '14'], activities: ['2', '77'] };
    const done = await run('unenrolUsers', input);
    expect(done.counts).toEqual({ 'registration.unenrol': 3 });
    expect(done.attention.map(({ type }) => type).sort()).toEqual([
      ...Array<string>(4).fill('NotFound'),
      'NotRegistered',
    ]);
    const again = await run('unenrolUsers', { users: ['3', '5'], activities: ['2'] });
    expect(again.attention.map(({ type }) => type)).toEqual(['AlreadyUnenrolled', 'AlreadyUnenrolled']);
    await run('undoOperation', { operation: done.operation });
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  it('R-03 R-05 A a required course: removed, and enrolled again by hand at once, blank; others are not', async () => {
    const { site, start } = lms;
    // learner3 (5) has an active plan and lacks competency 1, for which course 2 counts; learner2 (4) has none.
    await site.sql.query(`delete from mdl_cohort_members where userid = 5`);
    const asked = await start('removeRegistrations', { users: ['4', '5'], activities: ['2'] });
    const { planHash } = await untilState(asked, 'waiting-for-approval');
    await asked.update('approve', { by: '2', planHash });
    const done = await asked.result();
    expect(done.counts).toEqual({ 'registration.remove': 2, 'registration.add': 1 });
    expect(done).toMatchObject({ state: 'done', conflicts: 0 });
    expect(await placeOf(site, 5, 2)).toEqual(['manual 0 0 0', 'role 5']);
    expect(await placeOf(site, 5, 4)).toContain('meta 0 0 0');
    expect(await placeOf(site, 4, 2)).toEqual([]);
    const { rows } = await site.sql.query(
      `select from mdl_course_completions where userid = 5 and course = 2`,
    );
    expect(rows).toEqual([]);
  });

  it('R-07 X-08 the sweep enrols whoever lost a required course in Moodle, once; the undo takes it back', async () => {
    const { site, run } = lms;
    await site.sql.query(`
      delete from mdl_user_enrolments where userid = 5 and enrolid = 1;
      delete from mdl_role_assignments where userid = 5 and contextid = 26`);
    const before = await snapshot(site.sql);
    const done = await run('reconcileQualifications', {});
    expect(done.counts).toEqual({ 'registration.add': 1 });
    expect(await placeOf(site, 5, 2)).toEqual(['manual 0 0 0', 'role 5']);
    expect((await run('reconcileQualifications', {})).counts).toEqual({});
    await run('undoOperation', { operation: done.operation });
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });
});
