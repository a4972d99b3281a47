import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { appliedChanges, deleteUsers, reinstate, undo } from './support/operations.ts';
import { authorsOf, insertFullLife } from './support/reinstatement-checks.ts';
import { diff, snapshot } from './support/table-diff.ts';
import { notApplied } from './support/undo-checks.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

async function obstacle(user: string, recorded = true): Promise<string | null> {
  const facts = await host.reinstatementFacts(site.sql, user, recorded);
  expect(facts.audiences).toEqual([]);
  return facts.obstacle;
}

const uniqueEmails = `update mdl_config set value = '0' where name = 'allowaccountssameemail'`;

describe.skipIf(!haveMoodle)('D-20 what hinders the account', () => {
  test('nothing, while nobody has its name or email', async () => {
    await deleteUsers(site, host, ['7']);
    expect(await obstacle('7')).toBeNull();
  });

  test('without a record of ours nobody knows its name and email any more', async () => {
    await site.sql.query(
      `update mdl_user set deleted = 1, username = 'x.1795313703', email = 'y' where id = 7`,
    );
    expect(await obstacle('7', false)).toBe('moved-on');
  });

  test.each([
    ['email', `update mdl_user set email = 'Learner5@Example.COM' where id = 14`, 'email-taken'],
    ['user name', `update mdl_user set username = 'learner5' where id = 14`, 'email-taken'],
    ['user name elsewhere', `update mdl_user set username = 'learner5', mnethostid = 9 where id = 14`, null],
    ['email, deleted', `update mdl_user set email = 'learner5@example.com', deleted = 1 where id = 14`, null],
  ])('whether another account has the %s', async (_, taken, expected) => {
    await site.sql.query(uniqueEmails);
    const deleted = await deleteUsers(site, host, ['7']);
    await site.sql.query(taken);
    expect(await obstacle('7')).toBe(expected);
    const before = await snapshot(site.sql);
    const back = await reinstate(site, host, deleted, '7', []);
    expect(notApplied(back).map(({ kind }) => kind)).toEqual(expected === null ? [] : ['account.reinstate']);
    if (expected !== null) expect([...diff(before, await snapshot(site.sql)).keys()]).toEqual([]);
  });

  test('an email may be shared where the site allows it, and no email is nobody’s', async () => {
    await site.sql.query(`update mdl_config set value = '1' where name = 'allowaccountssameemail'`);
    await deleteUsers(site, host, ['7']);
    await site.sql.query(`update mdl_user set email = 'learner5@example.com' where id = 14`);
    expect(await obstacle('7')).toBeNull();
    await site.sql.query(uniqueEmails);
    expect(await obstacle('7')).toBe('email-taken');
    await site.sql.query(`update mdl_user set email = '' where id in (6, 15)`);
    await deleteUsers(site, host, ['6']);
    expect(await obstacle('6')).toBeNull();
  });

  test('an older record is not taken for what Moodle itself has deleted since', async () => {
    const deleted = await deleteUsers(site, host, ['7']);
    await site.sql.query(
      `update mdl_user set username = 'learner5@example.com.1995313703', timemodified = 1995313703 where id = 7`,
    );
    const retired = (await appliedChanges(site.sql, deleted)).filter(({ kind }) => kind === 'account.retire');
    expect(await host.undoObstacles(site.sql, retired)).toMatchObject([{ obstacle: 'moved-on' }]);
    expect(await obstacle('7')).toBe('moved-on');
    const back = await reinstate(site, host, deleted, '7', []);
    expect(notApplied(back).map(({ kind }) => kind)).toEqual(['account.reinstate']);
  });

  test('D-20 the last record counts, by number and not by the text of it', async () => {
    await site.sql.query(`select setval(pg_get_serial_sequence('lms_lifecycle.change', 'id'), 97)`);
    const first = await deleteUsers(site, host, ['14']);
    await undo(site, host, first);
    await site.sql.query(`update mdl_user set email = 'another@example.com' where id = 14`);
    const changes = await appliedChanges(site.sql, await deleteUsers(site, host, ['14']));
    expect(changes.map(({ id }) => id)).toEqual(['100']);
    expect(await obstacle('14')).toBeNull();
  });

  test('an account that is no longer there is gone', async () => {
    await deleteUsers(site, host, ['7']);
    await site.sql.query(`delete from mdl_user where id = 7`);
    expect(await obstacle('7')).toBe('gone');
  });
});

describe.skipIf(!haveMoodle)('D-20 what can no longer be restored', () => {
  test('is listed: a cohort that is gone, a choice that is closed, a course that moved on', async () => {
    await insertFullLife(site.sql);
    const deleted = await deleteUsers(site, host, ['9']);
    await site.sql.query(`
      delete from mdl_cohort where id = 3;
      update mdl_choice set timeclose = 1 where id = 3;
      update mdl_role_assignments set userid = 15 where userid = 10 and contextid = 27 and roleid = 3`);
    const { lost, ...back } = await reinstate(site, host, deleted, '9');
    expect(notApplied(back)).toEqual([]);
    for (const part of ['cohort:3', 'choice-option:5', 'ownership.transfer of']) expect(lost).toContain(part);
    expect(await authorsOf(site.sql)).toEqual({ 2: [9, 10], 3: [15], 4: [9, 10] });
    const { rows } = await site.sql.query(
      `select (select count(*)::int from mdl_choice_answers where userid = 9) as seats,
              (select count(*)::int from mdl_cohort_members where userid = 9) as cohorts,
              (select count(*)::int from mdl_role_assignments where userid = 9 and roleid = 1) as offices`,
    );
    expect(rows).toEqual([{ seats: 0, cohorts: 0, offices: 1 }]);
  });

  test('a full slot is not joined, the last free seat is', async () => {
    await site.sql.query(
      `update mdl_choice set limitanswers = 1; update mdl_choice_options set maxanswers = 1`,
    );
    await site.sql.query(`delete from mdl_choice_answers where userid = 3`);
    const deleted = await deleteUsers(site, host, ['7']);
    await site.sql.query(`insert into mdl_choice_answers (choiceid, userid, optionid) values (1, 8, 1)`);
    const { lost, states } = await reinstate(site, host, deleted, '7', ['slots']);
    expect(lost).toMatch(/choice-option:1.*is full/);
    expect(states.filter(({ kind }) => kind === 'slot.join').map(({ state }) => state)).toEqual(['applied']);
  });
});
