import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { past, the, world } from '../support/world-builder.ts';
import type { Member, Session } from '../support/world-builder.ts';
import { completed, school } from './content-steps.ts';
import {
  below,
  deletionOfSales,
  expectGroupDeleted,
  fates,
  leave,
  lose,
  tree,
} from './group-deletion-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

/** Who loses access by the deletion of `g-sales` in `school`. */
const lostInSchool = [
  ...['ada', 'bob', 'cem'].flatMap((user) =>
    ['c-own', 'c-sub', 'c-deep', 'c-first', 'c-both', 'p-1'].map((activity) => `${user} ${activity}`),
  ),
  ...['ada c-shared', 'bob c-shared'],
];

describe('a group', () => {
  it('G-11 without anything in it just goes', async () => {
    const given = world({ groups: [{ id: 'g-sales', visibility: 'private' }] });
    const { result } = await expectGroupDeleted(lab, given);
    expect(result.counts).toEqual({ 'group.delete': 1 });
    expect(result.users).toEqual({ done: 0, unchanged: 0, attention: 0 });
  });

  it('G-11 C-06 C-07 C-12 goes with memberships and links; who has nothing else loses the content', async () => {
    const edit = (then: World): void => lose(then, ...lostInSchool);
    const { result } = await expectGroupDeleted(lab, school(), { edit });
    expect(result.counts).toEqual({
      ...{ 'membership.remove': 3, 'link.remove': 3, 'group.delete': 1 },
      'access.revoke': lostInSchool.length,
    });
    expect(result.users).toEqual({ done: 3, unchanged: 0, attention: 0 });
  });

  it('C-12 "unless-linked" spares what another group of the user holds', async () => {
    const spared = lostInSchool.filter((name) => name !== 'ada c-deep' && name !== 'bob c-deep');
    const edit = (then: World): void => lose(then, ...spared);
    await expectGroupDeleted(lab, school(), { edit }, { cascade: 'unless-linked' });
    await expectGroupDeleted(
      lab,
      school(),
      { edit: (then) => lose(then, ...lostInSchool) },
      { cascade: 'always' },
    );
  });

  it('C-01 C-02 C-03 only what is open, not completed, and by self or admin goes', async () => {
    const kinds: [string, object][] = [
      ['c-self', { method: 'self', status: 'enrolled', progress: 0 }],
      ['c-admin', { progress: 0.9 }],
      ['c-completed', completed],
      ['c-auto', { method: 'auto' }],
      ['c-qualified', { method: 'qualification' }],
      ['c-unenrolled', { access: false, listedAs: 'completed' }],
      ['c-deassigned', { access: false }],
    ];
    const given = world({
      members: ['g-sales', 'g-other'].map((group) => ['ada', 'learner', group] as const),
      courses: [...kinds.map(([id]) => id), 'c-none', 'c-elsewhere'].map((id) => ({ id, mainAuthor: 'pam' })),
      groupCourses: [...kinds.map(([id]) => id), 'c-none'].map((course) => ({ group: 'g-sales', course })),
      registrations: [
        ...kinds.map(([activity, registration]) => ({ user: 'ada', activity, ...registration })),
        // By hand, without any link.
        { user: 'ada', activity: 'c-elsewhere' },
      ],
    });
    await expectGroupDeleted(lab, given, { edit: (then) => lose(then, 'ada c-self', 'ada c-admin') });
  });

  it('C-07 a learner keeps a course while any of the groups exists, and loses it with the last', async () => {
    const groups = ['g-sales', 'g-two', 'g-three'];
    const given = world({
      members: [...groups, 'g-rest'].map((group) => ['ada', 'learner', group] as const),
      courses: [{ id: 'c-1', mainAuthor: 'pam' }],
      paths: [{ id: 'p-1', mainAuthor: 'pam', courses: ['c-1'] }],
      groupCourses: groups.slice(0, 2).map((group) => ({ group, course: 'c-1' })),
      groupPaths: [{ group: 'g-three', path: 'p-1' }],
      registrations: [{ user: 'ada', activity: 'c-1' }],
    });
    const access: boolean[] = [];
    await lab.load(given);
    for (const group of groups) {
      await lab.run('deleteGroup', { ...deletionOfSales, group });
      access.push(...(await lab.dump()).registrations.map((row) => row.access));
    }
    expect(access).toEqual([true, true, false]);
  });

  it('C-15 deleted in another order, two groups leave the same', async () => {
    const ends: World[] = [];
    for (const order of [
      ['g-sales', 'g-more'],
      ['g-more', 'g-sales'],
    ]) {
      const given = school();
      for (const user of ['ada', 'bob', 'cem']) {
        given.memberships.push({ user, role: 'learner', group: 'g-empty', since: '2020-01-01T00:00:00Z' });
      }
      await lab.load(given);
      for (const group of order) await lab.run('deleteGroup', { ...deletionOfSales, group });
      ends.push(await lab.dump());
    }
    expect(ends[1]).toEqual(ends[0]);
  });

  it('G-11 takes every role with it, and leaves other groups alone', async () => {
    const roles = ['learner', 'coach', 'author', 'user-admin', 'admin'] as const;
    const members = ['g-sales', 'g-other'].flatMap((group) =>
      roles.map((role): Member => ['ada', role, group]),
    );
    const { result } = await expectGroupDeleted(lab, world({ members }));
    expect(result.counts).toEqual({ 'membership.remove': 5, 'group.delete': 1 });
    expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 0 });
  });

  it('G-11 passes its courses and paths to its parent, authors and all; nobody loses access by that', async () => {
    const given = world({
      groups: [{ id: 'g-sales', parent: 'g-region' }],
      members: [['ada', 'learner', 'g-other']],
      courses: [
        { id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob', 'cem'], ownerGroup: 'g-sales' },
        { id: 'c-2', mainAuthor: 'ada', ownerGroup: 'g-other' },
      ],
      paths: [{ id: 'p-1', mainAuthor: 'bob', coAuthors: ['ada'], ownerGroup: 'g-sales' }],
      registrations: [{ user: 'ada', activity: 'c-1' }],
    });
    const { result } = await expectGroupDeleted(lab, given, { heir: 'g-region' });
    expect(result.counts).toEqual({ 'ownership.transfer': 2, 'group.delete': 1 });
    expect(result.users).toEqual({ done: 0, unchanged: 0, attention: 0 });
  });

  it('interface: deleted already, it is unknown', async () => {
    await lab.load(school());
    await lab.run('deleteGroup', deletionOfSales);
    await expect(lab.run('deleteGroup', deletionOfSales)).rejects.toMatchObject({ type: 'NotFound' });
  });
});

describe('sessions', () => {
  const places: Member[] = [
    ['ada', 'learner', 'g-sales'],
    ['ada', 'coach', 'g-other'],
    ['zoe', 'learner', 'g-west'],
  ];
  function classroom(session: Partial<Session>, more: Member[] = []): World {
    return world({
      members: [...places, ...more],
      paths: [{ id: 'p-1', mainAuthor: 'bob' }],
      sessions: [
        {
          ...{ id: 's-1', path: 'p-1', audience: 'dynamic', mainInstructor: 'bob' },
          ...{ audienceGroups: ['g-sales', 'g-west'], participants: ['ada', 'zoe'] },
          ...session,
        },
      ],
      slots: [
        { id: 't-past', session: 's-1', attendees: ['ada', 'zoe'], ...past },
        { id: 't-next', session: 's-1', attendees: ['ada', 'zoe'], capacity: 2 },
      ],
    });
  }

  it('G-08 G-11 a dynamic one is left, with upcoming slots, and the group leaves its audience', async () => {
    const { after, result } = await expectGroupDeleted(lab, classroom({}), {
      edit: (then) => leave(then, 'ada', 's-1', 't-next'),
    });
    expect(the(after.pathSessions, 's-1').audienceGroups).toEqual(['g-west']);
    expect(the(after.slots, 't-past').attendees).toEqual(['ada', 'zoe']);
    expect(result.counts).toMatchObject({ 'session.leave': 1, 'slot.leave': 1, 'group.delete': 1 });
  });

  it('G-08 a dynamic one is kept while another audience group holds the user, in any role', async () => {
    await expectGroupDeleted(lab, classroom({}, [['ada', 'author', 'g-west']]));
    await expectGroupDeleted(lab, classroom({ audienceGroups: ['g-sales', 'g-other', 'g-west'] }));
  });

  it('G-08 G-11 a dynamic one without any audience left has nobody any more', async () => {
    const given = classroom({ audienceGroups: ['g-sales'], participants: ['ada', 'zoe'] }, [
      ['zoe', 'author', 'g-sales'],
    ]);
    const { after } = await expectGroupDeleted(lab, given, {
      edit: (then) => ['ada', 'zoe'].forEach((id) => leave(then, id, 's-1', 't-next')),
    });
    expect(the(after.pathSessions, 's-1')).toMatchObject({ audienceGroups: [], participants: [] });
  });

  it('G-09 G-11 a static one is kept by everybody, but the group leaves its audience too', async () => {
    const given = classroom({ audience: 'static' });
    const { after, result } = await expectGroupDeleted(lab, given);
    expect(the(after.pathSessions, 's-1')).toMatchObject({
      audienceGroups: ['g-west'],
      participants: ['ada', 'zoe'],
    });
    expect(result.counts).toEqual({ 'membership.remove': 1, 'link.remove': 1, 'group.delete': 1 });
  });
});

describe('subgroups', () => {
  const everybody = ['ada', 'bob'];
  const given = world({
    groups: tree,
    members: [
      ...['g-sales', ...below].map((group): Member => ['ada', 'learner', group]),
      ...below.map((group): Member => ['bob', 'admin', group]),
      ...everybody.map((user): Member => [user, 'learner', 'g-other']),
    ],
    courses: ['g-sales', ...below].map((group) => ({
      ...{ id: `c-${group}`, mainAuthor: 'pam', ownerGroup: group },
    })),
    paths: below.map((group) => ({ id: `p-${group}`, mainAuthor: 'pam', ownerGroup: group })),
    groupCourses: ['g-sales', ...below].map((group) => ({ group, course: `c-${group}` })),
    groupPaths: below.map((group) => ({ group, path: `p-${group}` })),
    registrations: everybody.flatMap((user) =>
      ['g-sales', ...below].map((group) => ({ user, activity: `c-${group}` })),
    ),
  });
  const lostIn = (users: string[], groups: string[]) => (then: World) =>
    lose(then, ...users.flatMap((user) => groups.map((group) => `${user} c-${group}`)));

  it('G-11 C-06 "delete": those at every depth go, private ones too, and what they owned passes to what stays', async () => {
    const edit = (then: World): void => {
      lostIn(['ada'], ['g-sales', ...below])(then);
      lostIn(['bob'], below)(then);
    };
    const deletion = { gone: ['g-sales', ...below], heir: 'g-region', edit };
    const { result } = await expectGroupDeleted(lab, given, deletion, { subgroups: 'delete' });
    expect(result.counts).toEqual({
      ...{ 'membership.remove': 9, 'link.remove': 9, 'access.revoke': 9 },
      ...{ 'ownership.transfer': 9, 'group.delete': 5 },
    });
    expect(result.users.done).toBe(2);
  });

  it('G-11 "delete" of one in the middle leaves what is above and beside', async () => {
    const edit = (then: World): void => lostIn(everybody, ['g-east', 'g-shop'])(then);
    const deletion = { gone: ['g-east', 'g-shop'], heir: 'g-sales', edit };
    await expectGroupDeleted(lab, given, deletion, { group: 'g-east', subgroups: 'delete' });
  });

  it('G-11 "moveToParent": those right below move up with all that is in them, those below them stay there', async () => {
    const edit = (then: World): void => {
      lostIn(['ada'], ['g-sales'])(then);
      for (const id of ['g-east', 'g-closed']) the(then.groups, id).parent = 'g-region';
    };
    const deletion = { heir: 'g-region', edit };
    const { after, result } = await expectGroupDeleted(lab, given, deletion, { subgroups: 'moveToParent' });
    expect(the(after.groups, 'g-shop').parent).toBe('g-east');
    expect(the(after.groups, 'g-inner').parent).toBe('g-closed');
    expect(result.counts).toEqual({
      ...{ 'membership.remove': 1, 'link.remove': 1, 'access.revoke': 1 },
      ...{ 'ownership.transfer': 1, 'group.move': 2, 'group.delete': 1 },
    });
    expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 0 });
  });

  it('G-11 "moveToParent" one level further down, and then once more above', async () => {
    await lab.load(given);
    const before = await lab.dump();
    const up = { ...deletionOfSales, subgroups: 'moveToParent' };
    await lab.run('deleteGroup', { ...up, group: 'g-east' });
    expect(the((await lab.dump()).groups, 'g-shop').parent).toBe('g-sales');
    await lab.run('deleteGroup', up);
    const after = await lab.dump();
    const parents = after.groups.map(({ id, parent }) => `${id} ${parent}`);
    expect(parents.sort()).toEqual(
      [
        'g-closed g-region',
        'g-inner g-closed',
        'g-other g-root',
        'g-region g-root',
        'g-root null',
        'g-shop g-region',
      ].sort(),
    );
    expect(after.memberships).toEqual(
      before.memberships.filter(({ group }) => group !== 'g-east' && group !== 'g-sales'),
    );
  });

  it.each(fates)('G-11 %s asked of a group without subgroups changes nothing more', async (subgroups) => {
    const edit = (then: World): void => lose(then, ...lostInSchool);
    await expectGroupDeleted(lab, school(), { edit }, { subgroups, orphans: subgroups });
  });
});
