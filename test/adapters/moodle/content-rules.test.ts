import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { orders, placeOf, planTaking, takeContent } from './support/content.ts';
import type { Taken } from './support/content.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { carryOut, removeFromGroups } from './support/operations.ts';
import { onlyCopied, setUnenrolActions } from './support/rare-course-rows.ts';
import { diff, snapshot } from './support/table-diff.ts';
import type { TableDiff } from './support/table-diff.ts';
import { notApplied } from './support/undo-checks.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

/** Takes content away; all tables that differ then but the log and the flags. */
async function taken(what: Taken, order?: (typeof orders)[number][1]) {
  const before = await snapshot(site.sql);
  const outcome = await takeContent(site, host, what, order);
  const changed = diff(before, await snapshot(site.sql));
  const log = changed.get('mdl_logstore_standard_log')?.inserted ?? [];
  changed.delete('mdl_logstore_standard_log');
  changed.delete('mdl_cache_flags');
  return { outcome, changed, log };
}

const kinds = ({ planned }: { planned: { kind: string; user: string }[] }) =>
  planned.map(({ kind, user }) => `${kind} ${user}`.trim());

const updatedIds = (table: TableDiff | undefined) => (table?.updated ?? []).map(({ after }) => after['id']);

const notCompleted = `update mdl_course_completions set timecompleted = null where course = 2 and userid = 5`;

describe.skipIf(!haveMoodle)('policy rules: a course leaves a cohort', () => {
  test.each(orders)(
    'C-09, C-01 suspended, nothing else, but who has another cohort, enrolment or completion (%s)',
    async (_, order) => {
      const { outcome, changed } = await taken({ group: 'cohort:1', courses: ['3'] }, order);
      expect(kinds(outcome)).toEqual(['link.remove', 'access.revoke 6']);
      expect(notApplied(outcome)).toEqual([]);
      expect([...changed.keys()].sort()).toEqual(['mdl_enrol', 'mdl_user_enrolments']);
      expect(changed.get('mdl_enrol')?.updated).toMatchObject([{ after: { id: 11, status: 1 } }]);
      expect(updatedIds(changed.get('mdl_user_enrolments'))).toEqual([30]);
      expect(await placeOf(site, 6, 3)).toEqual(['cohort 1 0 0', 'role 5 enrol_cohort']);
    },
  );

  test.each(orders)('the copies that enrol_meta has made are suspended too (%s)', async (_, order) => {
    await onlyCopied(site.sql);
    await site.sql.query(notCompleted);
    const { outcome, changed } = await taken({ group: 'cohort:1', courses: ['2'] }, order);
    expect(kinds(outcome)).toEqual(['link.remove', 'access.revoke 5']);
    expect(updatedIds(changed.get('mdl_user_enrolments'))).toEqual([26, 28]);
    expect(await placeOf(site, 5, 4)).toEqual(['meta 1 0 0']);
    expect(changed.has('mdl_grade_grades')).toBe(false);
    expect(changed.has('mdl_groups_members')).toBe(false);
  });

  test("whatever the site's own setting says", async () => {
    await setUnenrolActions(site.sql, '0');
    await site.sql.query(notCompleted);
    await taken({ group: 'cohort:1', courses: ['2'] });
    expect(await placeOf(site, 5, 2)).toEqual(['cohort 1 0 0', 'role 5 enrol_cohort']);
  });

  test('it is logged, and open sessions notice it', async () => {
    await site.sql.query(`delete from mdl_cache_flags`);
    const { log } = await taken({ group: 'cohort:1', courses: ['3'] });
    expect(
      log.map((row) => [row['eventname'], row['objectid'], row['courseid'], row['relateduserid']]),
    ).toEqual([
      ['\\core\\event\\enrol_instance_updated', 11, 3, null],
      ['\\core\\event\\user_enrolment_updated', 30, 3, 6],
    ]);
    const { rows } = await site.sql.query(`select flagtype, name, value from mdl_cache_flags order by 1`);
    expect(rows).toEqual([
      { flagtype: 'accesslib/dirtycontexts', name: '/1/11/12/27', value: '1' },
      { flagtype: 'accesslib/dirtyusers', name: '6', value: '1' },
    ]);
  });

  test.each(orders)(
    'C-02 a manual enrolment takes over where the course is completed (%s)',
    async (_, order) => {
      const { outcome, changed } = await taken({ group: 'cohort:1', courses: ['2'] }, order);
      expect(kinds(outcome)).toEqual(['link.remove']);
      expect(await placeOf(site, 5, 2)).toEqual([
        'cohort 1 0 0',
        'manual 0 0 0',
        'role 5',
        'role 5 enrol_cohort',
      ]);
      expect(await placeOf(site, 5, 4)).toContain('meta 0 0 0');
      expect([...changed.keys()].sort()).toEqual([
        'mdl_enrol',
        'mdl_role_assignments',
        'mdl_user_enrolments',
      ]);
      expect(changed.get('mdl_user_enrolments')?.inserted.length).toBe(1);
    },
  );

  test.each(orders)('C-02 completed between plan and apply (%s)', async (_, order) => {
    const changes = await planTaking(site, host, { group: 'cohort:1', courses: ['3'] });
    await site.sql.query(
      `update mdl_course_completions set timecompleted = 9 where course = 3 and userid = 6`,
    );
    await carryOut(site, host, { changes, requestedBy: '2', undoes: null, order });
    expect(await placeOf(site, 6, 3)).toContain('manual 0 0 0');
  });

  test.each(orders)(
    'C-02 ... and nothing can keep the user in it: nothing is taken (%s)',
    async (_, order) => {
      const changes = await planTaking(site, host, { group: 'cohort:1', courses: ['3'] });
      await site.sql.query(`
      update mdl_course_completions set timecompleted = 9 where course = 3 and userid = 6;
      update mdl_enrol set status = 1 where id = 4`);
      const before = await snapshot(site.sql);
      const outcome = await carryOut(site, host, { changes, requestedBy: '2', undoes: null, order });
      expect(outcome.states.map(({ state }) => state)).toEqual(['conflict', 'conflict']);
      expect([...diff(before, await snapshot(site.sql)).keys()]).toEqual([]);
    },
  );

  test('C-02 a completed child keeps what enrol_meta gave', async () => {
    await onlyCopied(site.sql);
    await site.sql.query(`
      ${notCompleted};
      update mdl_course_completions set timecompleted = 9 where course = 4 and userid = 5`);
    await taken({ group: 'cohort:1', courses: ['2'] });
    expect(await placeOf(site, 5, 2)).toEqual(['cohort 1 0 0', 'role 5 enrol_cohort']);
    expect(await placeOf(site, 5, 4)).toContain('manual 0 0 0');
  });

  test('C-02 without a manual method for the completed the course cannot be taken', async () => {
    await site.sql.query(`update mdl_enrol set status = 1 where id = 1`);
    const query = { type: 'groupCourse', holder: 'cohort:1', activities: ['2', '3'] } as const;
    expect(await host.content?.standsInTheWay?.(site.sql, query)).toContain('completed course 2 ');
    const { outcome, changed } = await taken({ group: 'cohort:1', courses: ['2'] });
    expect(outcome.states).toMatchObject([{ kind: 'link.remove', state: 'conflict' }]);
    expect([...changed.keys()]).toEqual([]);
  });

  test('X-06 who has come by an enrolment of their own since the plan keeps the course', async () => {
    const changes = await planTaking(site, host, { group: 'cohort:1', courses: ['3'] });
    await site.sql.query(
      `insert into mdl_user_enrolments (status, enrolid, userid, timeend) values (0, 4, 6, 0)`,
    );
    const outcome = await carryOut(site, host, { changes, requestedBy: '2', undoes: null });
    expect(notApplied(outcome)).toMatchObject([{ user: '6', state: 'conflict' }]);
    expect(await placeOf(site, 6, 3)).toEqual(['cohort 0 0 0', 'manual 0 0 0', 'role 5 enrol_cohort']);
  });

  test('again: nothing is left to do', async () => {
    await taken({ group: 'cohort:1', courses: ['3'] });
    expect(await planTaking(site, host, { group: 'cohort:1', courses: ['3'] })).toEqual([]);
  });

  test('C-15 one cohort after the other ends as the other way round', async () => {
    const ends: string[][] = [];
    for (const groups of [
      ['cohort:1', 'cohort:2'],
      ['cohort:2', 'cohort:1'],
    ]) {
      const other = await openSite();
      try {
        await other.sql.query(`update mdl_course_completions set timecompleted = null where course = 3`);
        for (const group of groups) await takeContent(other, host, { group, courses: ['3'] });
        ends.push([...(await placeOf(other, 5, 3)), ...(await placeOf(other, 6, 3))]);
      } finally {
        await other.close();
      }
    }
    expect(ends[0]).toEqual(ends[1]);
    expect(ends[0]?.filter((text) => text.startsWith('cohort'))).toEqual(Array(3).fill('cohort 1 0 0'));
  });

  test('C-08 who leaves the cohort afterwards loses what is left of it as ever', async () => {
    await taken({ group: 'cohort:1', courses: ['3'] });
    await removeFromGroups(site, host, ['6'], ['cohort:1']);
    expect(await placeOf(site, 6, 3)).toEqual([]);
  });
});

describe.skipIf(!haveMoodle)('a learning path leaves a cohort', () => {
  test.each(['rules', 'host'] as const)(
    'C-10 policy %s: the link goes, plans stay (C-03)',
    async (policy) => {
      const either = moodleHost({ tablePrefix: 'mdl_', policy });
      const before = await snapshot(site.sql);
      const outcome = await takeContent(site, either, { group: 'cohort:2', paths: ['template:1'] });
      expect(kinds(outcome)).toEqual(['link.remove']);
      expect(notApplied(outcome)).toEqual([]);
      const changed = diff(before, await snapshot(site.sql));
      expect([...changed.keys()]).toEqual(['mdl_competency_templatecohort']);
      expect(changed.get('mdl_competency_templatecohort')?.deleted).toMatchObject([{ id: 1 }]);
    },
  );
});
