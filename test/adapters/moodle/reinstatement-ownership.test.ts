import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { Restorable } from '../../../contracts/operations.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { deleteUsers, reinstate } from './support/operations.ts';
import { authorsOf, awayRows, onlyWent } from './support/reinstatement-checks.ts';
import { snapshot } from './support/table-diff.ts';
import { notApplied, otherThanJournals } from './support/undo-checks.ts';

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

describe.skipIf(!haveMoodle)('D-20 ownership', () => {
  test('the promoted successor is the first of the co-authors again', async () => {
    await site.sql.query(
      `insert into mdl_role_assignments (roleid, contextid, userid, timemodified, modifierid) values (3, 26, 15, 9, 2)`,
    );
    const deleted = await deleteUsers(site, rules, ['9']);
    expect((await authorsOf(site.sql))['2']).toEqual([10, 15]);
    await reinstate(site, rules, deleted, '9');
    expect((await authorsOf(site.sql))['2']).toEqual([9, 10, 15]);
  });

  test('who was appointed goes, with the enrolment that came with it', async () => {
    const living = await snapshot(site.sql);
    const deleted = await deleteUsers(site, rules, ['9', '10']);
    expect(await authorsOf(site.sql)).toEqual({ 2: [13], 3: [13], 4: [13] });
    await reinstate(site, rules, deleted, '9');
    expect(await authorsOf(site.sql)).toEqual({ 2: [9], 3: [9], 4: [9] });
    await reinstate(site, rules, deleted, '10');
    const away = [...awayRows(living, '9', everything), ...awayRows(living, '10', everything)].sort();
    expect(onlyWent(otherThanJournals(living, await snapshot(site.sql)))).toEqual({
      went: away,
      changed: [],
    });
  });

  test('a co-author does not come before today’s first author; the author of then does', async () => {
    const deleted = await deleteUsers(site, rules, ['9', '10']);
    const co = await reinstate(site, rules, deleted, '10');
    expect(notApplied(co)).toEqual([]);
    expect(await authorsOf(site.sql)).toEqual({ 2: [13, 10], 3: [13, 10], 4: [13, 10] });
    const main = await reinstate(site, rules, deleted, '9');
    expect(notApplied(main)).toEqual([]);
    expect(await authorsOf(site.sql)).toEqual({ 2: [9, 10], 3: [9, 10], 4: [9, 10] });
  });

  test('a course whose successor has left it is listed, the others come back', async () => {
    const deleted = await deleteUsers(site, rules, ['9']);
    await site.sql.query(`delete from mdl_role_assignments where userid = 10 and contextid = 26`);
    const back = await reinstate(site, rules, deleted, '9');
    expect(back.lost).toMatch(/not restored: ownership.transfer of [^;]*2[^;]*was changed/);
    expect(await authorsOf(site.sql)).toEqual({ 3: [9, 10], 4: [9, 10] });
  });

  test('X-06 a successor who is passed between plan and apply keeps what is theirs', async () => {
    const deleted = await deleteUsers(site, rules, ['9']);
    const back = await reinstate(
      { ...site, transaction: afterPassing(site) },
      rules,
      deleted,
      '9',
      everything,
    );
    expect(notApplied(back).map(({ kind }) => kind)).toEqual(['ownership.transfer']);
    expect((await authorsOf(site.sql))['2']).toEqual([15, 10]);
  });

  test('policy host hands nothing on: the roles of an author come back with the account', async () => {
    const before = await authorsOf(site.sql);
    const deleted = await deleteUsers(site, hostPolicy, ['9']);
    await reinstate(site, hostPolicy, deleted, '9', []);
    expect(await authorsOf(site.sql)).toEqual(before);
  });
});

/** Somebody else becomes the first author of course 2 (by an assignment that is older than all) before anything is applied. */
function afterPassing({ sql, transaction }: MoodleSite): MoodleSite['transaction'] {
  return async (work) => {
    await sql.query(
      `insert into mdl_role_assignments (id, roleid, contextid, userid, timemodified, modifierid)
         values (-1, 3, 26, 15, 9, 2) on conflict do nothing`,
    );
    return transaction(work);
  };
}
