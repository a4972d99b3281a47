import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { AppliedChange } from '../../../contracts/undo.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { carryOut, deleteUsers, planDeparture, removeFromGroups, undo } from './support/operations.ts';
import type { Outcome } from './support/operations.ts';
import { insertRareCourseRows, onlyCopied, setUnenrolActions } from './support/rare-course-rows.ts';
import { snapshot } from './support/table-diff.ts';
import { changedRows, imagedRows, notApplied, otherThanJournals } from './support/undo-checks.ts';

const rules = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const hostPolicy = moodleHost({ tablePrefix: 'mdl_', policy: 'host' });
const learners = ['3', '4', '5', '6', '7'];
const groups = ['cohort:1', 'cohort:2', 'course-group:1', 'course-group:3'];

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

async function applied({ operation }: Outcome): Promise<AppliedChange[]> {
  const { rows } = await site.sql.query<AppliedChange>(
    `select id, step, kind, user_id as "user", item, before, after from lms_lifecycle.change
      where operation_id = $1 order by id`,
    [operation],
  );
  return rows;
}

describe.skipIf(!haveMoodle)('X-08 undo of a removal from groups', () => {
  const policies = [
    ['rules', rules],
    ['host', hostPolicy],
  ] as const;
  const actions = [
    ['0', '0'],
    ['0', '3'],
    ['2', '2'],
    ['3', '3'],
  ] as const;
  const cases = policies.flatMap(([name, host]) => actions.map((action) => [name, ...action, host] as const));

  test.each(cases)('policy %s, actions %s and %s: every row is as before', async (_, cohort, meta, host) => {
    await insertRareCourseRows(site.sql);
    await onlyCopied(site.sql);
    await setUnenrolActions(site.sql, cohort, meta);
    const before = await snapshot(site.sql);
    const removed = await removeFromGroups(site, host, learners, groups);
    expect(notApplied(removed)).toEqual([]);
    expect(await imagedRows(site, removed)).toEqual(changedRows(before, await snapshot(site.sql)));
    const undone = await undo(site, host, removed);
    expect(notApplied(undone)).toEqual([]);
    expect(undone.states.length).toBe(removed.states.length);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  test('an open session notices that rights have come back', async () => {
    const removed = await removeFromGroups(site, rules, ['5'], ['cohort:1']);
    await site.sql.query(`delete from mdl_cache_flags where flagtype = 'accesslib/dirtyusers'`);
    await undo(site, rules, removed);
    const { rows } = await site.sql.query(
      `select name from mdl_cache_flags where flagtype = 'accesslib/dirtyusers'`,
    );
    expect(rows).toEqual([{ name: '5' }]);
  });

  test('what somebody has changed since stays', async () => {
    await setUnenrolActions(site.sql, '2');
    const removed = await removeFromGroups(site, rules, ['5'], ['cohort:1']);
    await site.sql.query(`update mdl_user_enrolments set timeend = 99 where enrolid = 1 and userid = 5`);
    await site.sql.query(`update mdl_user_enrolments set timeend = 99 where id = 27`);
    await undo(site, rules, removed);
    const { rows } = await site.sql.query(
      `select enrolid::int, status::int from mdl_user_enrolments where userid = 5 and enrolid in (1, 10, 11) order by 1`,
    );
    expect(rows).toEqual([
      { enrolid: 1, status: 0 },
      { enrolid: 10, status: 0 },
      { enrolid: 11, status: 1 },
    ]);
  });

  test('what is gone, or back already, is an obstacle', async () => {
    const removed = await removeFromGroups(site, hostPolicy, ['7'], groups);
    await site.sql.query(`delete from mdl_cohort where id = 1`);
    await site.sql.query(`delete from mdl_groups where id = 3`);
    await site.sql.query(`insert into mdl_groups_members (groupid, userid) values (1, 7)`);
    const changes = await applied(removed);
    const obstacles = await hostPolicy.undoObstacles(site.sql, changes);
    const named = obstacles.map(({ id, obstacle }) => [
      changes.find((change) => change.id === id)?.item['group'],
      obstacle,
    ]);
    expect(named.sort()).toEqual([
      ['cohort:1', 'gone'],
      ['course-group:1', 'already'],
      ['course-group:3', 'gone'],
    ]);
    const undone = await undo(site, hostPolicy, removed);
    expect(undone.states.map(({ state }) => state)).toEqual(['applied']);
  });

  test('what has lost its enrolment method or group stays away, the rest comes back', async () => {
    const removed = await removeFromGroups(site, hostPolicy, ['5'], ['cohort:1']);
    await site.sql.query(`delete from mdl_enrol where id = 11`);
    await site.sql.query(`delete from mdl_groups where id = 2`);
    const undone = await undo(site, hostPolicy, removed);
    expect(notApplied(undone)).toEqual([]);
    const { rows } = await site.sql.query(
      `select (select array_agg(enrolid::int order by id) from mdl_user_enrolments where userid = 5) as enrolments,
              (select array_agg(id::int order by id) from mdl_role_assignments where userid = 5) as roles,
              (select count(*)::int from mdl_groups_members where userid = 5) as groups,
              (select count(*)::int from mdl_grade_grades where userid = 5) as grades`,
    );
    expect(rows).toEqual([{ enrolments: [10, 14, 12, 13], roles: [27, 29, 34, 36], groups: 0, grades: 7 }]);
  });

  test('X-06 nothing comes back to an account that was deleted since', async () => {
    const removed = await removeFromGroups(site, rules, ['5'], ['cohort:1', 'course-group:1']);
    await deleteUsers(site, rules, ['5']);
    const before = await snapshot(site.sql);
    const undone = await undo(site, rules, removed);
    expect(undone.states.map(({ state }) => state)).toEqual(['conflict']);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  test('a manual enrolment that was opened again is as it was', async () => {
    await site.sql.query(
      `insert into mdl_user_enrolments (status, enrolid, userid, timeend) values (1, 1, 5, 9)`,
    );
    const before = await snapshot(site.sql);
    const removed = await removeFromGroups(site, rules, ['5'], ['cohort:1']);
    expect(await imagedRows(site, removed)).toEqual(changedRows(before, await snapshot(site.sql)));
    await undo(site, rules, removed);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  test('X-06 a membership that was given anew since the plan is not ended', async () => {
    const plans = [
      await planDeparture(site.sql, rules, ['5', '6'], 'cohort:1'),
      await planDeparture(site.sql, rules, ['4', '7'], 'course-group:3'),
    ];
    await site.sql.query(`update mdl_cohort_members set timeadded = 7 where userid = 5`);
    await site.sql.query(`update mdl_groups_members set timeadded = 7 where userid = 7`);
    const outcome = await carryOut(site, rules, { changes: plans.flat(), requestedBy: '2', undoes: null });
    expect(outcome.states.map(({ user, state }) => `${user} ${state}`)).toEqual([
      '5 conflict',
      '6 applied',
      '4 applied',
      '7 conflict',
    ]);
    const { rows } = await site.sql.query(
      `select count(*)::int as n from mdl_user_enrolments where userid = 5`,
    );
    expect(rows).toEqual([{ n: 5 }]);
  });
});
