import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { placeOf } from './support/content.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { removeFromGroups } from './support/operations.ts';
import { onlyCopied, setUnenrolActions } from './support/rare-course-rows.ts';
import { diff, snapshot } from './support/table-diff.ts';
import { notApplied } from './support/undo-checks.ts';

const rules = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const hostPolicy = moodleHost({ tablePrefix: 'mdl_', policy: 'host' });

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

async function changedBy(users: readonly string[], groups: readonly string[], host = rules) {
  const before = await snapshot(site.sql);
  const outcome = await removeFromGroups(site, host, users, groups);
  return { outcome, changed: diff(before, await snapshot(site.sql)) };
}

const untouched = [
  'mdl_grade_grades',
  'mdl_groups_members',
  'mdl_groups',
  'mdl_user_lastaccess',
  'mdl_course_completions',
];

describe.skipIf(!haveMoodle)('policy rules: C-02 a completed course stays visible', () => {
  test.each([
    ['0', [], ['role 5']],
    ['2', ['cohort 1 11 0'], ['role 5', 'role 5 enrol_cohort']],
    ['3', ['cohort 1 11 0'], ['role 5']],
  ])(
    'unenrolaction %s: a manual enrolment takes over, with times and role',
    async (action, suspended, roles) => {
      await setUnenrolActions(site.sql, action);
      await site.sql.query(`update mdl_user_enrolments set timestart = 11 where id in (26, 28)`);
      const { outcome, changed } = await changedBy(['5'], ['cohort:1']);
      expect(notApplied(outcome)).toEqual([]);
      expect(await placeOf(site, 5, 2)).toEqual([...suspended, 'manual 0 11 0', ...roles]);
      expect(untouched.filter((table) => changed.has(table))).toEqual([]);
      expect(await placeOf(site, 5, 4)).toEqual([
        'cohort 0 0 0',
        'meta 0 11 0',
        'role 5 enrol_cohort',
        'role 5 enrol_meta',
      ]);
      const log = changed.get('mdl_logstore_standard_log')?.inserted ?? [];
      const created = log.filter((row) => /_created|role_assigned/.test(String(row['eventname'])));
      expect(created.map((row) => [row['target'], row['courseid'], row['relateduserid']]).sort()).toEqual([
        ['role', 2, 5],
        ['user_enrolment', 2, 5],
      ]);
    },
  );

  test.each([
    ['6', 'cohort:1'],
    ['7', 'cohort:2'],
  ])('where another enrolment lets user %s in, all is as under the policy host', async (user, group) => {
    const { changed } = await changedBy([user], [group]);
    const other = await openSite();
    try {
      const before = await snapshot(other.sql);
      await removeFromGroups(other, hostPolicy, [user], [group]);
      const expected = diff(before, await snapshot(other.sql));
      const counts = (tables: typeof changed) =>
        [...tables].map(([table, { deleted, inserted, updated }]) => [
          table,
          deleted.length,
          inserted.length,
          updated.length,
        ]);
      expect(counts(changed)).toEqual(counts(expected));
    } finally {
      await other.close();
    }
  });

  test('a course that is not completed goes as under the policy host', async () => {
    await site.sql.query(`update mdl_course_completions set timecompleted = null where userid = 5`);
    const { changed } = await changedBy(['5'], ['cohort:1']);
    expect(await placeOf(site, 5, 2)).toEqual([]);
    expect(changed.get('mdl_grade_grades')?.deleted.length).toBe(4);
  });

  test('C-01 of a course that is lost, what hung on a grade stays completed', async () => {
    await site.sql.query(`
      update mdl_course_completions set timecompleted = null where userid = 5;
      update mdl_course_modules set completion = 2, completiongradeitemnumber = 0 where id = 2;
      insert into mdl_course_modules_completion (coursemoduleid, userid, completionstate, timemodified)
        values (2, 5, 1, 1)`);
    const { changed } = await changedBy(['5'], ['cohort:1']);
    expect(changed.has('mdl_course_modules_completion')).toBe(false);
  });

  test('a manual enrolment that lets in no more is opened again', async () => {
    await site.sql.query(`
      insert into mdl_user_enrolments (status, enrolid, userid, timestart, timeend) values (1, 1, 5, 3, 4);
      insert into mdl_role_assignments (roleid, contextid, userid, timemodified, modifierid) values (5, 26, 5, 1, 2)`);
    await changedBy(['5'], ['cohort:1']);
    expect(await placeOf(site, 5, 2)).toEqual(['manual 0 0 0', 'role 5']);
  });

  test('what did not let in before does not do so now', async () => {
    await site.sql.query(`update mdl_enrol set status = 1 where id = 10`);
    const { changed } = await changedBy(['5'], ['cohort:1']);
    expect(await placeOf(site, 5, 2)).toEqual(['manual 1 0 0', 'role 5']);
    expect(untouched.filter((table) => changed.has(table))).toEqual([]);
  });

  test('without a manual method the user stays in the cohort: a conflict', async () => {
    await site.sql.query(`update mdl_enrol set status = 1 where id = 1`);
    const { outcome, changed } = await changedBy(['5', '6'], ['cohort:1']);
    expect(outcome.states.map(({ user, state }) => `${user} ${state}`).sort()).toEqual([
      '5 conflict',
      '6 applied',
    ]);
    const rows = [...changed.values()].flatMap(({ deleted, updated }) => [
      ...deleted,
      ...updated.map(({ after }) => after),
    ]);
    expect(rows.filter((row) => row['userid'] === 5)).toEqual([]);
  });

  test.each(['0', '2', '3'])('a completed child course too (its action %s)', async (meta) => {
    await onlyCopied(site.sql);
    await setUnenrolActions(site.sql, '0', meta);
    await site.sql.query(`
      update mdl_course_completions set timecompleted = case course when 4 then 9 end where userid = 5`);
    const { changed } = await changedBy(['5'], ['cohort:1']);
    expect(await placeOf(site, 5, 2)).toEqual([]);
    expect(await placeOf(site, 5, 4)).toEqual(expect.arrayContaining(['manual 0 0 0', 'role 5']));
    const members = changed.get('mdl_groups_members')?.deleted ?? [];
    expect(members.map((row) => row['groupid'])).toEqual([2]);
  });
});
