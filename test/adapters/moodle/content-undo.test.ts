import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { orders, placeOf, takeContent } from './support/content.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { appliedChanges, deleteUsers, obstaclesOf, undo } from './support/operations.ts';
import type { Outcome } from './support/operations.ts';
import { onlyCopied } from './support/rare-course-rows.ts';
import { snapshot } from './support/table-diff.ts';
import { changedRows, imagedRows, notApplied, otherThanJournals } from './support/undo-checks.ts';

const rules = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const hostPolicy = moodleHost({ tablePrefix: 'mdl_', policy: 'host' });
const courses = { group: 'cohort:1', courses: ['2', '3'] };

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

/** learner3 has completed nothing and is in the child course by enrol_meta only; learner4 has completed course 3. */
async function mixed(): Promise<void> {
  await onlyCopied(site.sql);
  await site.sql.query(`
    update mdl_course_completions set timecompleted = case userid when 6 then 9 end where userid in (5, 6) and course in (2, 3);
    update mdl_user_enrolments set status = 1, timeend = 7 where id = 19`);
}

/** What hinders each change of being taken back: kind, user and obstacle. */
async function obstacles(outcome: Outcome, host = rules): Promise<string[]> {
  const changes = await appliedChanges(site.sql, outcome);
  const found = await obstaclesOf(site.sql, host, changes);
  return changes.map(({ id, kind, user }) => `${kind} ${user} ${found.get(id) ?? 'none'}`).sort();
}

describe.skipIf(!haveMoodle)('X-08 undo of taking content from a cohort', () => {
  test.each(orders)('policy rules, %s: every row is as before', async (_, there, back) => {
    await mixed();
    const before = await snapshot(site.sql);
    const outcome = await takeContent(site, rules, courses, there);
    expect(notApplied(outcome)).toEqual([]);
    expect(await imagedRows(site, outcome)).toEqual(changedRows(before, await snapshot(site.sql)));
    expect(new Set(outcome.states.map(({ kind }) => kind))).toEqual(
      new Set(['link.remove', 'access.revoke']),
    );
    const undone = await undo(site, rules, outcome, back);
    expect(notApplied(undone)).toEqual([]);
    expect(undone.states.length).toBe(outcome.states.length);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  test.each([rules, hostPolicy])('a learning path', async (host) => {
    const before = await snapshot(site.sql);
    const outcome = await takeContent(site, host, { group: 'cohort:2', paths: ['template:1'] });
    expect(await obstacles(outcome, host)).toEqual(['link.remove  none']);
    await undo(site, host, outcome);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
    expect(await obstacles(outcome, host)).toEqual(['link.remove  already']);
    await site.sql.query(`delete from mdl_competency_template`);
    expect(await obstacles(outcome, host)).toEqual(['link.remove  gone']);
  });

  test('nothing hinders what nobody has touched, and what is back is back', async () => {
    await mixed();
    const outcome = await takeContent(site, rules, { ...courses, courses: ['3'] });
    expect(await obstacles(outcome)).toEqual(['link.remove  none']);
    const first = await takeContent(site, rules, { ...courses, courses: ['2'] });
    expect(await obstacles(first)).toEqual(['access.revoke 5 none', 'link.remove  none']);
    await undo(site, rules, first);
    expect(await obstacles(first)).toEqual(['access.revoke 5 already', 'link.remove  already']);
  });

  test('what somebody has changed since stays', async () => {
    await mixed();
    const outcome = await takeContent(site, rules, { ...courses, courses: ['2'] });
    await site.sql.query(`update mdl_user_enrolments set timeend = 99 where id in (26, 28)`);
    expect(await obstacles(outcome)).toEqual(['access.revoke 5 moved-on', 'link.remove  none']);
    await undo(site, rules, outcome);
    expect(await placeOf(site, 5, 2)).toEqual(['cohort 1 0 99', 'role 5 enrol_cohort']);
  });

  test('a method that is gone since is not made anew: what was only closed is there or not', async () => {
    await mixed();
    const outcome = await takeContent(site, rules, { ...courses, courses: ['2'] });
    await site.sql.query(`delete from mdl_enrol where id = 10`);
    expect(await obstacles(outcome)).toEqual(['access.revoke 5 gone', 'link.remove  gone']);
    const before = await snapshot(site.sql);
    await undo(site, rules, outcome);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  test('policy host: with the cohort its methods are gone', async () => {
    const outcome = await takeContent(site, hostPolicy, { ...courses, courses: ['2'] });
    const users = ['access.revoke 5 none', 'access.revoke 6 none', 'access.revoke 7 none'];
    expect(await obstacles(outcome, hostPolicy)).toEqual([...users, 'link.remove  none']);
    await site.sql.query(`delete from mdl_cohort where id = 1`);
    const gone = users.map((text) => text.replace('none', 'gone'));
    expect(await obstacles(outcome, hostPolicy)).toEqual([...gone, 'link.remove  gone']);
  });

  test('policy host: who was enrolled again stays so', async () => {
    const outcome = await takeContent(site, hostPolicy, { ...courses, courses: ['2'] });
    await undo(site, hostPolicy, outcome);
    expect((await obstacles(outcome, hostPolicy)).every((text) => text.endsWith(' already'))).toBe(true);
    await site.sql.query(`delete from mdl_course where id = 2`);
    expect(await obstacles(outcome, hostPolicy)).toContain('link.remove  gone');
  });

  test('X-06 nothing comes back to an account that was deleted since', async () => {
    const outcome = await takeContent(site, hostPolicy, { ...courses, courses: ['2'] });
    await deleteUsers(site, hostPolicy, ['6']);
    const undone = await undo(site, hostPolicy, outcome);
    expect(notApplied(undone)).toMatchObject([{ user: '6', state: 'conflict' }]);
    expect(await placeOf(site, 6, 2)).toEqual([]);
    expect(await placeOf(site, 7, 2)).toContain('cohort 0 0 0');
  });
});
