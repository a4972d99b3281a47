import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectMeasured } from './support/compare-measured.ts';
import { parseMeasured } from './support/measured-changes.ts';
import { startMoodle } from './support/moodle-lms.ts';
import type { MoodleLms } from './support/moodle-lms.ts';
import { haveMoodle, readMeasured } from './support/moodle-site.ts';
import { diff, snapshot } from './support/table-diff.ts';
import { otherThanJournals } from './support/undo-checks.ts';

describe.skipIf(!haveMoodle)('content of cohorts, all the way through Temporal', () => {
  let lms: MoodleLms;
  beforeAll(async () => {
    lms = await startMoodle('rules');
  });
  afterAll(() => lms.stop());

  it('C-09 X-08 a course leaves a cohort; again nothing happens; the undo puts every row back', async () => {
    const { site, run } = lms;
    const input = { group: 'cohort:1', courses: ['3'] };
    const before = await snapshot(site.sql);
    const shown = await run('removeCoursesFromGroup', { ...input, mode: 'preview' });
    expect(shown.counts).toMatchObject({ 'link.remove': 1, 'access.revoke': 1 });
    expect([...diff(before, await snapshot(site.sql)).keys()]).toEqual([]);

    const done = await run('removeCoursesFromGroup', { ...input, planHash: shown.planHash });
    expect(done).toMatchObject({
      state: 'done',
      conflicts: 0,
      users: { done: 1, unchanged: 2, attention: 0 },
    });
    const changed = Object.keys(otherThanJournals(before, await snapshot(site.sql)));
    expect(changed).toEqual(['mdl_enrol', 'mdl_user_enrolments']);

    const again = await run('removeCoursesFromGroup', input);
    expect(again).toMatchObject({ state: 'done', counts: {}, users: { done: 0, attention: 0 } });

    const part = run('undoOperation', { operation: done.operation, users: ['6'] });
    await expect(part).rejects.toMatchObject({ type: 'InvalidInput' });
    const undone = await run('undoOperation', { operation: done.operation });
    expect(undone).toMatchObject({ state: 'done', conflicts: 0, attention: [] });
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  it('C-10 a learning path leaves a cohort, and comes back', async () => {
    const { site, run } = lms;
    const before = await snapshot(site.sql);
    const done = await run('removePathsFromGroup', { group: 'cohort:2', paths: ['template:1'] });
    expect(done.counts).toEqual({ 'link.remove': 1 });
    await run('undoOperation', { operation: done.operation });
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  it('G-10 whoever leaves a cohort is dealt with by that alone: no content change is planned beside it', async () => {
    const shown = await lms.run('removeFromGroup', { group: 'cohort:1', users: ['5', '6'], mode: 'preview' });
    expect(Object.keys(shown.counts)).not.toContain('access.revoke');
  });

  it.each([
    [
      'removeCoursesFromPath',
      { path: 'template:1', courses: ['2', '4'] },
      'InvalidInput',
      'course 2 by competency 1;',
    ],
    ['removeCoursesFromPath', { path: 'template:9', courses: ['2'] }, 'NotFound', 'path'],
    ['removeCoursesFromGroup', { group: 'category:2', courses: ['2'] }, 'InvalidInput', 'only cohorts'],
    [
      'removePathsFromGroup',
      { group: 'course-group:1', paths: ['template:1'] },
      'InvalidInput',
      'only cohorts',
    ],
    ['removeCoursesFromGroup', { group: 'cohort:77', courses: ['2'] }, 'NotFound', 'group'],
    ['removeCoursesFromGroup', { group: 'cohort:1', courses: ['2', '99'] }, 'NotFound', '99'],
    ['removePathsFromGroup', { group: 'cohort:1', paths: ['template:9'] }, 'NotFound', 'template:9'],
    [
      'removeCoursesFromGroup',
      { group: 'cohort:1', courses: ['2'], requestedBy: '9' },
      'NotAuthorized',
      'cohort:1',
    ],
  ])('%s %o: %s', async (workflow, input, type, text) => {
    await expect(lms.run(workflow, input)).rejects.toMatchObject({
      type,
      message: expect.stringContaining(text) as unknown,
    });
  });

  it('C-11 a course that is not in the learning path: nothing to do', async () => {
    const done = await lms.run('removeCoursesFromPath', { path: 'template:1', courses: ['4'] });
    expect(done).toMatchObject({ state: 'done', counts: {} });
  });

  it('A a manager of the cohort may; C-02 not where somebody would lose a completed course', async () => {
    const { site, run } = lms;
    const asked = { group: 'cohort:3', courses: ['4'], mode: 'preview' };
    expect(await run('removeCoursesFromGroup', { ...asked, requestedBy: '13' })).toMatchObject({
      counts: { 'link.remove': 1 },
    });
    await site.sql.query(`update mdl_enrol set status = 1 where id = 1`);
    const refused = run('removeCoursesFromGroup', { group: 'cohort:1', courses: ['2'] });
    await expect(refused).rejects.toMatchObject({
      type: 'InvalidInput',
      message: expect.stringContaining('C-02') as unknown,
    });
    await site.sql.query(`update mdl_enrol set status = 0 where id = 1`);
  });
});

describe.skipIf(!haveMoodle)('the same under the policy host', () => {
  let lms: MoodleLms;
  beforeAll(async () => {
    lms = await startMoodle('host');
  });
  afterAll(() => lms.stop());

  it('C-09 chunks side by side do what Moodle does in one go, and the undo puts every row back', async () => {
    const { site, run } = lms;
    const before = await snapshot(site.sql);
    const done = await run('removeCoursesFromGroup', { group: 'cohort:1', courses: ['2'] });
    expect(done).toMatchObject({ conflicts: 0, users: { done: 3, unchanged: 0, attention: 0 } });
    const measured = parseMeasured(await readMeasured('delete_enrol_instance_cohort'));
    expectMeasured(measured, diff(before, await snapshot(site.sql)));
    const undone = await run('undoOperation', { operation: done.operation });
    expect(undone).toMatchObject({ state: 'done', conflicts: 0, attention: [] });
    const { mdl_groups: groups, ...others } = otherThanJournals(before, await snapshot(site.sql));
    expect(others).toEqual({});
    // Chunks that left the same course group in different seconds: the time that it keeps is that of one of them.
    const times = groups?.updated.map((row) => ({ ...row.after, timemodified: row.before['timemodified'] }));
    expect(times ?? []).toEqual(groups?.updated.map((row) => row.before) ?? []);
  });
});
