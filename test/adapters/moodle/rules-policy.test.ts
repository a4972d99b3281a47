import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { carryOut, deleteUsers, planFor } from './support/operations.ts';
import { diff, snapshot } from './support/table-diff.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const hostPolicy = moodleHost({ tablePrefix: 'mdl_', policy: 'host' });

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

/** Authors of the courses 2 to 4, in order. */
async function authors(): Promise<Record<string, number[]>> {
  const { rows } = await site.sql.query<{ course: string; users: number[] }>(
    `select c.instanceid::text as course, array_agg(a.userid::int order by a.id) as users
       from mdl_role_assignments a join mdl_context c on c.id = a.contextid
      where a.roleid = 3 and a.component = '' and c.contextlevel = 50 group by 1`,
  );
  return Object.fromEntries(rows.map(({ course, users }) => [course, users]));
}

const transfers = (changes: Awaited<ReturnType<typeof planFor>>) =>
  changes.flatMap(({ kind, item, after, reason }) =>
    kind === 'ownership.transfer' ? [[item['id'], after?.['main'], reason.rule]] : [],
  );

describe.skipIf(!haveMoodle)('policy rules', () => {
  test('D-05 the next editing teacher follows, and nothing else differs from the policy host', async () => {
    const before = await snapshot(site.sql);
    const { planned, states } = await deleteUsers(site, host, ['9']);
    expect(states.filter(({ state }) => state !== 'applied')).toEqual([]);
    expect(transfers(planned)).toEqual([
      ['2', '10', 'D-05'],
      ['3', '10', 'D-05'],
      ['4', '10', 'D-05'],
    ]);
    expect(await authors()).toEqual({ 2: [10], 3: [10], 4: [10] });
    const counts = countsOf(diff(before, await snapshot(site.sql)));
    const other = await openSite();
    try {
      await deleteUsers(other, hostPolicy, ['9']);
      const flagOfSuccessor = 0; // an author who stays keeps the rights that the flag would renew
      const expected = countsOf(diff(before, await snapshot(other.sql)));
      expect(counts).toEqual({ ...expected, mdl_cache_flags: [0, flagOfSuccessor, 1] });
    } finally {
      await other.close();
    }
  });

  test('D-06 D-07 D-13 without an author left, the manager of the category or of the one above', async () => {
    await site.sql.query(
      `insert into mdl_role_assignments (roleid, contextid, userid, timemodified, modifierid) values (1, 12, 15, 9, 2)`,
    );
    const { planned } = await deleteUsers(site, host, ['9', '10']);
    expect(transfers(planned)).toEqual([
      ['2', '15', 'D-06'],
      ['3', '15', 'D-06'],
      ['4', '13', 'D-06'],
    ]);
    expect(await authors()).toEqual({ 2: [15], 3: [15], 4: [13] });
    const { rows } = await site.sql.query(
      `select userid::int as user, enrolid::int as enrol, status::int, modifierid::int from mdl_user_enrolments
        where userid in (13, 15) order by enrolid`,
    );
    expect(rows).toEqual([
      { user: 15, enrol: 1, status: 0, modifierid: 2 },
      { user: 15, enrol: 4, status: 0, modifierid: 2 },
      { user: 13, enrol: 7, status: 0, modifierid: 2 },
    ]);
  });

  test('D-07 one level up', async () => {
    const changes = await planFor(site.sql, host, ['9', '10']);
    expect(transfers(changes)).toEqual([
      ['2', '13', 'D-07'],
      ['3', '13', 'D-07'],
      ['4', '13', 'D-06'],
    ]);
  });

  test('D-08 with every manager gone, the first site administrator', async () => {
    const { planned } = await deleteUsers(site, host, ['9', '10', '12', '13']);
    expect(transfers(planned)).toEqual([
      ['2', '2', 'D-08'],
      ['3', '2', 'D-08'],
      ['4', '2', 'D-08'],
    ]);
    expect(await authors()).toEqual({ 2: [2], 3: [2], 4: [2] });
  });

  test('D-11 a co-author leaves the co-authors, and a copy by enrol_meta was never one', async () => {
    await site.sql.query(`delete from mdl_role_assignments where id in (13, 14)`);
    const { planned } = await deleteUsers(site, host, ['10']);
    const given = planned.flatMap(({ kind, item }) => (kind === 'co-role.remove' ? [item['id']] : []));
    expect(given).toEqual(['2', '3']);
    expect(await authors()).toEqual({ 2: [9], 3: [9] });
  });

  test('D-03 answers to choices that are open are seats, those of closed ones are history', async () => {
    await site.sql.query(
      `update mdl_choice set timeclose = extract(epoch from now())::bigint - 10 where id = 1`,
    );
    await deleteUsers(site, host, ['7']);
    const { rows } = await site.sql.query(`select choiceid::int from mdl_choice_answers where userid = 7`);
    expect(rows).toEqual([{ choiceid: 1 }]);
  });

  test('D-02 a completion that hung on a grade stays; under the policy host it drops, as in Moodle', async () => {
    const completed = `select userid::int as user, completionstate from mdl_course_modules_completion
                        where coursemoduleid = 3 order by userid`;
    await site.sql
      .query(`update mdl_course_modules set completion = 2, completiongradeitemnumber = 0, instance = 1,
                          module = (select id from mdl_modules where name = 'assign') where id = 3`);
    await site.sql
      .query(`insert into mdl_course_modules_completion (coursemoduleid, userid, completionstate, timemodified)
                          values (3, 5, 1, 1), (3, 7, 1, 1)`);
    await deleteUsers(site, host, ['7']);
    await deleteUsers(site, hostPolicy, ['5']);
    expect((await site.sql.query(completed)).rows).toEqual([
      { user: 5, completionstate: 0 },
      { user: 7, completionstate: 1 },
    ]);
  });

  test('X-06 a successor who was deleted meanwhile, or another first author: conflict', async () => {
    const changes = await planFor(site.sql, host, ['9']);
    await site.sql.query(`update mdl_role_assignments set contextid = 99 where id = 4`);
    await site.sql.query(`delete from mdl_role_assignments where id = 11`);
    const { states } = await carryOut(site, host, { changes, requestedBy: '2', undoes: null });
    expect(states.filter(({ kind }) => kind === 'ownership.transfer').map(({ state }) => state)).toEqual([
      'conflict',
      'conflict',
      'applied',
    ]);
    const late = await planFor(site.sql, host, ['10']);
    await site.sql.query(`update mdl_user set deleted = 1 where id in (2, 13)`);
    const second = await carryOut(site, host, { changes: late, requestedBy: '2', undoes: null });
    const ownership = second.states.filter(({ kind }) => kind === 'ownership.transfer');
    expect(new Set(ownership.map(({ state }) => state))).toEqual(new Set(['conflict']));
  });

  test('X-06 a membership that was given anew since the plan is not ended', async () => {
    const changes = await planFor(site.sql, host, ['5', '13']);
    await site.sql.query(
      `update mdl_cohort_members set timeadded = timeadded + 1 where userid = 5 and cohortid = 1`,
    );
    await site.sql.query(`update mdl_role_assignments set timemodified = timemodified + 1 where userid = 13`);
    const { states } = await carryOut(site, host, {
      changes: changes.filter(({ kind }) => kind === 'membership.remove'),
      requestedBy: '2',
      undoes: null,
    });
    expect(states.map(({ user, state }) => `${user} ${state}`).sort()).toEqual([
      '13 conflict',
      '5 applied',
      '5 applied',
      '5 conflict',
    ]);
  });

  test('site administrators and the guest are never changed', async () => {
    await site.sql.query(`update mdl_config set value = '2,7' where name = 'siteadmins'`);
    const before = await snapshot(site.sql);
    const { states } = await deleteUsers(site, host, ['7']);
    expect(states.length).toBeGreaterThan(3);
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['conflict']));
    expect(await planFor(site.sql, host, ['1'])).toEqual([]);
    expect([...diff(before, await snapshot(site.sql)).keys()]).toEqual([]);
  });

  test('accounts that share an email get names of their own, and system acts as the first administrator', async () => {
    await site.sql.query(`update mdl_user set email = 'Néw Shared+x@Example.com' where id in (3, 4, 5)`);
    await site.sql.query(`update mdl_user set email = '' where id = 6`);
    await site.sql.query(`insert into mdl_user (mnethostid, username, deleted)
      select 1, 'nwsharedx@example.com.' || s, 1
        from generate_series(extract(epoch from now())::bigint, extract(epoch from now())::bigint + 30) s`);
    const { states } = await deleteUsers(site, host, ['3', '4', '5', '6'], 'system');
    expect(states.filter(({ state }) => state !== 'applied')).toEqual([]);
    const { rows } = await site.sql.query<{ username: string }>(
      `select username from mdl_user where id in (3, 4, 5, 6) order by id`,
    );
    const stems = rows.map(({ username }) => username.replace(/\.\d{10}$/, ''));
    expect(stems).toEqual([
      ...Array<string>(3).fill('nwsharedx@example.com'),
      'learner4.6@unknownemail.invalid',
    ]);
    expect(new Set(rows.map(({ username }) => username)).size).toBe(4);
    const { rows: log } = await site.sql.query(
      `select distinct userid::int as actor from mdl_logstore_standard_log where eventname = '\\core\\event\\user_deleted'`,
    );
    expect(log).toEqual([{ actor: 2 }]);
  });
});

function countsOf(tables: ReturnType<typeof diff>): Record<string, number[]> {
  return Object.fromEntries(
    [...tables].map(([table, { inserted, deleted, updated }]) => [
      table,
      [deleted.length, inserted.length, updated.length],
    ]),
  );
}
