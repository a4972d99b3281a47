import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import type { Member } from '../support/world-builder.ts';
import { admin, owner, world } from '../support/world-builder.ts';
import { expectDeletion, expectRefusal } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const adaInBoth: Member[] = [
  ['ada', 'learner', 'g-sales'],
  ['ada', 'learner', 'g-support'],
];
const byRita = { requestedBy: 'rita' };

describe('the platform owner', () => {
  it.each([admin, owner])('D-14 cannot be deleted by %s, and nothing changes', async (requestedBy) => {
    const given = world({
      users: [{ id: owner, loginSessions: 2 }],
      members: [
        [owner, 'admin', 'g-root'],
        [owner, 'learner', 'g-sales'],
      ],
      courses: [{ id: 'c-1', mainAuthor: owner, coAuthors: ['bob'] }],
    });
    await expectRefusal(lab, given, 'PlatformOwnerProtected', { user: owner, requestedBy });
  });

  it('D-14 cannot even be deleted in a preview, or with an approval', async () => {
    const given = world();
    for (const more of [{ mode: 'preview' }, { approval: 'required' }]) {
      await expectRefusal(lab, given, 'PlatformOwnerProtected', { user: owner, ...more });
    }
  });

  it('D-14 is checked before private memberships, and after what the requester may', async () => {
    const given = world({
      groups: [{ id: 'g-closed', visibility: 'private' }],
      members: [
        [owner, 'learner', 'g-closed'],
        ['rita', 'learner', 'g-closed'],
      ],
    });
    await expectRefusal(lab, given, 'PlatformOwnerProtected', { user: owner });
    await expectRefusal(lab, given, 'NotAuthorized', { user: owner, ...byRita });
  });
});

describe('platform admin and owner', () => {
  it.each([admin, owner])(
    'D-15 %s may delete anyone, without any role in the groups',
    async (requestedBy) => {
      const given = world({ members: [...adaInBoth, ['ada', 'admin', 'g-root']] });
      await expectDeletion(lab, given, undefined, { requestedBy });
    },
  );

  it('D-15 a platform admin may delete another platform admin, and oneself', async () => {
    const given = world({ members: [['ada', 'admin', 'g-root']] });
    await expectDeletion(lab, given, undefined, { requestedBy: 'ada' });
  });

  it('D-15 of a user without any group only they may dispose', async () => {
    const given = world({ users: [{ id: 'ada' }], members: [['rita', 'admin', 'g-sales']] });
    await expectRefusal(lab, given, 'NotAuthorized', byRita);
    await expectRefusal(lab, given, 'NotAuthorized', { requestedBy: 'ada' });
    await expectDeletion(lab, given);
    await expectDeletion(lab, given, undefined, { requestedBy: owner });
  });

  it('D-15 a user-admin of the platform group is no platform admin', async () => {
    const given = world({
      members: [
        ['rita', 'user-admin', 'g-root'],
        ['ada', 'learner', 'g-root'],
        ['ada', 'learner', 'g-sales'],
      ],
    });
    const { message } = await expectRefusal(lab, given, 'NotAuthorized', byRita);
    expect(message).toContain('g-sales');
    expect(message).not.toContain('g-root');
  });
});

describe('admins and user-admins of groups', () => {
  it('D-15 an admin of every group of the user may, whatever the user is there', async () => {
    const given = world({
      members: [
        ['rita', 'admin', 'g-sales'],
        ['rita', 'admin', 'g-support'],
        ...adaInBoth,
        ['ada', 'admin', 'g-sales'],
        ['ada', 'author', 'g-support'],
      ],
    });
    await expectDeletion(lab, given, undefined, byRita);
  });

  it('D-15 an admin of one of two groups may not, and is told the missing one alone', async () => {
    const given = world({ members: [['rita', 'admin', 'g-sales'], ...adaInBoth] });
    const { message } = await expectRefusal(lab, given, 'NotAuthorized', byRita);
    expect(message).toContain('g-support');
    expect(message).not.toContain('g-sales');
  });

  it('D-15 names all groups that are missing', async () => {
    const given = world({ members: [['rita', 'learner', 'g-sales'], ...adaInBoth] });
    const { message } = await expectRefusal(lab, given, 'NotAuthorized', byRita);
    expect(message).toContain('g-support');
    expect(message).toContain('g-sales');
  });

  it('D-15 admin here and user-admin there is enough for a learner', async () => {
    const given = world({
      members: [['rita', 'admin', 'g-sales'], ['rita', 'user-admin', 'g-support'], ...adaInBoth],
    });
    await expectDeletion(lab, given, undefined, byRita);
  });

  it.each(['coach', 'author', 'user-admin', 'admin'] as const)(
    'D-15 a user-admin may not where the user is %s as well as learner',
    async (role) => {
      const given = world({
        members: [
          ['rita', 'user-admin', 'g-sales'],
          ['rita', 'admin', 'g-support'],
          ...adaInBoth,
          ['ada', role, 'g-sales'],
        ],
      });
      const { message } = await expectRefusal(lab, given, 'NotAuthorized', byRita);
      expect(message).toContain('g-sales');
      expect(message).not.toContain('g-support');
    },
  );

  it('D-15 a user-admin only needs the user to be just a learner there, not elsewhere', async () => {
    const given = world({
      members: [
        ['rita', 'user-admin', 'g-sales'],
        ['rita', 'admin', 'g-support'],
        ...adaInBoth,
        ['ada', 'admin', 'g-support'],
      ],
    });
    await expectDeletion(lab, given, undefined, byRita);
  });

  it('D-15 being admin as well as user-admin counts as admin', async () => {
    const given = world({
      members: [
        ['rita', 'user-admin', 'g-sales'],
        ['rita', 'admin', 'g-sales'],
        ['ada', 'coach', 'g-sales'],
      ],
    });
    await expectDeletion(lab, given, undefined, byRita);
  });

  it.each(['learner', 'coach', 'author'] as const)('D-15 the role %s allows nothing', async (role) => {
    const given = world({
      members: [
        ['rita', role, 'g-sales'],
        ['ada', 'learner', 'g-sales'],
      ],
    });
    await expectRefusal(lab, given, 'NotAuthorized', byRita);
  });

  it('D-15 an admin of the parent group has no say in the group below, nor the other way round', async () => {
    const groups = [{ id: 'g-sales', parent: 'g-region' }];
    const above: Member[] = [
      ['rita', 'admin', 'g-region'],
      ['ada', 'learner', 'g-sales'],
    ];
    const below: Member[] = [
      ['rita', 'admin', 'g-sales'],
      ['ada', 'learner', 'g-region'],
    ];
    for (const members of [above, below])
      await expectRefusal(lab, world({ groups, members }), 'NotAuthorized', byRita);
  });

  it('D-15 the platform group is one of the groups that an admin must hold', async () => {
    const given = world({
      members: [
        ['rita', 'admin', 'g-sales'],
        ['ada', 'learner', 'g-sales'],
        ['ada', 'learner', 'g-root'],
      ],
    });
    const { message } = await expectRefusal(lab, given, 'NotAuthorized', byRita);
    expect(message).toContain('g-root');
  });

  it('D-15 private groups count too, and are judged before D-16 refuses', async () => {
    const given = world({
      groups: [{ id: 'g-closed', visibility: 'private' }],
      members: [
        ['rita', 'admin', 'g-sales'],
        ['ada', 'learner', 'g-sales'],
        ['ada', 'learner', 'g-closed'],
      ],
    });
    for (const includePrivateSubgroups of [false, true]) {
      const input = { ...byRita, includePrivateSubgroups };
      const { message } = await expectRefusal(lab, given, 'NotAuthorized', input);
      expect(message).toContain('g-closed');
    }
  });

  it('D-15 nobody may delete oneself without the right to', async () => {
    const given = world({ members: [['ada', 'learner', 'g-sales']] });
    await expectRefusal(lab, given, 'NotAuthorized', { requestedBy: 'ada' });
  });

  it('D-15 holds for a preview as well', async () => {
    const given = world({ members: [['rita', 'learner', 'g-sales'], ...adaInBoth] });
    await expectRefusal(lab, given, 'NotAuthorized', { ...byRita, mode: 'preview' });
  });
});
