import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { removeFromGroups } from './support/operations.ts';
import { insertRareCourseRows, onlyCopied, setUnenrolActions } from './support/rare-course-rows.ts';
import { diff, snapshot } from './support/table-diff.ts';
import { notApplied } from './support/undo-checks.ts';

/** What no measurement covers, as Moodle's source says it. */
const host = moodleHost({ tablePrefix: 'mdl_', policy: 'host' });

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

/** What the removal changes: table, and the ids of its rows as deleted, inserted and updated. */
async function removed(users: readonly string[], groups: readonly string[]) {
  const before = await snapshot(site.sql);
  const outcome = await removeFromGroups(site, host, users, groups);
  expect(notApplied(outcome)).toEqual([]);
  const changed = diff(before, await snapshot(site.sql));
  const ids = (rows: readonly Record<string, unknown>[]) =>
    rows.map((row) => Number(row['id'])).sort((a, b) => a - b);
  return {
    outcome,
    deleted: (table: string) => ids(changed.get(`mdl_${table}`)?.deleted ?? []),
    inserted: (table: string) => changed.get(`mdl_${table}`)?.inserted ?? [],
    updated: (table: string) => (changed.get(`mdl_${table}`)?.updated ?? []).map(({ after }) => after),
  };
}

const logged = (rows: readonly Record<string, unknown>[], event: string) =>
  rows.filter((row) => row['eventname'] === `\\core\\event\\${event}`);

describe.skipIf(!haveMoodle)('leaving a cohort', () => {
  test('with the last enrolment go roles below the course, forum settings and what hung on a grade', async () => {
    await insertRareCourseRows(site.sql);
    const { deleted, inserted, updated } = await removed(['5'], ['cohort:1']);
    const { rows } = await site.sql.query(
      `select contextid::int from mdl_role_assignments where userid = 5 order by 1`,
    );
    expect(rows.map((row) => row['contextid'])).toEqual([27, 28, 36]);
    for (const table of ['subscriptions', 'digests', 'track_prefs', 'read'])
      expect(deleted(`forum_${table}`).length, table).toBe(1);
    expect(updated('course_modules_completion')).toMatchObject([{ coursemoduleid: 2, completionstate: 0 }]);
    const log = inserted('logstore_standard_log');
    expect(logged(log, 'role_unassigned').map((row) => [row['contextid'], row['courseid']])).toEqual(
      expect.arrayContaining([
        [30, 2],
        [900, 2],
      ]),
    );
  });

  test('a disabled instance counts as well', async () => {
    await site.sql.query(`update mdl_enrol set status = 1 where id = 10`);
    const { deleted } = await removed(['5'], ['cohort:1']);
    expect(deleted('user_enrolments')).toEqual([26, 27]);
    expect(deleted('grade_grades').length).toBe(4);
  });

  test('without the setting the enrolment ends', async () => {
    await site.sql.query(`delete from mdl_config_plugins where plugin in ('enrol_cohort', 'enrol_meta')`);
    const { deleted, updated } = await removed(['5'], ['cohort:1']);
    expect(deleted('user_enrolments')).toEqual([26, 27]);
    expect(updated('user_enrolments')).toMatchObject([{ id: 28, status: 1 }]);
  });

  test('what is suspended already stays as it is, roles and all', async () => {
    await setUnenrolActions(site.sql, '3');
    await site.sql.query(`update mdl_user_enrolments set status = 1 where id in (26, 28)`);
    const { deleted, updated } = await removed(['5'], ['cohort:1']);
    expect(updated('user_enrolments').map((row) => row['id'])).toEqual([27]);
    expect(deleted('role_assignments')).toEqual([28]);
  });

  test('an enrolment that is left, suspended ones too, keeps role, groups and grades', async () => {
    await site.sql.query(`insert into mdl_user_enrolments (status, enrolid, userid) values (1, 3, 5)`);
    const { deleted, updated, inserted } = await removed(['5'], ['cohort:1']);
    expect(deleted('grade_grades')).toEqual([]);
    expect(deleted('groups_members')).toEqual([1]);
    expect(updated('user_enrolments')).toMatchObject([{ id: 28, status: 1 }]);
    const other = logged(inserted('logstore_standard_log'), 'user_enrolment_deleted').map(
      (row) => row['other'],
    );
    expect(other.every((text) => String(text).includes('"lastenrol":false'))).toBe(true);
  });

  test('of two cohorts left at once the second takes the last enrolment', async () => {
    const { deleted, inserted } = await removed(['5'], ['cohort:1', 'cohort:2']);
    expect(deleted('user_enrolments')).toEqual([26, 27, 33]);
    expect(deleted('grade_grades').length).toBe(7);
    const last = logged(inserted('logstore_standard_log'), 'user_enrolment_deleted').map((row) => [
      row['objectid'],
      String(row['other']).includes('"lastenrol":true'),
    ]);
    expect(last.sort()).toEqual([
      [26, true],
      [27, false],
      [33, true],
    ]);
  });

  test('many users at once', async () => {
    const { deleted, outcome } = await removed(['5', '6', '7'], ['cohort:1']);
    expect(outcome.states.length).toBe(3);
    expect(deleted('user_enrolments')).toEqual([26, 27, 29, 30, 31, 32]);
    expect(deleted('groups_members')).toEqual([1, 2, 3]);
  });

  test('a site administrator may leave a cohort like anybody', async () => {
    await site.sql.query(`update mdl_config set value = '2,5' where name = 'siteadmins'`);
    const { deleted } = await removed(['5'], ['cohort:2']);
    expect(deleted('cohort_members')).toEqual([4]);
  });
});

describe.skipIf(!haveMoodle)('copies by enrol_meta', () => {
  test('action 0: a real unenrolment, which goes on into the child', async () => {
    await onlyCopied(site.sql);
    await setUnenrolActions(site.sql, '0', '0');
    await site.sql.query(`insert into mdl_grade_grades (itemid, userid) values (7, 5)`);
    const { deleted, inserted } = await removed(['5'], ['cohort:1']);
    expect(deleted('user_enrolments')).toEqual([26, 27, 28]);
    expect(deleted('grade_grades').length).toBe(5);
    expect(deleted('groups_members').length).toBe(2);
    expect(deleted('user_lastaccess').length).toBe(2);
    const log = logged(inserted('logstore_standard_log'), 'user_enrolment_deleted');
    expect(log.filter((row) => row['courseid'] === 4)).toMatchObject([
      { other: expect.stringContaining('"lastenrol":true') as unknown },
    ]);
  });

  test('action 0: with an enrolment of its own in the child, only the copy goes', async () => {
    await setUnenrolActions(site.sql, '0', '0');
    const { deleted } = await removed(['5'], ['cohort:1']);
    expect(deleted('user_enrolments')).toEqual([26, 27, 28]);
    expect(deleted('role_assignments')).toEqual([27, 28, 29]);
    expect(deleted('grade_grades').length).toBe(4);
  });

  test('action 2: suspended with its roles', async () => {
    await setUnenrolActions(site.sql, '0', '2');
    const { deleted, updated } = await removed(['5'], ['cohort:1']);
    expect(deleted('role_assignments')).toEqual([27, 28]);
    expect(updated('user_enrolments')).toMatchObject([{ id: 28, status: 1 }]);
  });

  test('where the parent is left by another enrolment, its times and roles hold', async () => {
    await site.sql.query(`
      insert into mdl_user_enrolments (status, enrolid, userid, timestart, timeend) values (0, 3, 5, 1500, 4000000000);
      insert into mdl_role_assignments (roleid, contextid, userid, timemodified, modifierid) values (4, 26, 5, 1, 2)`);
    const { deleted, updated } = await removed(['5'], ['cohort:1']);
    expect(updated('user_enrolments')).toMatchObject([
      { id: 28, status: 0, timestart: 1500, timeend: 4_000_000_000, modifierid: 2 },
    ]);
    expect(deleted('role_assignments')).toEqual([27, 28, 29]);
  });

  test('a role that the parent still gives stays', async () => {
    const { deleted, updated } = await removed(['7'], ['cohort:1']);
    expect(deleted('role_assignments')).toEqual([32, 33]);
    expect(updated('user_enrolments')).toEqual([]);
  });

  test('syncall off: no role left in the parent, no place in the child', async () => {
    await site.sql.query(
      `update mdl_config_plugins set value = '0' where plugin = 'enrol_meta' and name = 'syncall'`,
    );
    await site.sql.query(`insert into mdl_user_enrolments (status, enrolid, userid) values (0, 3, 5)`);
    const { updated } = await removed(['5'], ['cohort:1']);
    expect(updated('user_enrolments')).toMatchObject([{ id: 28, status: 1 }]);
  });

  test('enrol_meta switched off: the child is left alone', async () => {
    await site.sql.query(
      `update mdl_config set value = 'manual,self,cohort' where name = 'enrol_plugins_enabled'`,
    );
    const { deleted, updated } = await removed(['5'], ['cohort:1']);
    expect(deleted('role_assignments')).toEqual([27, 28]);
    expect(updated('user_enrolments')).toEqual([]);
  });
});

describe.skipIf(!haveMoodle)('leaving a course group', () => {
  test('an override of the group holds no longer for attempts that are open', async () => {
    await insertRareCourseRows(site.sql);
    const { updated } = await removed(['7'], ['course-group:3']);
    expect(updated('quiz_attempts')).toMatchObject([{ id: 1, timecheckstate: 1795313593 + 3600 }]);
    const { updated: second } = await removed(['7'], ['course-group:1']);
    expect(second('quiz_attempts')).toMatchObject([{ id: 1, timecheckstate: null }]);
  });

  test("an override of the user's own wins, and an overdue attempt has its grace", async () => {
    await insertRareCourseRows(site.sql);
    await site.sql.query(`
      insert into mdl_quiz_overrides (quiz, userid, timeclose, timelimit) values (1, 7, 1900000000, 0);
      update mdl_quiz_attempts set state = 'overdue'`);
    const { updated } = await removed(['7'], ['course-group:3']);
    expect(updated('quiz_attempts')).toMatchObject([{ timecheckstate: 1_900_000_010 }]);
  });

  test('X-06 whom the cohort keeps in it cannot leave it: a conflict', async () => {
    const before = await snapshot(site.sql);
    const { states } = await removeFromGroups(site, host, ['5'], ['course-group:2']);
    expect(states.map(({ state }) => state)).toEqual(['conflict']);
    expect([...diff(before, await snapshot(site.sql)).keys()]).toEqual([]);
  });
});
