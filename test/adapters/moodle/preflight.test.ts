import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claimedColumns } from '../../../adapters/moodle/claimed-columns.ts';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { neededColumns } from '../../../adapters/moodle/needed-columns.ts';
import { userColumnPattern } from '../../../adapters/moodle/preflight.ts';
import { takeContent } from './support/content.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite, readUserColumns } from './support/moodle-site.ts';
import {
  backToGroups,
  carryOut,
  deleteGroup,
  deleteUsers,
  reinstate,
  removeFromGroups,
  undo,
} from './support/operations.ts';
import { removeFor, unenrolFrom } from './support/registrations.ts';
import { notApplied } from './support/undo-checks.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const claimed = Object.values(claimedColumns).flat();

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

test('X-14 a column is claimed once, and the pattern finds it', () => {
  expect(claimed.filter((name, i) => claimed.indexOf(name) !== i)).toEqual([]);
  const pattern = new RegExp(userColumnPattern);
  expect(claimed.filter((name) => !pattern.test(name.split('.')[1] ?? ''))).toEqual([]);
});

describe.skipIf(!haveMoodle)('preflight', () => {
  test('X-14 all user columns of a full Moodle 4.5 are claimed', async () => {
    const known = (await readUserColumns())
      .trim()
      .split('\n')
      .map((name) => name.replace(/^mdl_/, ''));
    expect(known.length).toBe(260);
    expect(known.filter((name) => !claimed.includes(name))).toEqual([]);
  });

  test('X-14 no drift on the measured site', async () => {
    expect(await host.preflight(site.sql)).toEqual([]);
  });

  test('X-14 a plugin that refers to users, by name or by key, is unclaimed', async () => {
    await site.sql.query(`
      create table mdl_facetoface_signups (id bigserial primary key, userid bigint, note text, sessionid bigint);
      create table mdl_booking (id bigserial primary key, person bigint references mdl_user, bookedbyuserid varchar(5));
      create table other_thing (userid bigint)`);
    const findings = await host.preflight(site.sql);
    expect(findings.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'unclaimed mdl_facetoface_signups.userid',
      'unclaimed mdl_booking.person',
    ]);
  });

  test('X-14 a table or column that the adapter needs is missing', async () => {
    await site.sql.query(
      `drop table mdl_sessions; alter table mdl_user_enrolments rename modifierid to whodidit`,
    );
    const findings = await host.preflight(site.sql);
    expect(findings.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'missing mdl_sessions',
      'missing mdl_user_enrolments.modifierid',
    ]);
  });

  test('the needed columns are all that the SQL names', async () => {
    await dropTheRest(site);
    for (const policy of ['rules', 'host'] as const) {
      const either = moodleHost({ tablePrefix: 'mdl_', policy });
      const references = [{ email: 'learner5@example.com' }];
      expect(await either.findUsers(site.sql, references)).toEqual([{ id: '7', living: true }]);
      await either.users(site.sql, ['9']);
      const { reports } = either;
      expect(await reports.users(site.sql, reports.columns, null, 1_000)).toHaveLength(
        await reports.count(site.sql),
      );
      expect(await reports.emailOf(site.sql, '7')).toBe('learner5@example.com');
      const groups = ['cohort:1', 'cohort:2', 'course-group:1'];
      for (const group of groups)
        expect(await either.findGroup(site.sql, group)).toMatchObject({ id: group });
      const removed = await removeFromGroups(site, either, ['5', '6', '7'], groups);
      expect(removed.states.filter(({ state }) => state !== 'applied')).toEqual([]);
      const rejoined = await undo(site, either, removed);
      expect(rejoined.states.filter(({ state }) => state !== 'applied')).toEqual([]);
      for (const taken of [{ courses: ['2'] }, { paths: ['template:1'] }]) {
        const group = 'courses' in taken ? 'cohort:1' : 'cohort:2';
        expect(await either.content?.findPath(site.sql, 'template:1')).toMatchObject({ id: 'template:1' });
        const lost = await takeContent(site, either, { group, ...taken });
        expect(lost.states.map(({ state }) => state)).toContain('applied');
        expect(notApplied(lost)).toEqual([]);
        expect(notApplied(await undo(site, either, lost))).toEqual([]);
      }
      for (const group of groups) {
        expect(await either.groups?.countOrphans(site.sql, [group])).toBe(group === 'cohort:1' ? 1 : 0);
        const gone = await deleteGroup(site, either, group);
        expect(notApplied(gone)).toEqual([]);
        expect(notApplied(await undo(site, either, gone, backToGroups))).toEqual([]);
      }
      expect(notApplied(await undo(site, either, await unenrolFrom(site, either, ['4', '2'])))).toEqual([]);
      const activity = { item: { activity: '3' }, before: null, after: { method: 'qualification' } };
      const reason = { rule: 'R-07', because: '' };
      const adding = {
        step: 'enrolQualified',
        kind: 'registration.add',
        user: '4',
        ...activity,
        reason,
      } as const;
      const added = await carryOut(site, either, { changes: [adding], requestedBy: '2', undoes: null });
      expect(notApplied(added)).toEqual([]);
      expect(notApplied(await undo(site, either, added))).toEqual([]);
      expect(await either.registrations?.people(site.sql, ['5'], 'lock')).toMatchObject([{ user: '5' }]);
      expect(await either.registrations?.qualifications(site.sql, ['2'], 'lock')).toHaveLength(1);
      expect(await either.registrations?.enrolled(site.sql, { users: ['5'] }, ['2'])).toHaveLength(1);
      const deleted = await deleteUsers(site, either, ['7', '9', '10', '13']);
      expect(deleted.states.filter(({ state }) => state !== 'applied')).toEqual([]);
      expect(await either.reinstatementFacts(site.sql, '9', true)).toMatchObject({ obstacle: null });
      const back = await reinstate(site, either, deleted, '9');
      const again = await undo(site, either, back);
      expect(again.states.filter(({ state }) => state !== 'applied')).toEqual([]);
      const undone = await undo(site, either, deleted);
      expect(undone.states.filter(({ state }) => state !== 'applied')).toEqual([]);
    }
    expect(notApplied(await removeFor(site, host, ['4', '2']))).toEqual([]);
  });
});

/** Leaves only the tables and columns that the adapter says it needs. */
async function dropTheRest({ sql }: MoodleSite): Promise<void> {
  const { rows } = await sql.query<{ table: string; column: string }>(
    `select substr(table_name, 5) as table, column_name as column from information_schema.columns where table_schema = 'public'`,
  );
  const tables = new Set(rows.map(({ table }) => table).filter((table) => !(table in neededColumns)));
  const columns = rows.filter(
    ({ table, column }) => table in neededColumns && !neededColumns[table]?.split(' ').includes(column),
  );
  const drops = [
    ...[...tables].map((table) => `drop table mdl_${table}`),
    ...columns.map(({ table, column }) => `alter table mdl_${table} drop column ${column} cascade`),
  ];
  await sql.query(drops.join(';'));
}
