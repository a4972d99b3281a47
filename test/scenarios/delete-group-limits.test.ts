import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, root, the, world } from '../support/world-builder.ts';
import type { Member } from '../support/world-builder.ts';
import { expectFailure, school } from './content-steps.ts';
import { below, deletionOfSales, expectGroupDeleted, join, region, tree } from './group-deletion-steps.ts';
import type { Input } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const refused = (given: World, type: string, input: Input = {}) =>
  expectFailure(lab, given, type, 'deleteGroup', { ...deletionOfSales, ...input });
const both = { subgroups: 'delete', orphans: 'delete' };
const moved = { subgroups: 'moveToParent', orphans: 'moveToParent' };
const inRegion = { id: 'g-sales', parent: 'g-region' };

/** Somebody who is in another group as well. */
const elsewhere = (user: string, role: Member[1] = 'learner'): Member[] => [
  [user, role, 'g-sales'],
  [user, 'learner', 'g-other'],
];

describe('what is refused', () => {
  it.each([{}, both, moved])('G-11 the platform group, with %j', async (said) => {
    for (const requestedBy of [admin, owner]) {
      await refused(region(), 'InvalidInput', { group: root, requestedBy, ...said });
    }
  });

  it('interface: an unknown group is NotFound, before anybody asks who may', async () => {
    for (const requestedBy of [admin, 'rita', 'nobody']) {
      await refused(school(), 'NotFound', { group: 'g-none', requestedBy });
    }
  });

  it('X-16 input that cannot be, with every problem at once, before existence', async () => {
    const wrong = { group: 'g-none', subgroups: 'keep', orphans: true, cascade: 'never', force: 1 };
    const { message } = await refused(school(), 'InvalidInput', wrong);
    for (const path of ['subgroups', 'orphans', 'cascade', 'force']) expect(message).toContain(path);
    for (const missing of [{ group: undefined }, { requestedBy: undefined }, { group: '' }, { group: 7 }]) {
      const { message: about } = await refused(school(), 'InvalidInput', missing);
      expect(about).toContain(Object.keys(missing)[0]);
    }
  });

  it('G-11 GroupHasSubgroups unless it is said what becomes of them, whether or not anybody is in them', async () => {
    const given = world({
      groups: [{ id: 'g-sales' }, { id: 'g-east', parent: 'g-sales', visibility: 'private' }],
    });
    await refused(given, 'GroupHasSubgroups');
    await refused(given, 'GroupHasSubgroups', { orphans: 'delete' });
    await refused(given, 'GroupHasSubgroups', { mode: 'preview' });
    await refused(region(), 'GroupHasSubgroups', { orphans: 'moveToParent' });
  });

  it('G-11 UsersWouldBeDeleted with their number, unless it is said what becomes of them', async () => {
    const { message } = await refused(region(), 'UsersWouldBeDeleted', { subgroups: 'moveToParent' });
    expect(message).toMatch(/\b2\b/);
    const whole = await refused(region(), 'UsersWouldBeDeleted', { subgroups: 'delete' });
    expect(whole.message).toMatch(/\b6\b/);
    await refused(region(), 'UsersWouldBeDeleted', { subgroups: 'delete', mode: 'preview' });
  });

  it('G-11 UsersWouldBeDeleted counts users, not memberships, and nobody who is elsewhere', async () => {
    const given = world({
      members: [
        ...(['learner', 'coach', 'admin'] as const).map((role): Member => ['ada', role, 'g-sales']),
        ['bob', 'learner', 'g-sales'],
        ['cem', 'learner', 'g-sales'],
        ...elsewhere('dan'),
        ...elsewhere('eve'),
      ],
    });
    const { message } = await refused(given, 'UsersWouldBeDeleted');
    expect(message).toMatch(/\b3\b/);
    expect(message).not.toMatch(/@|Name of/);
  });

  it('G-11 is asked only where somebody is left without a group, and where subgroups are', async () => {
    await expectGroupDeleted(lab, world({ members: [...elsewhere('ada'), [admin, 'coach', 'g-sales']] }));
  });
});

describe('who may', () => {
  const people: Member[] = [
    ['mia', 'admin', 'g-region'],
    ['uma', 'user-admin', 'g-region'],
    ['aut', 'author', 'g-region'],
    ['top', 'admin', 'g-land'],
    ['gus', 'admin', 'g-sales'],
    ['gus', 'user-admin', 'g-root'],
    ['eve', 'admin', 'g-east'],
    ['oth', 'admin', 'g-other'],
    ...elsewhere('ada'),
  ];
  const given = world({
    deleted: ['old'],
    groups: [inRegion, { id: 'g-region', parent: 'g-land' }],
    members: people,
  });
  const gusElsewhere = (then: World): World => then;

  it.each([admin, owner, 'mia'])('A %s may', async (requestedBy) => {
    await expectGroupDeleted(lab, gusElsewhere(given), { heir: 'g-region' }, { requestedBy });
  });

  it.each(['uma', 'aut', 'top', 'gus', 'eve', 'oth', 'ada', 'old', 'nobody'])(
    'A %s may not',
    async (requestedBy) => {
      await refused(given, 'NotAuthorized', { requestedBy });
      await refused(given, 'NotAuthorized', { requestedBy, mode: 'preview' });
    },
  );

  it('A authorization comes before what is said of subgroups and orphans', async () => {
    for (const requestedBy of ['sam', 'reg']) await refused(region(), 'NotAuthorized', { requestedBy });
    await refused(region(), 'GroupHasSubgroups', { requestedBy: 'mia' });
  });

  it('A an admin of the parent needs no role in the group, nor in subgroups that go with it', async () => {
    const members: Member[] = ['g-sales', ...below].flatMap((group): Member[] => [
      ['ada', 'learner', group],
      ['bob', 'admin', group],
    ]);
    const all = world({
      groups: tree,
      members: [
        ['mia', 'admin', 'g-region'],
        ...members,
        ...elsewhere('ada').slice(1),
        ...elsewhere('bob').slice(1),
      ],
    });
    const gone = ['g-sales', ...below];
    await expectGroupDeleted(
      lab,
      all,
      { gone, heir: 'g-region' },
      { requestedBy: 'mia', subgroups: 'delete' },
    );
  });

  it('A an admin of a parent that is a subgroup itself may delete what is below it', async () => {
    const east = world({ groups: tree, members: [['eve', 'admin', 'g-east'], ...elsewhere('ada')] });
    const input = { group: 'g-shop', requestedBy: 'eve' };
    await expectGroupDeleted(lab, east, { gone: ['g-shop'], heir: 'g-east' }, input);
    await refused(east, 'NotAuthorized', { ...input, group: 'g-inner' });
    await refused(east, 'NotAuthorized', { ...input, group: 'g-east', ...both });
  });
});

describe('orphans who are to be deleted', () => {
  const orphan: Member = ['ada', 'learner', 'g-sales'];
  const mia: Member[] = [['mia', 'admin', 'g-region']];
  const byMia = { requestedBy: 'mia', orphans: 'delete' };
  function asked(...members: Member[]): World {
    return world({
      groups: [inRegion, { id: 'g-east', parent: 'g-sales' }],
      members: [...mia, ...members, ...elsewhere('bob')],
    });
  }

  it('G-11 D-15 one whom the requester may not delete refuses the whole, naming the groups that are missing', async () => {
    for (const members of [
      [orphan],
      [orphan, ['mia', 'user-admin', 'g-sales'], ['cem', 'coach', 'g-sales']],
    ] satisfies Member[][]) {
      const { message } = await refused(asked(...members), 'NotAuthorized', { ...byMia, ...both });
      expect(message).toContain('g-sales');
    }
    // One of the two groups is missing.
    const inBoth = asked(orphan, ['mia', 'admin', 'g-sales'], ['ada', 'learner', 'g-east']);
    const { message } = await refused(inBoth, 'NotAuthorized', { ...byMia, ...both });
    expect(message).toContain('g-east');
    expect(message).not.toContain('g-sales,');
    await refused(inBoth, 'NotAuthorized', { ...byMia, ...both, mode: 'preview' });
  });

  it.each(['admin', 'user-admin'] as const)('G-11 D-15 an %s of all their groups may', async (role) => {
    const given = asked(
      orphan,
      ['ada', 'learner', 'g-east'],
      ['mia', role, 'g-sales'],
      ['mia', role, 'g-east'],
    );
    const deletion = { gone: ['g-sales', 'g-east'], heir: 'g-region', deleted: ['ada'] };
    await expectGroupDeleted(lab, given, deletion, { ...byMia, ...both });
  });

  it('G-11 D-15 is not asked where they are moved, or where nobody is deleted', async () => {
    const edit = (then: World): void => join(then, 'ada', 'g-region');
    const east = (then: World): void => {
      the(then.groups, 'g-east').parent = 'g-region';
      edit(then);
    };
    await expectGroupDeleted(lab, asked(orphan), { heir: 'g-region', edit: east }, { ...byMia, ...moved });
    const up = (then: World): void => {
      the(then.groups, 'g-east').parent = 'g-region';
    };
    await expectGroupDeleted(
      lab,
      asked(),
      { heir: 'g-region', edit: up },
      { ...byMia, ...moved, orphans: 'delete' },
    );
  });

  it('G-11 D-14 the platform owner among them refuses the whole', async () => {
    const given = asked(orphan, [owner, 'learner', 'g-sales']);
    for (const requestedBy of [admin, owner]) {
      await refused(given, 'PlatformOwnerProtected', { requestedBy, ...both });
      await refused(given, 'PlatformOwnerProtected', { requestedBy, ...both, mode: 'preview' });
    }
    // Authorization before protection.
    await refused(given, 'NotAuthorized', { ...byMia, ...both });
  });

  it('D-14 the platform owner who is in another group as well just leaves', async () => {
    const given = asked(...elsewhere(owner));
    await expectGroupDeleted(lab, given, { gone: ['g-sales', 'g-east'], heir: 'g-region' }, both);
  });

  it('D-13 the requester may be one of them', async () => {
    const given = world({
      platformAdmin: false,
      groups: [inRegion],
      members: [[owner, 'admin', 'g-root'], orphan, ...elsewhere('bob')],
    });
    await expectGroupDeleted(
      lab,
      given,
      { heir: 'g-region', deleted: ['ada'] },
      { orphans: 'delete', requestedBy: owner },
    );
  });
});

describe('guards', () => {
  it('X-03 stops above maxUsers before the first change; groups and links are no users', async () => {
    await refused(school(), 'GuardExceeded', { maxUsers: 2 });
    await lab.load(school());
    expect((await lab.run('deleteGroup', { ...deletionOfSales, maxUsers: 3 })).users.done).toBe(3);
    await lab.load(world({ groups: tree }));
    await lab.run('deleteGroup', { ...deletionOfSales, ...both, maxUsers: 0 });
  });

  it('X-03 counts orphans who are moved or deleted once', async () => {
    const members = ['ada', 'bob', 'cem'].map((user): Member => [user, 'learner', 'g-sales']);
    for (const orphans of ['delete', 'moveToParent']) {
      await refused(world({ members }), 'GuardExceeded', { orphans, maxUsers: 2 });
      await lab.load(world({ members }));
      await lab.run('deleteGroup', { ...deletionOfSales, orphans, maxUsers: 3 });
    }
  });
});
