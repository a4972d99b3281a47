import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { judgeDeletion } from '../../../rules/deletion.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { deleteUsers } from './support/operations.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const seconds = (n: number) => n * 1_000_000;

let site: MoodleSite;
beforeAll(async () => {
  if (!haveMoodle) return;
  site = await openSite();
  await site.sql.query(`update mdl_config set value = '2,14' where name = 'siteadmins'`);
  await site.sql.query(`update mdl_cohort set visible = 0 where id = 3`);
});
afterAll(async () => {
  if (haveMoodle) await site.close();
});

describe.skipIf(!haveMoodle)('facts', () => {
  test('the platform', async () => {
    const platform = { owner: '2', rootGroup: 'system', timeZone: 'Europe/London' };
    expect(await host.platform(site.sql)).toEqual(platform);
    expect(await host.countLivingUsers(site.sql)).toBe(14);
  });

  test('memberships: cohorts, categories, the root', async () => {
    const { users, groups } = await host.deletionFacts(
      site.sql,
      ['5', '12', '13', '14', '15', '9999', 'x'],
      null,
    );
    const memberships = users.map(({ id, memberships }) => [
      id,
      memberships.map(({ group, role }) => `${group} ${role}`),
    ]);
    expect(memberships).toEqual([
      ['5', ['cohort:1 learner', 'cohort:2 learner', 'cohort:3 learner']],
      ['12', ['system admin']],
      ['13', ['category:2 admin']],
      ['14', ['system admin']],
      ['15', []],
    ]);
    expect(users[0]?.memberships[0]).toEqual({
      user: '5',
      group: 'cohort:1',
      role: 'learner',
      since: seconds(1795313593),
    });
    expect([...groups].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { id: 'category:2', parent: 'system', visibility: 'public' },
      { id: 'cohort:1', parent: 'system', visibility: 'public' },
      { id: 'cohort:2', parent: 'system', visibility: 'public' },
      { id: 'cohort:3', parent: 'category:2', visibility: 'private' },
      { id: 'system', parent: null, visibility: 'public' },
    ]);
  });

  test('authors, seats and who could follow', async () => {
    const facts = await host.deletionFacts(site.sql, ['7', '9'], null);
    expect(facts.owned[0]).toEqual({
      type: 'course',
      id: '2',
      main: { user: '9', living: true },
      coHolders: [{ user: '10', living: true, position: 6 }],
      ownerGroup: 'category:3',
      path: null,
    });
    expect(facts.owned.map(({ id, ownerGroup }) => [id, ownerGroup])).toEqual([
      ['2', 'category:3'],
      ['3', 'category:3'],
      ['4', 'category:2'],
    ]);
    expect(facts.groupAdmins.map(({ group, user }) => `${group} ${user}`).sort()).toEqual([
      'category:2 13',
      'system 12',
      'system 14',
    ]);
    expect(facts.attendances.map(({ slot, session }) => [slot, session])).toEqual([
      ['choice-option:1', 'choice:1'],
      ['choice-option:3', 'choice:2'],
    ]);
  });

  test('the policy host has nothing to hand on', async () => {
    const facts = await moodleHost({ tablePrefix: 'mdl_', policy: 'host' }).deletionFacts(
      site.sql,
      ['7', '9', '10'],
      null,
    );
    expect([facts.owned, facts.coRoles, facts.attendances, facts.groupAdmins]).toEqual([[], [], [], []]);
    expect(facts.users.map(({ id }) => id)).toEqual(['10', '7', '9'].sort((a, b) => Number(a) - Number(b)));
  });

  test('D-15 a manager of the category may delete who is only in its cohorts', async () => {
    await site.sql.query(`insert into mdl_cohort_members (cohortid, userid, timeadded) values (3, 15, 5)`);
    const facts = await host.deletionFacts(site.sql, ['5', '15'], null);
    const [manager = null] = await host.users(site.sql, ['13']);
    const held = manager?.memberships.map(({ group, role }) => `${group} ${role}`);
    expect(held?.filter((membership) => !membership.startsWith('course-group:'))).toEqual([
      'category:2 admin',
      'cohort:3 admin',
    ]);
    const refused = judgeDeletion(facts, manager, { includePrivateSubgroups: true });
    expect([...refused]).toEqual([
      ['5', { type: 'NotAuthorized', message: 'admin or user-admin role missing in: cohort:1, cohort:2' }],
    ]);
  });

  test('D-17 users by id, by email, by either; the guest is nobody', async () => {
    const references = [
      { id: '3' },
      { email: ' LEARNER2@example.com ' },
      { id: '5', email: '5' },
      { id: 'learner4@example.com', email: 'learner4@example.com' },
      { id: '1' },
      { email: 'root@localhost' },
      { id: '999' },
      { email: '' },
    ];
    expect(await host.findUsers(site.sql, references)).toEqual([
      { id: '3', living: true },
      { id: '4', living: true },
      { id: '5', living: true },
      { id: '6', living: true },
      null,
      null,
      null,
      null,
    ]);
    expect(await host.users(site.sql, ['1', '2', 'nobody'])).toMatchObject([{ id: '2', living: true }]);
  });

  test('D-17 a deleted account is found by the email that it had, the living one first', async () => {
    await deleteUsers(site, host, ['8']);
    const reference = [{ email: 'Learner6@Example.com' }];
    expect(await host.findUsers(site.sql, reference)).toEqual([{ id: '8', living: false }]);
    await site.sql.query(
      `insert into mdl_user (mnethostid, username, email) values (1, 'again', 'learner6@example.com')`,
    );
    expect(await host.findUsers(site.sql, reference)).toMatchObject([{ living: true }]);
    expect((await host.deletionFacts(site.sql, ['8'], null)).users).toEqual([
      { id: '8', living: false, isProtected: false, memberships: [] },
    ]);
  });

  test('a group that somebody names', async () => {
    const found = async (id: string) => host.findGroup(site.sql, id);
    expect(await found('system')).toEqual({ id: 'system', parent: null, visibility: 'public' });
    expect(await found('category:3')).toEqual({
      id: 'category:3',
      parent: 'category:2',
      visibility: 'public',
    });
    expect(await found('cohort:3')).toEqual({ id: 'cohort:3', parent: 'category:2', visibility: 'private' });
    expect(await found('course-group:1')).toEqual({
      id: 'course-group:1',
      parent: null,
      visibility: 'public',
      standsAlone: true,
    });
    await site.sql.query(`update mdl_groups set visibility = 1 where id = 6`);
    expect(await found('course-group:6')).toMatchObject({ visibility: 'private' });
    for (const id of [
      '',
      'cohort:',
      'cohort:9',
      'cohort:03',
      'cohort:x',
      'course-group:99',
      'group:1',
      'category:1;',
    ])
      expect(await found(id), id).toBeNull();
  });

  test('a course group counts only where users are to be removed from it', async () => {
    const within = await host.memberFacts(site.sql, ['3', '4', '9'], 'course-group:3');
    expect(within.users.map(({ id, memberships }) => [id, memberships.map(({ group }) => group)])).toEqual([
      ['3', []],
      ['4', ['course-group:3']],
      ['9', ['cohort:3', 'course-group:3']],
    ]);
    expect(within.users[1]?.memberships).toEqual([
      { user: '4', group: 'course-group:3', role: 'learner', since: seconds(1795313593) },
    ]);
    expect(within.groups).toContainEqual({
      id: 'course-group:3',
      parent: null,
      visibility: 'public',
      standsAlone: true,
    });
    const others = await host.memberFacts(site.sql, ['4', '9'], 'cohort:3');
    expect(others.users.flatMap(({ memberships }) => memberships.map(({ group }) => group))).toEqual([
      'cohort:3',
    ]);
    expect((await host.memberFacts(site.sql, ['3'], 'cohort:3')).groups.map(({ id }) => id)).toContain(
      'cohort:3',
    );
    const planned = await host.deletionFacts(site.sql, ['4'], 'course-group:3');
    expect(planned.users).toEqual([within.users[1]]);
    expect(planned.participations).toEqual([]);
  });

  test('who may manage a course is admin of its groups', async () => {
    await site.sql.query(`
      insert into mdl_role_assignments (roleid, contextid, userid, timemodified, modifierid) values
        (1, 12, 14, 5, 2), (1, 27, 8, 5, 2), (3, 11, 4, 5, 2), (3, 30, 6, 5, 2)`);
    const users = await host.users(site.sql, ['4', '6', '8', '9', '11', '12', '13', '14']);
    const groups = users.map(({ id, memberships }) => [
      id,
      memberships.flatMap(({ group, role }) =>
        group.startsWith('course-group:') && role === 'admin' ? [group.slice(13)] : [],
      ),
    ]);
    const everywhere = ['1', '2', '3', '4', '5', '6'];
    expect(groups).toEqual([
      ['4', []], // editing teacher of a category: of no course
      ['6', []], // of one activity
      ['8', ['4', '5', '6']], // manager of course 3
      ['9', everywhere], // editing teacher of both courses
      ['11', []], // may not edit
      ['12', everywhere], // manager of the system
      ['13', everywhere], // manager of the category above
      ['14', everywhere], // manager of the category of both
    ]);
  });

  test('a database without site administrators is no Moodle', async () => {
    await site.transaction(async (sql) => {
      await sql.query(`delete from mdl_config where name = 'siteadmins'`);
      await expect(host.platform(sql)).rejects.toThrow('siteadmins');
      await sql.query('rollback');
    });
    expect(() => moodleHost({ tablePrefix: 'mdl; --', policy: 'rules' })).toThrow('table prefix');
  });
});
