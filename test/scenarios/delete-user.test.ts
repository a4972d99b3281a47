import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { past, the, world } from '../support/world-builder.ts';
import { afterFullLife, fullLife, fullLifeCounts } from './full-life.ts';
import { expectDeletion, expectNothingHeldByDeleted, expectRefusal, outcomeOf, without } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

describe('the account', () => {
  it('D-01 ends every membership in whatever role, every login, and nothing of anybody else', async () => {
    const given = world({
      users: [
        { id: 'ada', loginSessions: 4, profile: { team: 'sales' } },
        { id: 'bob', loginSessions: 2 },
      ],
      groups: [
        { id: 'g-smart', smartRule: { '==': [{ var: 'team' }, 'sales'] } },
        { id: 'g-below', parent: 'g-smart' },
      ],
      members: [
        ['ada', 'learner', 'g-root'],
        ['ada', 'learner', 'g-smart'],
        ['ada', 'coach', 'g-smart'],
        ['ada', 'author', 'g-below'],
        ['ada', 'admin', 'g-below'],
        ['ada', 'user-admin', 'g-other'],
        ['bob', 'learner', 'g-smart'],
      ],
    });
    const { after, result } = await expectDeletion(lab, given);
    expect(after.memberships.map((membership) => membership.user).sort()).toEqual(['bob', 'u-admin']);
    expect(the(after.users, 'ada').loginSessions).toBe(0);
    expect(the(after.users, 'bob').loginSessions).toBe(2);
    expect(result.counts).toEqual({ 'membership.remove': 6, 'account.retire': 1 });
  });

  it('D-01 deletes a user who holds nothing at all', async () => {
    const { result } = await expectDeletion(lab, world({ users: [{ id: 'ada' }] }));
    expect(result.counts).toEqual({ 'account.retire': 1 });
  });

  it('D-01 does all at once to somebody who holds one of everything', async () => {
    const { result } = await expectDeletion(lab, fullLife(), afterFullLife, {
      includePrivateSubgroups: true,
    });
    expect(result.counts).toEqual(fullLifeCounts);
  });

  it('D-01 finds the user by id, by email, and by the bare string of either', async () => {
    const given = world({ users: [{ id: 'ada', email: 'Ada@Example.org' }] });
    for (const user of ['ada', { id: 'ada' }, '  aDa@eXample.ORG ', { email: 'ADA@example.org ' }]) {
      const { after, result } = await outcomeOf(lab, given, { user });
      expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 0 });
      expect(the(after.users, 'ada').status).toBe('deleted');
    }
  });

  it('D-01 takes an id for what it is, even if it looks like the email of somebody else', async () => {
    const given = world({
      users: [
        { id: 'ada', email: 'ada@example.org' },
        { id: 'ada@example.org', email: 'twin@example.org' },
      ],
    });
    await expectDeletion(lab, given, undefined, { user: 'ada@example.org' });
  });

  it('D-01 means the living one of several accounts with one email', async () => {
    const given = world({
      users: [
        { id: 'a-first', email: 'ada@example.org', status: 'deleted' },
        { id: 'ada', email: 'ada@example.org' },
        { id: 'z-last', email: 'ADA@example.org', status: 'deleted', deletedAt: '2024-01-01T00:00:00Z' },
      ],
    });
    const { before, after } = await outcomeOf(lab, given, { user: { email: 'ada@example.org' } });
    expect(the(after.users, 'ada').status).toBe('deleted');
    expect(without(statuses(after), 'ada deleted')).toEqual(without(statuses(before), 'ada active'));
  });

  it('D-02 keeps registrations, their access, history and past attendance as they are', async () => {
    const given = world({
      members: [['ada', 'learner', 'g-sales']],
      courses: [
        { id: 'c-1', mainAuthor: 'bob' },
        { id: 'c-2', mainAuthor: 'bob', parentCourse: 'c-1' },
      ],
      paths: [{ id: 'p-1', mainAuthor: 'bob', courses: ['c-1'] }],
      groupCourses: [{ group: 'g-sales', course: 'c-1' }],
      groupPaths: [{ group: 'g-sales', path: 'p-1' }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'bob', participants: ['ada'] }],
      slots: [{ id: 't-past', session: 's-1', attendees: ['ada'], ...past }],
      registrations: [
        { user: 'ada', activity: 'c-1', method: 'admin' },
        { user: 'ada', activity: 'c-2', method: 'self', access: false },
        { user: 'ada', activity: 'p-1', method: 'qualification' },
      ],
      history: [{ user: 'ada', activity: 'c-1' }],
      qualifications: [{ id: 'q-1', name: 'q', rule: { '==': [1, 1] }, activities: ['c-1'] }],
    });
    const { before, after } = await expectDeletion(lab, given);
    for (const table of ['registrations', 'history', 'slots', 'pathSessions'] as const) {
      expect(JSON.stringify(after[table])).toBe(JSON.stringify(before[table]));
    }
  });

  it('D-02 records when, by whom and that it was manual, and keeps email, name and profile', async () => {
    const given = world({
      users: [{ id: 'ada', profile: { country: 'NL' }, deletionScheduledOn: '2098-05-01' }],
    });
    const { after } = await expectDeletion(lab, given, undefined, { requestedBy: 'u-owner' });
    expect(the(after.users, 'ada')).toMatchObject({
      deletionKind: 'manual',
      deletedBy: 'u-owner',
      deletionScheduledOn: '2098-05-01',
      profile: { country: 'NL' },
    });
  });

  it('D-02 leaves a world behind that can be loaded again', async () => {
    const { after } = await outcomeOf(lab, fullLife(), { includePrivateSubgroups: true });
    expectNothingHeldByDeleted(after);
    await lab.load(after);
    expect(await lab.dump()).toEqual(after);
  });

  it('D-21 says of a deleted user that nothing was to be done, and does nothing', async () => {
    const given = world({ deleted: ['ada'] });
    const { before, after, result } = await outcomeOf(lab, given);
    expect(after).toEqual(before);
    expect(result).toMatchObject({ state: 'done', counts: {}, conflicts: 0 });
    expect(result.users).toEqual({ done: 0, unchanged: 1, attention: 0 });
  });

  it('D-21 keeps the first deletion when it is asked for twice', async () => {
    const { after } = await outcomeOf(lab, fullLife(), { includePrivateSubgroups: true });
    const result = await lab.run('deleteUser', { user: 'ada', requestedBy: 'u-owner' });
    expect(result.users.unchanged).toBe(1);
    expect(await lab.dump()).toEqual(after);
  });

  it('D-21 finds the one deleted last when only deleted accounts have the email', async () => {
    const given = world({
      users: [
        { id: 'one', email: 'ada@example.org', status: 'deleted', deletedAt: '2024-01-01T00:00:00Z' },
        { id: 'two', email: 'ada@example.org', status: 'deleted', deletedAt: '2023-01-01T00:00:00Z' },
      ],
    });
    const { before, after, result } = await outcomeOf(lab, given, { user: 'ada@example.org' });
    expect(after).toEqual(before);
    expect(result.users.unchanged).toBe(1);
  });
});

describe('what the user made', () => {
  it('D-04 deletes nothing that the user made, and creates nothing', async () => {
    const { before, after } = await outcomeOf(lab, fullLife(), { includePrivateSubgroups: true });
    const ids = (rows: readonly { id: string }[]): string[] => rows.map((row) => row.id);
    for (const table of ['courses', 'paths', 'pathSessions', 'slots', 'activities', 'items'] as const) {
      expect(ids(after[table])).toEqual(ids(before[table]));
    }
  });

  it('D-12 leaves activities, programs and posts with their owner, in courses that pass on too', async () => {
    const given = world({
      courses: [
        { id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob'] },
        { id: 'c-2', mainAuthor: 'bob', coAuthors: ['ada'] },
      ],
      activities: [
        { id: 'a-1', course: 'c-1', owner: 'ada' },
        { id: 'a-2', course: 'c-2', owner: 'ada', kind: 'video' },
        { id: 'a-3', course: 'c-1', owner: 'bob' },
      ],
      items: ['post', 'program', 'playlist'].map((kind) => ({ id: `i-${kind}`, kind, author: 'ada' })),
    });
    const { before, after } = await expectDeletion(lab, given, (then) => {
      Object.assign(the(then.courses, 'c-1'), { mainAuthor: 'bob', coAuthors: [] });
      the(then.courses, 'c-2').coAuthors = [];
    });
    expect(after.activities).toEqual(before.activities);
    expect(after.items).toEqual(before.items);
  });
});

describe('private subgroups', () => {
  const groups = [
    { id: 'g-closed', parent: 'g-open', visibility: 'private' as const },
    { id: 'g-inner', parent: 'g-closed' },
    { id: 'g-vault', parent: 'g-inner', visibility: 'private' as const },
  ];

  it('D-16 refuses when private memberships would remain, and names all of them', async () => {
    const given = world({
      groups,
      members: [
        ['ada', 'learner', 'g-root'],
        ['ada', 'learner', 'g-open'],
        ['ada', 'admin', 'g-closed'],
        ['ada', 'learner', 'g-inner'],
        ['ada', 'coach', 'g-vault'],
      ],
    });
    for (const flag of [{}, { includePrivateSubgroups: false }]) {
      const { message } = await expectRefusal(lab, given, 'PrivateMembershipsRemain', flag);
      for (const group of ['g-closed', 'g-inner', 'g-vault']) expect(message).toContain(group);
      expect(message).not.toMatch(/g-root|g-open/);
    }
    await expectDeletion(lab, given, undefined, { includePrivateSubgroups: true });
  });

  it.each(['g-closed', 'g-inner'])('D-16 refuses for a lone membership in %s', async (group) => {
    const given = world({ groups, members: [['ada', 'learner', group]] });
    const { message } = await expectRefusal(lab, given, 'PrivateMembershipsRemain');
    expect(message).toContain(group);
  });

  it('D-16 asks nothing where all memberships are public, even below a root called private', async () => {
    const given = world({
      rootVisibility: 'private',
      groups,
      members: [
        ['ada', 'learner', 'g-root'],
        ['ada', 'learner', 'g-open'],
        ['bob', 'learner', 'g-closed'],
      ],
    });
    await expectDeletion(lab, given);
  });
});

function statuses(then: { users: readonly { id: string; status: string }[] }): string[] {
  return then.users.map((user) => `${user.id} ${user.status}`);
}
