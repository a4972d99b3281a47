import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { deleteUsers, undo } from './support/operations.ts';
import type { Outcome } from './support/operations.ts';
import { insertRareRows } from './support/rare-rows.ts';
import { snapshot } from './support/table-diff.ts';
import { changedRows, imagedRows, notApplied, otherThanJournals } from './support/undo-checks.ts';

const everybody = Array.from({ length: 13 }, (_, i) => String(i + 3));
const rules = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const hostPolicy = moodleHost({ tablePrefix: 'mdl_', policy: 'host' });

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

describe.skipIf(!haveMoodle)('X-08 undo of a deletion', () => {
  test.each([
    ['rules', rules, ['7']],
    ['rules', rules, everybody],
    ['host', hostPolicy, ['9']],
    ['host', hostPolicy, everybody],
  ])('policy %s: every row of every table is as before, with the same ids (%#)', async (_, host, users) => {
    await insertRareRows(site.sql);
    const before = await snapshot(site.sql);
    const deleted = await deleteUsers(site, host, users);
    expect(notApplied(deleted)).toEqual([]);
    const undone = await undo(site, host, deleted);
    expect(notApplied(undone)).toEqual([]);
    expect(undone.states.length).toBe(deleted.states.length);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  test.each([
    ['rules', rules],
    ['host', hostPolicy],
  ])('policy %s: every row that changed has exactly one image', async (_, host) => {
    await insertRareRows(site.sql);
    const before = await snapshot(site.sql);
    const deleted = await deleteUsers(site, host, everybody);
    const changed = changedRows(before, await snapshot(site.sql));
    expect(await imagedRows(site, deleted)).toEqual(changed);
  });

  test('the user context that Moodle has cleaned up meanwhile comes back with its id', async () => {
    const before = await snapshot(site.sql);
    const deleted = await deleteUsers(site, rules, ['7']);
    await site.sql.query(`delete from mdl_context where contextlevel = 30 and instanceid = 7`);
    await undo(site, rules, deleted);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  test('what has lost its course or group stays away, the rest comes back', async () => {
    const deleted = await deleteUsers(site, rules, ['7']);
    await site.sql.query(`delete from mdl_groups where id = 3`);
    await site.sql.query(`delete from mdl_enrol where id = 10`);
    await site.sql.query(`delete from mdl_cohort where id = 2`);
    const undone = await undo(site, rules, deleted);
    expect(notApplied(undone)).toEqual([]);
    const { rows } = await site.sql.query(
      `select (select array_agg(groupid::int order by id) from mdl_groups_members where userid = 7) as groups,
              (select array_agg(enrolid::int order by id) from mdl_user_enrolments where userid = 7) as enrolments,
              (select array_agg(cohortid::int order by id) from mdl_cohort_members where userid = 7) as cohorts`,
    );
    expect(rows).toEqual([{ groups: [2, 1, 4, 6], enrolments: [1, 14, 6, 7, 11, 12], cohorts: [1] }]);
  });

  test('an erasure request that somebody has taken up is not withdrawn', async () => {
    const deleted = await deleteUsers(site, rules, ['7']);
    await site.sql.query(`update mdl_tool_dataprivacy_request set status = 3 where userid = 7`);
    await undo(site, rules, deleted);
    const { rows } = await site.sql.query(`select status from mdl_tool_dataprivacy_request where userid = 7`);
    expect(rows).toEqual([{ status: 3 }]);
  });

  test('ownership that has moved on stays where it is', async () => {
    const deleted = await deleteUsers(site, rules, ['9']);
    await site.sql.query(`delete from mdl_role_assignments where userid = 10 and contextid = 26`);
    const [transfer] = await transfersOf(deleted, '2');
    expect(await rules.undoObstacles(site.sql, transfer ? [transfer] : [])).toEqual([
      { id: transfer?.id, obstacle: 'moved-on' },
    ]);
    const undone = await undo(site, rules, deleted);
    expect(undone.states.filter(({ kind }) => kind === 'ownership.transfer').length).toBe(2);
    const { rows } = await site.sql.query(
      `select contextid::int from mdl_role_assignments where userid = 9 and roleid = 3 and component = '' order by 1`,
    );
    expect(rows.map((row) => row['contextid'])).toEqual([27, 28]);
  });

  test('a name or email that somebody else has now hinders the account', async () => {
    await site.sql.query(`update mdl_config set value = '0' where name = 'allowaccountssameemail'`);
    const deleted = await deleteUsers(site, rules, ['3', '4', '5']);
    await site.sql.query(`update mdl_user set email = 'Learner1@example.com' where id = 14`);
    await site.sql.query(`update mdl_user set username = 'learner2' where id = 15`);
    const changes = await appliedChanges(deleted, 'account.retire');
    const obstacles = await rules.undoObstacles(site.sql, changes);
    const users = obstacles.map(({ id, obstacle }) => [
      changes.find((change) => change.id === id)?.user,
      obstacle,
    ]);
    expect(users).toEqual([
      ['3', 'email-taken'],
      ['4', 'email-taken'],
    ]);
    await undo(site, rules, deleted);
    const { rows } = await site.sql.query(
      `select id::int, deleted from mdl_user where id in (3, 4, 5) order by id`,
    );
    expect(rows).toEqual([
      { id: 3, deleted: 1 },
      { id: 4, deleted: 1 },
      { id: 5, deleted: 0 },
    ]);
  });

  test('seats come back while there are any and the choice is open', async () => {
    await site.sql.query(`update mdl_choice set limitanswers = 1 where id = 1`);
    await site.sql.query(`update mdl_choice_options set maxanswers = 2 where id = 1`);
    const deleted = await deleteUsers(site, rules, ['3', '7']);
    await site.sql.query(`insert into mdl_choice_answers (choiceid, userid, optionid) values (1, 8, 1)`);
    await site.sql.query(`update mdl_choice set timeclose = 1 where id = 2`);
    const changes = await appliedChanges(deleted, 'slot.leave');
    const obstacles = await rules.undoObstacles(site.sql, changes);
    expect(obstacles.map(({ obstacle }) => obstacle).sort()).toEqual(['begun', 'slot-full']);
    const undone = await undo(site, rules, deleted);
    expect(notApplied(undone)).toEqual([]);
    const { rows } = await site.sql.query(
      `select count(*)::int as n from mdl_choice_answers where optionid = 1`,
    );
    expect(rows).toEqual([{ n: 2 }]);
  });
});

interface AppliedRow {
  id: string;
  step: 'retireAccounts';
  kind: 'account.retire';
  user: string;
  item: Record<string, string>;
  before: null;
  after: null;
}

async function appliedChanges({ operation }: Outcome, kind: string): Promise<AppliedRow[]> {
  const { rows } = await site.sql.query<AppliedRow>(
    `select id, step, kind, user_id as "user", item, before, after from lms_lifecycle.change
      where operation_id = $1 and kind = $2 order by id`,
    [operation, kind],
  );
  return rows;
}

async function transfersOf(outcome: Outcome, course: string): Promise<AppliedRow[]> {
  return (await appliedChanges(outcome, 'ownership.transfer')).filter(({ item }) => item['id'] === course);
}
