import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { Restorable } from '../../../contracts/operations.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { deleteUsers, reinstate, undo } from './support/operations.ts';
import { insertRareRows } from './support/rare-rows.ts';
import { authorsOf, awayRows, insertFullLife, onlyWent } from './support/reinstatement-checks.ts';
import { snapshot } from './support/table-diff.ts';
import { changedRows, imagedRows, notApplied, otherThanJournals } from './support/undo-checks.ts';

const rules = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const hostPolicy = moodleHost({ tablePrefix: 'mdl_', policy: 'host' });
const everything: Restorable[] = ['memberships', 'slots', 'ownership'];

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

/** As if a while had passed: what a deletion writes from now on has another time than what one has written so far. */
const later = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 1100));

describe.skipIf(!haveMoodle)('X-08 undo of a reinstatement', () => {
  test.each<[string, typeof rules, string[], Restorable[]]>([
    ['rules', rules, ['3'], everything],
    ['rules', rules, ['7'], everything],
    ['rules', rules, ['9'], everything],
    ['rules', rules, ['9'], []],
    ['rules', rules, ['9'], ['ownership']],
    ['rules', rules, ['9', '10'], everything],
    ['host', hostPolicy, ['7'], everything],
    ['host', hostPolicy, ['9'], ['memberships']],
  ])('policy %s: deleted again, row by row as then (%#)', async (_, host, users, restore) => {
    await insertRareRows(site.sql);
    await insertFullLife(site.sql);
    const deleted = await deleteUsers(site, host, users);
    for (const user of users) {
      const gone = await snapshot(site.sql);
      const back = await reinstate(site, host, deleted, user, restore);
      const alive = await snapshot(site.sql);
      await later();
      const undone = await undo(site, host, back);
      expect(notApplied(undone)).toEqual([]);
      const after = await snapshot(site.sql);
      expect(otherThanJournals(gone, after)).toEqual({});
      expect(await imagedRows(site, undone)).toEqual(changedRows(alive, after));
      await reinstate(site, host, deleted, user, restore);
      expect(otherThanJournals(alive, await snapshot(site.sql))).toEqual({});
    }
  });

  test('likewise for a co-author who has come back behind another first author', async () => {
    const deleted = await deleteUsers(site, rules, ['9', '10']);
    const gone = await snapshot(site.sql);
    const back = await reinstate(site, rules, deleted, '10');
    expect(notApplied(await undo(site, rules, back))).toEqual([]);
    expect(otherThanJournals(gone, await snapshot(site.sql))).toEqual({});
    await reinstate(site, rules, deleted, '10');
    expect(await authorsOf(site.sql)).toEqual({ 2: [13, 10], 3: [13, 10], 4: [13, 10] });
  });

  test('deleted again, and reinstated from that: as after the first time', async () => {
    await insertFullLife(site.sql);
    const living = await snapshot(site.sql);
    await reinstate(site, rules, await deleteUsers(site, rules, ['9']), '9');
    const again = await deleteUsers(site, rules, ['9']);
    expect(notApplied(again)).toEqual([]);
    const back = await reinstate(site, rules, again, '9');
    expect(notApplied(back)).toEqual([]);
    expect(onlyWent(otherThanJournals(living, await snapshot(site.sql)))).toEqual({
      went: awayRows(living, '9', everything),
      changed: [],
    });
  });

  test('D-01 what has come since goes too: sessions, enrolments, preferences', async () => {
    const deleted = await deleteUsers(site, rules, ['7']);
    const gone = await snapshot(site.sql);
    const back = await reinstate(site, rules, deleted, '7');
    await site.sql.query(`
      insert into mdl_sessions (userid, sid, timecreated, timemodified) values (7, 'new', 1, 1);
      insert into mdl_user_preferences (userid, name, value) values (7, 'new', '1');
      insert into mdl_user_enrolments (enrolid, userid) values (4, 7)`);
    await undo(site, rules, back);
    expect(otherThanJournals(gone, await snapshot(site.sql))).toEqual({});
  });

  test('an erasure request that was put off for good is not made again; a name taken meanwhile is left alone', async () => {
    await site.sql.query(
      `update mdl_config_plugins set value = '0' where name = 'automaticdeletionrequests'`,
    );
    const deleted = await deleteUsers(site, rules, ['7']);
    await site.sql.query(
      `update mdl_config_plugins set value = '1' where name = 'automaticdeletionrequests'`,
    );
    const { rows } = await site.sql.query<{ username: string }>(`select username from mdl_user where id = 7`);
    const back = await reinstate(site, rules, deleted, '7', []);
    await site.sql.query(`update mdl_user set username = $1 where id = 14`, [rows[0]?.username]);
    expect(notApplied(await undo(site, rules, back)).map(({ kind }) => kind)).toEqual(['account.retire']);
    await site.sql.query(`update mdl_user set username = 'spare1' where id = 14`);
    expect(notApplied(await undo(site, rules, back))).toEqual([]);
    const requests = await site.sql.query(`select from mdl_tool_dataprivacy_request where userid = 7`);
    expect(requests.rows.length).toBe(0);
  });

  test('groups and completions that somebody has touched since are not set back', async () => {
    const deleted = await deleteUsers(site, rules, ['7']);
    const back = await reinstate(site, rules, deleted, '7');
    await site.sql.query(`update mdl_groups set timemodified = 5 where id = 1`);
    await later();
    await undo(site, rules, back);
    const { rows } = await site.sql.query<{ fresh: boolean }>(
      `select timemodified > (select timemodified from mdl_user where id = 7) as fresh from mdl_groups where id in (1, 2) order by id`,
    );
    expect(rows).toEqual([{ fresh: true }, { fresh: false }]);
  });
});
