import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { textOf } from '../../../contracts/changes.ts';
import type { JsonObject } from '../../../contracts/changes.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { appliedChanges, deleteUsers, reinstate, undo } from './support/operations.ts';
import { authorsOf, insertFullLife } from './support/reinstatement-checks.ts';
import { notApplied } from './support/undo-checks.ts';

const rules = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

/** The group, slot or course that a change is about. */
const nameOf = ({ group, slot, id }: JsonObject): string =>
  textOf({ name: group ?? slot ?? id ?? '' }, 'name');

describe.skipIf(!haveMoodle)('X-08 what hinders the undo of a reinstatement', () => {
  async function obstaclesAfter(meanwhile: string): Promise<string[]> {
    await insertFullLife(site.sql);
    const deleted = await deleteUsers(site, rules, ['9', '11']);
    const back = await reinstate(site, rules, deleted, '9');
    await site.sql.query(meanwhile);
    const changes = await appliedChanges(site.sql, back);
    const found = await rules.undoObstacles(site.sql, changes);
    const names = new Map(changes.map(({ id, kind, item }) => [id, `${kind} ${nameOf(item)}`.trim()]));
    return found.map(({ id, obstacle }) => `${names.get(id) ?? ''}: ${obstacle}`).sort();
  }

  test.each([
    ['nothing', 'select', []],
    [
      'a membership that came since',
      `insert into mdl_cohort_members (cohortid, userid, timeadded) values (2, 9, 1)`,
      ['account.reinstate: moved-on'],
    ],
    [
      'an office that came since',
      `insert into mdl_role_assignments (roleid, contextid, userid) values (1, 12, 9)`,
      ['account.reinstate: moved-on'],
    ],
    [
      'a course that came since',
      `insert into mdl_course (id, category) values (90, 1);
       insert into mdl_context (id, contextlevel, instanceid, path) values (990, 50, 90, '/1/990');
       insert into mdl_role_assignments (roleid, contextid, userid) values (3, 990, 9)`,
      ['account.reinstate: moved-on'],
    ],
    [
      'a course shared since, whose first author is another',
      `insert into mdl_course (id, category) values (90, 1);
       insert into mdl_context (id, contextlevel, instanceid, path) values (990, 50, 90, '/1/990');
       insert into mdl_role_assignments (roleid, contextid, userid) values (3, 990, 10), (3, 990, 9)`,
      [],
    ],
    [
      'that it is a site administrator now',
      `update mdl_config set value = value || ',9' where name = 'siteadmins'`,
      ['account.reinstate: moved-on'],
    ],
    [
      'that it is deleted already',
      `update mdl_user set deleted = 1 where id = 9`,
      ['account.reinstate: already'],
    ],
    ['that it is gone', `delete from mdl_user where id = 9`, ['account.reinstate: gone']],
    [
      'what is not there any more',
      `delete from mdl_cohort_members where userid = 9; delete from mdl_choice_answers where userid = 9`,
      ['membership.add cohort:3: already', 'slot.join choice-option:5: already'],
    ],
    [
      'a choice that has closed',
      `update mdl_choice set timeclose = 1 where id = 3`,
      ['slot.join choice-option:5: begun'],
    ],
    [
      'courses that have moved on, to the successor or to others, or are gone',
      `delete from mdl_role_assignments where userid = 9 and contextid in (26, 27) and roleid = 3;
       delete from mdl_role_assignments where userid = 10 and contextid = 27 and roleid = 3;
       delete from mdl_context where id = 28`,
      ['ownership.transfer 2: already', 'ownership.transfer 3: moved-on', 'ownership.transfer 4: gone'],
    ],
  ])('%s', async (_, meanwhile, expected) => {
    expect(await obstaclesAfter(meanwhile)).toEqual(expected);
  });

  test('a co-author who has left already', async () => {
    const deleted = await deleteUsers(site, rules, ['10']);
    const back = await reinstate(site, rules, deleted, '10');
    await site.sql.query(`delete from mdl_role_assignments where userid = 10 and contextid = 26`);
    const changes = await appliedChanges(site.sql, back);
    const found = await rules.undoObstacles(site.sql, changes);
    const left = changes.find(({ kind, item }) => kind === 'co-role.add' && item['id'] === '2');
    expect(found).toEqual([{ id: left?.id, obstacle: 'already' }]);
  });

  test('X-06 a course whose successor has gone is not handed on to nobody', async () => {
    const deleted = await deleteUsers(site, rules, ['9']);
    const back = await reinstate(site, rules, deleted, '9');
    await site.sql.query(
      `delete from mdl_role_assignments where userid = 10 and contextid = 26 and roleid = 3`,
    );
    await site.sql.query(`update mdl_user set deleted = 1 where id = 10`);
    const undone = await undo(site, rules, back);
    const kept = notApplied(undone).map(({ kind }) => kind);
    expect(new Set(kept)).toEqual(new Set(['ownership.transfer']));
    expect(kept.length).toBe(3);
    // The author's role waits for the next round, which hands the courses on (D-13).
    expect((await authorsOf(site.sql))['2']).toEqual([9]);
  });
});
