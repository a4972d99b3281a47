import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { expectMeasured } from './support/compare-measured.ts';
import { orders, placeOf, planTaking, takeContent } from './support/content.ts';
import { parseMeasured } from './support/measured-changes.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite, readMeasured } from './support/moodle-site.ts';
import { apply, carryOut, openPlanned, statesOf, undo } from './support/operations.ts';
import { insertRareCourseRows, onlyCopied, setUnenrolActions } from './support/rare-course-rows.ts';
import { diff, snapshot } from './support/table-diff.ts';
import { changedRows, imagedRows, notApplied, otherThanJournals } from './support/undo-checks.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'host' });
const taken = { group: 'cohort:1', courses: ['2'] };

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

/** The instance of cohort 1 in course 2: its status, or null when it is gone. */
async function instance(): Promise<number | null> {
  const { rows } = await site.sql.query<{ status: number }>(
    `select status::int from mdl_enrol where id = 10`,
  );
  return rows[0]?.status ?? null;
}

async function planned(): Promise<string> {
  const changes = await planTaking(site, host, taken);
  return openPlanned(site, { changes, requestedBy: '2', undoes: null });
}

const linkStep = { chunk: 1, step: 'removeLinks', kind: 'link.remove' } as const;
const userStep = { chunk: 1, step: 'deassignContent', kind: 'access.revoke' } as const;

describe.skipIf(!haveMoodle)('policy host: a course leaves a cohort', () => {
  test.each(orders)('C-09 row for row what deleting the enrolment method does, %s', async (_, order) => {
    const before = await snapshot(site.sql);
    const outcome = await takeContent(site, host, taken, order);
    expect(notApplied(outcome)).toEqual([]);
    const measured = parseMeasured(await readMeasured('delete_enrol_instance_cohort'));
    expectMeasured(measured, diff(before, await snapshot(site.sql)));
  });

  test('every participant is in the plan, completed or not, and whoever keeps the course is told', async () => {
    const changes = await planTaking(site, host, taken);
    expect(changes.map(({ kind, user, after }) => [kind, user, after?.['access']])).toEqual([
      ['link.remove', '', undefined],
      ['access.revoke', '5', false],
      ['access.revoke', '6', true],
      ['access.revoke', '7', true],
    ]);
    expect(changes[2]?.reason).toEqual({
      rule: 'C-09',
      because: 'the enrolment by cohort:1 ends; another one still gives access',
    });
  });

  const cases = orders.flatMap(([name, there, back]) =>
    ['0', '3'].map((meta) => [name, meta, there, back] as const),
  );
  test.each(cases)(
    'X-08 %s, enrol_meta by action %s: every row is as before',
    async (_, meta, there, back) => {
      await insertRareCourseRows(site.sql);
      await onlyCopied(site.sql);
      await setUnenrolActions(site.sql, '2', meta);
      const before = await snapshot(site.sql);
      const outcome = await takeContent(site, host, { ...taken, courses: ['2', '3'] }, there);
      expect(notApplied(outcome)).toEqual([]);
      const after = await snapshot(site.sql);
      expect([...new Set(await imagedRows(site, outcome))]).toEqual(changedRows(before, after));
      expect(otherThanJournals(before, after)['mdl_enrol']?.deleted.length).toBe(2);
      const undone = await undo(site, host, outcome, back);
      expect(notApplied(undone)).toEqual([]);
      expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
    },
  );

  test('who came in since the plan goes with the method, and comes back with it', async () => {
    const changes = await planTaking(site, host, taken);
    await site.sql.query(`
      insert into mdl_cohort_members (cohortid, userid, timeadded) values (1, 15, 1);
      insert into mdl_user_enrolments (status, enrolid, userid) values (0, 10, 15);
      insert into mdl_role_assignments (roleid, contextid, userid, timemodified, modifierid, component, itemid)
        values (5, 26, 15, 1, 2, 'enrol_cohort', 10), (5, 26, 14, 1, 2, 'enrol_cohort', 10)`);
    const before = await snapshot(site.sql);
    const outcome = await carryOut(site, host, { changes, requestedBy: '2', undoes: null });
    expect(await placeOf(site, 15, 2)).toEqual([]);
    expect(await placeOf(site, 14, 2)).toEqual([]);
    await undo(site, host, outcome);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  test('X-07 the method stays, closed, until the last user is done', async () => {
    const operation = await planned();
    await apply(site, host, { operation, ...linkStep });
    await apply(site, host, { operation, ...userStep }, ['5', '6']);
    expect(await instance()).toBe(1);
    expect(await placeOf(site, 7, 2)).toContain('cohort 0 0 0');
    await apply(site, host, { operation, ...userStep }, ['7']);
    expect(await instance()).toBe(null);
  });

  test('X-05 of chunks that end at the same time one deletes the method', async () => {
    const operation = await planned();
    await Promise.all([
      apply(site, host, { operation, ...linkStep }),
      apply(site, host, { operation, ...userStep }, ['5', '7']),
      apply(site, host, { operation, ...userStep }, ['6']),
    ]);
    expect((await statesOf(site.sql, operation)).map(({ state }) => state)).toEqual(Array(4).fill('applied'));
    expect(await instance()).toBe(null);
  });

  test('what a cancelled removal has left is finished by the next', async () => {
    await apply(site, host, { operation: await planned(), ...linkStep });
    expect(await instance()).toBe(1);
    const outcome = await takeContent(site, host, taken);
    expect(notApplied(outcome)).toEqual([]);
    expect(await instance()).toBe(null);
    await undo(site, host, outcome);
    expect(await instance()).toBe(1);
  });

  test('a method that somebody has opened again meanwhile stays', async () => {
    const operation = await planned();
    await apply(site, host, { operation, ...linkStep });
    await site.sql.query(`update mdl_enrol set status = 0 where id = 10`);
    await apply(site, host, { operation, ...userStep });
    expect(await instance()).toBe(0);
  });

  test('X-06 who was unenrolled since the plan is a conflict', async () => {
    const operation = await planned();
    await site.sql.query(`delete from mdl_user_enrolments where enrolid = 10 and userid = 6`);
    await apply(site, host, { operation, ...linkStep });
    await apply(site, host, { operation, ...userStep });
    const states = await statesOf(site.sql, operation);
    expect(notApplied({ states, operation, planned: [] })).toMatchObject([{ user: '6', state: 'conflict' }]);
    expect(await instance()).toBe(null);
  });
});
