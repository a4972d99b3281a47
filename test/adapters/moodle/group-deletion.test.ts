import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { PlannedChange } from '../../../contracts/changes.ts';
import { expectMeasured } from './support/compare-measured.ts';
import { placeOf } from './support/content.ts';
import { parseMeasured } from './support/measured-changes.ts';
import { startMoodle } from './support/moodle-lms.ts';
import type { MoodleLms } from './support/moodle-lms.ts';
import { haveMoodle, readMeasured } from './support/moodle-site.ts';
import { carryOut } from './support/operations.ts';
import { insertRareCourseRows, setUnenrolActions } from './support/rare-course-rows.ts';
import { diff, snapshot } from './support/table-diff.ts';
import type { Snapshot } from './support/table-diff.ts';
import { otherThanJournals } from './support/undo-checks.ts';

/** Chunks that left the same course group in different seconds: the time that it keeps is that of one of them. */
function expectAsBefore(before: Snapshot, after: Snapshot): void {
  const { mdl_groups: groups, ...others } = otherThanJournals(before, after);
  expect(others).toEqual({});
  expect([...(groups?.deleted ?? []), ...(groups?.inserted ?? [])]).toEqual([]);
  for (const row of groups?.updated ?? []) {
    expect({ ...row.after, timemodified: row.before['timemodified'] }).toEqual(row.before);
  }
}

const keepAccounts = { orphans: 'moveToParent' };

describe.skipIf(!haveMoodle)('G-11 deleting groups of Moodle, policy host', () => {
  let lms: MoodleLms;
  beforeAll(async () => {
    lms = await startMoodle('host');
  });
  afterAll(() => lms.stop());

  it.each([
    ['cohort_delete_C1', 'cohort:1'],
    ['cohort_delete_C2', 'cohort:2'],
    ['group_delete_G1', 'course-group:1'],
    ['group_delete_G2_cohortsync', 'course-group:2'],
    ['group_delete_G3_msg', 'course-group:3'],
  ])('G-11 X-08 row for row what Moodle does, and back: %s', async (name, group) => {
    const { site, run } = lms;
    await site.sql.query('truncate mdl_cache_flags');
    const before = await snapshot(site.sql);
    const done = await run('deleteGroup', { group, ...keepAccounts });
    expect(done).toMatchObject({ state: 'done', conflicts: 0, attention: [] });
    const measured = parseMeasured(await readMeasured(name));
    const changed = diff(before, await snapshot(site.sql));
    changed.delete('mdl_cache_flags');
    measured.delete('mdl_cache_flags');
    expectMeasured(measured, changed);
    const undone = await run('undoOperation', { operation: done.operation });
    expect(undone).toMatchObject({ state: 'done', conflicts: 0, attention: [] });
    expectAsBefore(before, await snapshot(site.sql));
  });

  it('G-11 the site suspends without roles (3): methods stay, closed, and groups and grades too', async () => {
    const { site, run } = lms;
    const before = await snapshot(site.sql);
    await setUnenrolActions(site.sql, '3');
    const done = await run('deleteGroup', { group: 'cohort:1', ...keepAccounts });
    await setUnenrolActions(site.sql, '0');
    const changed = otherThanJournals(before, await snapshot(site.sql));
    expect(Object.keys(changed).sort()).toEqual([
      'mdl_cohort',
      'mdl_cohort_members',
      'mdl_enrol',
      'mdl_role_assignments',
      'mdl_user_enrolments',
    ]);
    expect(changed['mdl_enrol']?.updated.map(({ after }) => after['status'])).toEqual([1, 1]);
    await run('undoOperation', { operation: done.operation });
    expectAsBefore(before, await snapshot(site.sql));
  });

  it('G-11 the site suspends (2): with the methods everybody in them is unenrolled all the same', async () => {
    const { site, run } = lms;
    const before = await snapshot(site.sql);
    await setUnenrolActions(site.sql, '2');
    const done = await run('deleteGroup', { group: 'cohort:1', ...keepAccounts });
    await setUnenrolActions(site.sql, '0');
    expect(await placeOf(site, 6, 3)).toEqual([]);
    await run('undoOperation', { operation: done.operation });
    expectAsBefore(before, await snapshot(site.sql));
  });

  it('G-11 overrides for the group go, and every open attempt of their quiz is looked at anew', async () => {
    const { site, run } = lms;
    await insertRareCourseRows(site.sql);
    await site.sql.query(`
      insert into mdl_quiz_attempts (id, quiz, userid, attempt, uniqueid, layout, timestart, timecheckstate)
        values (5, 1, 4, 1, 5, '', 100, 7), (6, 1, 10, 1, 6, '', 100, 7);
      insert into mdl_assign_overrides (assignid, groupid, duedate) values (1, 3, 9);
      insert into mdl_lesson_overrides (lessonid, groupid, deadline) values (1, 3, 9);
      insert into mdl_event (name, description, courseid, groupid, modulename, instance, eventtype, timestart)
        values ('x', '', 2, 3, 'quiz', 1, 'close', 9)`);
    const before = await snapshot(site.sql);
    const done = await run('deleteGroup', { group: 'course-group:3' });
    const changed = otherThanJournals(before, await snapshot(site.sql));
    expect(changed['mdl_quiz_overrides']?.deleted.length).toBe(1);
    expect(changed['mdl_assign_overrides']?.deleted.length).toBe(1);
    expect(changed['mdl_event']?.deleted.length).toBe(2);
    const times = changed['mdl_quiz_attempts']?.updated.map(({ after }) => after['timecheckstate']);
    expect(times).toEqual([1795317193, 3700, null]); // two are left with the limit of another group, one with none
    await run('undoOperation', { operation: done.operation });
    expectAsBefore(before, await snapshot(site.sql));
  });
});

describe.skipIf(!haveMoodle)('G-11 deleting groups of Moodle, policy rules', () => {
  let lms: MoodleLms;
  beforeAll(async () => {
    lms = await startMoodle('rules');
  });
  afterAll(() => lms.stop());

  it('G-11 C-06 C-07 C-02 X-08 a cohort goes with its methods; what is completed or held otherwise stays', async () => {
    const { site, run } = lms;
    const before = await snapshot(site.sql);
    const input = { group: 'cohort:1', ...keepAccounts };
    const shown = await run('deleteGroup', { ...input, mode: 'preview' });
    expect(shown.counts).toEqual({ 'membership.remove': 3, 'link.remove': 2, 'group.delete': 1 });
    expect(diff(before, await snapshot(site.sql))).toEqual(new Map());
    const done = await run('deleteGroup', { ...input, planHash: shown.planHash });
    expect(done).toMatchObject({ state: 'done', conflicts: 0, attention: [] });
    // learner3 (5): completed course 2, by the cohort only; learner4 (6): not completed course 3, by the cohort only.
    expect(await placeOf(site, 5, 2)).toEqual(['manual 0 0 0', 'role 5']);
    expect(await placeOf(site, 6, 3)).toEqual([]);
    expect(await placeOf(site, 5, 3)).toContain('cohort 0 0 0');
    const changed = otherThanJournals(before, await snapshot(site.sql));
    expect(changed['mdl_enrol']?.deleted.map(({ id }) => id).sort()).toEqual([10, 11]);
    expect(changed['mdl_user']).toBeUndefined();
    const undone = await run('undoOperation', { operation: done.operation });
    expect(undone).toMatchObject({ state: 'done', conflicts: 0, attention: [] });
    expectAsBefore(before, await snapshot(site.sql));
  });

  it('G-11 D-02 without a choice it is refused; orphans: "delete" deletes the accounts, and the undo brings them back', async () => {
    const { site, run } = lms;
    const refused = run('deleteGroup', { group: 'cohort:1' });
    await expect(refused).rejects.toMatchObject({
      type: 'UsersWouldBeDeleted',
      message: expect.stringContaining('1 user') as unknown,
    });
    const before = await snapshot(site.sql);
    const done = await run('deleteGroup', { group: 'cohort:1', orphans: 'delete', maxShare: 1 });
    expect(done.counts).toMatchObject({ 'account.retire': 1, 'group.delete': 1 });
    const { rows } = await site.sql.query(`select deleted from mdl_user where id = 6`);
    expect(rows).toEqual([{ deleted: 1 }]);
    await run('undoOperation', { operation: done.operation });
    const { mdl_sessions: _, ...others } = otherThanJournals(before, await snapshot(site.sql));
    expect(Object.keys(others).filter((table) => table !== 'mdl_groups')).toEqual([]);
  });

  it.each([
    ['category:2', '2', 'InvalidInput', 'category'],
    ['system', '2', 'InvalidInput', 'platform group'],
    ['cohort:77', '2', 'NotFound', 'group'],
    ['course-group:77', '2', 'NotFound', 'group'],
    ['cohort:1', '9', 'NotAuthorized', 'system'],
    ['course-group:1', '11', 'NotAuthorized', 'course-group:1'],
  ])('A %s, asked for by %s: %s', async (group, requestedBy, type, text) => {
    await expect(lms.run('deleteGroup', { group, requestedBy })).rejects.toMatchObject({
      type,
      message: expect.stringContaining(text) as unknown,
    });
  });

  it('A an editing teacher may delete a course group of the course, and take that back', async () => {
    const { site, run } = lms;
    const before = await snapshot(site.sql);
    const asked = { group: 'course-group:2', requestedBy: '9' };
    const done = await run('deleteGroup', asked);
    expect(done.counts).toEqual({ 'membership.remove': 3, 'group.delete': 1 });
    await run('undoOperation', { operation: done.operation, requestedBy: '9' });
    expectAsBefore(before, await snapshot(site.sql));
  });

  it('G-11 C-01 policy rules, the site suspends (2): a method that still holds somebody stays, closed', async () => {
    const { site, run } = lms;
    const before = await snapshot(site.sql);
    await setUnenrolActions(site.sql, '2');
    const done = await run('deleteGroup', { group: 'cohort:1', ...keepAccounts });
    await setUnenrolActions(site.sql, '0');
    expect(await placeOf(site, 6, 3)).toEqual(['cohort 1 0 0', 'role 5 enrol_cohort']);
    const changed = otherThanJournals(before, await snapshot(site.sql));
    expect(changed['mdl_enrol']?.deleted).toEqual([]);
    expect(changed['mdl_enrol']?.updated.map(({ after }) => after['status'])).toEqual([1, 1]);
    expect(changed['mdl_grade_grades']).toBeUndefined();
    await run('undoOperation', { operation: done.operation });
    expectAsBefore(before, await snapshot(site.sql));
  });

  it('X-08 for some users only nothing comes back while the group is gone, and that is told', async () => {
    const { site, run } = lms;
    const before = await snapshot(site.sql);
    const done = await run('deleteGroup', { group: 'course-group:2' });
    const part = await run('undoOperation', { operation: done.operation, users: ['5'] });
    expect(part).toMatchObject({ counts: {}, attention: [{ type: 'NotRestorable' }] });
    await run('undoOperation', { operation: done.operation });
    expectAsBefore(before, await snapshot(site.sql));
  });

  it('X-06 a group in which somebody is by now, and a cohort with an open method, stay', async () => {
    const { site } = lms;
    const before = await snapshot(site.sql);
    const reason = { rule: 'G-11', because: '' };
    const changes = ['course-group:1', 'cohort:3'].map((group): PlannedChange => {
      const parent = group === 'cohort:3' ? 'category:2' : null;
      const what = { item: { group }, before: { parent }, after: null };
      return { step: 'deleteGroups', kind: 'group.delete', user: '', ...what, reason };
    });
    const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
    const { states } = await carryOut(site, host, { changes, requestedBy: '2', undoes: null });
    expect(states.map(({ state }) => state)).toEqual(['conflict', 'conflict']);
    expect(diff(before, await snapshot(site.sql))).toEqual(new Map());
  });

  it('C-02 X-06 who would lose a completed course keeps cohort and course: a conflict, and a warning', async () => {
    const { site, run } = lms;
    await site.sql.query(`update mdl_enrol set status = 1 where id = 1`);
    const done = await run('deleteGroup', { group: 'cohort:1', ...keepAccounts });
    expect(done.conflicts).toBeGreaterThan(0);
    const { rows } = await site.sql.query(`select userid::int from mdl_cohort_members where cohortid = 1`);
    expect(rows).toContainEqual({ userid: 5 });
    expect(await placeOf(site, 5, 2)).toContain('cohort 0 0 0');
  });
});
