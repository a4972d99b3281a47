import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MembershipRole } from '../../contracts/facts.ts';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab, OperationFailed } from '../support/lab.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { failureOf } from './steps.ts';
import type { Input, Outcome } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const byRita = { group: 'g-sales', users: ['ada'], requestedBy: 'rita' };
const roles: MembershipRole[] = ['learner', 'coach', 'author', 'user-admin', 'admin'];
const ritaAdmin: Member = ['rita', 'admin', 'g-sales'];
const ritaUserAdmin: Member = ['rita', 'user-admin', 'g-sales'];
const adaElsewhere: Member = ['ada', 'learner', 'g-other'];
const adaLearner: Member = ['ada', 'learner', 'g-sales'];

const groups: NonNullable<Given['groups']> = [
  { id: 'g-east', parent: 'g-sales' },
  { id: 'g-closed', parent: 'g-sales', visibility: 'private' },
];

async function outcomeOf(given: World, input: Input = {}): Promise<Outcome> {
  await lab.load(given);
  const before = await lab.dump();
  const result = await lab.run('removeFromGroup', { ...byRita, ...input });
  return { before, after: await lab.dump(), result };
}

/** These memberships, each as `ada learner g-sales`, end, and in the whole dump nothing else changes. */
async function expectEnded(given: World, input: Input, ...gone: string[]): Promise<Outcome> {
  const outcome = await outcomeOf(given, input);
  const memberships = outcome.before.memberships.filter(
    ({ user, role, group }) => !gone.includes(`${user} ${role} ${group}`),
  );
  expect(outcome.after).toEqual({ ...outcome.before, memberships });
  expect(outcome.result.state).toBe('done');
  expect(outcome.result.counts['membership.remove'] ?? 0).toBe(gone.length);
  return outcome;
}

/** The one line is refused with the type, and nothing changes; what the line says. */
async function expectLineRefused(given: World, type: string, input: Input = {}): Promise<string> {
  const { result } = await expectEnded(given, input);
  expect(result.users).toEqual({ done: 0, unchanged: 0, attention: 1 });
  expect(result.attention).toMatchObject([{ type }]);
  return result.attention[0]?.message ?? '';
}

/** The whole operation fails with the type, and nothing changes. */
async function expectRefusal(given: World, type: string, input: Input = {}): Promise<OperationFailed> {
  await lab.load(given);
  const before = await lab.dump();
  const failure = await failureOf(lab.run('removeFromGroup', { ...byRita, ...input }), type);
  expect(await lab.dump()).toEqual(before);
  return failure;
}

describe('an admin', () => {
  const everyRole = roles.map((role): Member => ['ada', role, 'g-sales']);

  it.each(['rita', admin, owner])('G-01 %s may remove anyone, whatever the role', async (requestedBy) => {
    const given = world({ members: [ritaAdmin, ...everyRole, adaElsewhere] });
    const gone = roles.map((role) => `ada ${role} g-sales`);
    await expectEnded(given, { requestedBy }, ...gone);
  });

  it('G-01 may remove the platform owner, a platform admin and oneself', async () => {
    const users = [owner, admin, 'rita'];
    const given = world({
      members: [
        ritaAdmin,
        ['rita', 'learner', 'g-other'],
        [owner, 'admin', 'g-sales'],
        [owner, 'learner', 'g-other'],
        [admin, 'coach', 'g-sales'],
      ],
    });
    await expectEnded(
      given,
      { users },
      `${owner} admin g-sales`,
      `${admin} coach g-sales`,
      'rita admin g-sales',
    );
  });

  it('G-01 needs no role in the subgroups that are reached, private ones included', async () => {
    const given = world({
      groups,
      members: [
        ritaAdmin,
        adaLearner,
        ['ada', 'learner', 'g-east'],
        ['ada', 'learner', 'g-closed'],
        adaElsewhere,
      ],
    });
    const gone = ['ada learner g-sales', 'ada learner g-east', 'ada learner g-closed'];
    await expectEnded(given, { includePrivateSubgroups: true }, ...gone);
  });

  it('G-01 of the parent, of a subgroup, or of another group has no right on the named one', async () => {
    for (const group of ['g-region', 'g-east', 'g-other']) {
      const given = world({
        groups: [{ id: 'g-sales', parent: 'g-region' }, ...groups],
        members: [['rita', 'admin', group], adaLearner, adaElsewhere],
      });
      await expectRefusal(given, 'NotAuthorized');
    }
  });
});

describe('a user-admin', () => {
  it('G-02 may remove who is nothing but a learner', async () => {
    const given = world({ members: [ritaUserAdmin, adaLearner, adaElsewhere] });
    await expectEnded(given, {}, 'ada learner g-sales');
  });

  it.each(['coach', 'author', 'user-admin', 'admin'] as const)(
    'G-02 may not remove who is %s in it, also as well as learner, and the other lines proceed',
    async (role) => {
      const given = world({
        members: [
          ritaUserAdmin,
          adaLearner,
          ['ada', role, 'g-sales'],
          adaElsewhere,
          ['cem', role, 'g-sales'],
          ['cem', 'learner', 'g-other'],
          ['bob', 'learner', 'g-sales'],
          ['bob', 'learner', 'g-other'],
        ],
      });
      const users = ['ada', 'cem', 'bob'];
      const { result } = await expectEnded(given, { users }, 'bob learner g-sales');
      expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 2 });
      expect(result.attention).toMatchObject([
        { user: 'ada', type: 'NotAuthorized' },
        { user: 'cem', type: 'NotAuthorized' },
      ]);
    },
  );

  it('G-02 may remove who is only in its subgroups, even as coach there', async () => {
    const given = world({
      groups,
      members: [ritaUserAdmin, ['ada', 'learner', 'g-east'], ['ada', 'coach', 'g-east']],
    });
    await expectEnded(given, {}, 'ada learner g-east');
  });

  it('G-02 looks at the roles in the named group, not at those in subgroups and elsewhere', async () => {
    const given = world({
      groups,
      members: [ritaUserAdmin, adaLearner, ['ada', 'admin', 'g-east'], ['ada', 'admin', 'g-root']],
    });
    await expectEnded(given, {}, 'ada learner g-sales');
  });

  it('G-02 of the platform group may remove its mere learners, whose roles in subgroups end too', async () => {
    const given = world({
      groups,
      members: [
        ['rita', 'user-admin', 'g-root'],
        ['ada', 'learner', 'g-root'],
        ['ada', 'coach', 'g-sales'],
        ['ada', 'learner', 'g-closed'],
      ],
    });
    await expectEnded(given, { group: 'g-root' }, 'ada learner g-root', 'ada coach g-sales');
  });

  it('G-02 of the platform group has no right on another group', async () => {
    const given = world({ members: [['rita', 'user-admin', 'g-root'], adaLearner, adaElsewhere] });
    await expectRefusal(given, 'NotAuthorized');
  });

  it('G-02 may not remove oneself, being more than a learner', async () => {
    const given = world({ members: [ritaUserAdmin, ['rita', 'learner', 'g-other']] });
    await expectLineRefused(given, 'NotAuthorized', { users: ['rita'] });
  });

  it('G-02 is not asked for a user of whom nothing ends: that is unchanged', async () => {
    const given = world({ groups, members: [ritaUserAdmin, ['ada', 'admin', 'g-east'], adaElsewhere] });
    const { result } = await expectEnded(given, {});
    expect(result.users).toEqual({ done: 0, unchanged: 1, attention: 0 });
  });

  it('G-01 who is admin as well counts as admin', async () => {
    const given = world({
      members: [ritaUserAdmin, ritaAdmin, ['ada', 'coach', 'g-sales'], adaElsewhere],
    });
    await expectEnded(given, {}, 'ada coach g-sales');
  });
});

describe('anybody else', () => {
  it.each(['learner', 'coach', 'author'] as const)('A the role %s allows nothing', async (role) => {
    const given = world({ members: [['rita', role, 'g-sales'], adaLearner, adaElsewhere] });
    await expectRefusal(given, 'NotAuthorized');
    await expectRefusal(given, 'NotAuthorized', { mode: 'preview' });
  });

  it('A not even oneself may be removed without a right on the group', async () => {
    const given = world({ members: [adaLearner, adaElsewhere] });
    await expectRefusal(given, 'NotAuthorized', { requestedBy: 'ada' });
  });

  it('A an unknown or deleted requester may nothing', async () => {
    const given = world({ deleted: ['old'], members: [adaLearner, adaElsewhere] });
    for (const requestedBy of ['nobody', 'old']) await expectRefusal(given, 'NotAuthorized', { requestedBy });
  });

  it('A an unknown group is NotFound, before anybody asks who may', async () => {
    const given = world({ members: [ritaAdmin, adaLearner] });
    for (const requestedBy of [admin, 'rita', 'nobody']) {
      await expectRefusal(given, 'NotFound', { group: 'g-none', requestedBy });
    }
  });

  it('X-16 input is checked before existence and authorization', async () => {
    const input = { group: 'g-none', requestedBy: 'nobody', includePrivateSubgroups: 'yes', maxUsers: -1 };
    const { message } = await failureOf(lab.run('removeFromGroup', { ...input, users: 7 }), 'InvalidInput');
    for (const path of ['users', 'includePrivateSubgroups', 'maxUsers']) expect(message).toContain(path);
  });

  it.each(['group', 'users', 'requestedBy'])('X-16 misses %s', async (missing) => {
    const input = Object.fromEntries(Object.entries(byRita).filter(([key]) => key !== missing));
    const { message } = await failureOf(lab.run('removeFromGroup', input), 'InvalidInput');
    expect(message).toContain(missing);
  });
});

describe('who would be left without any membership', () => {
  it.each(['admin', 'user-admin'] as const)(
    'D-15 may be removed by an %s of all groups of the user, and is deleted',
    async (role) => {
      const given = world({
        groups,
        members: [
          ['rita', role, 'g-sales'],
          ['rita', role, 'g-east'],
          adaLearner,
          ['ada', 'learner', 'g-east'],
        ],
      });
      const { after } = await outcomeOf(given);
      expect(the(after.users, 'ada')).toMatchObject({ status: 'deleted', deletedBy: 'rita' });
    },
  );

  it('D-15 may not by one who holds no role in a reached subgroup, which is named; the rest proceed', async () => {
    const given = world({
      groups,
      members: [
        ritaAdmin,
        adaLearner,
        ['ada', 'learner', 'g-east'],
        ['bob', 'learner', 'g-east'],
        ['bob', 'coach', 'g-east'],
      ],
    });
    const { result } = await expectEnded(given, { users: ['ada', 'bob'] }, 'bob learner g-east');
    expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 1 });
    expect(result.attention).toMatchObject([{ user: 'ada', type: 'NotAuthorized' }]);
    expect(result.attention[0]?.message).toContain('g-east');
    expect(result.attention[0]?.message).not.toContain('g-sales');
  });

  it('D-15 may not by a user-admin of the group, for whom somebody only in its subgroups is missing', async () => {
    const given = world({ groups, members: [ritaUserAdmin, ['ada', 'learner', 'g-east']] });
    expect(await expectLineRefused(given, 'NotAuthorized')).toContain('g-east');
  });

  it('D-15 is not asked where a role in a subgroup keeps the account', async () => {
    const given = world({
      groups,
      members: [ritaAdmin, adaLearner, ['ada', 'learner', 'g-east'], ['ada', 'author', 'g-east']],
    });
    await expectEnded(given, {}, 'ada learner g-sales', 'ada learner g-east');
  });

  it('D-15 comes before D-14: a group admin hears of the owner what they may hear of others', async () => {
    const given = world({ groups, members: [ritaAdmin, [owner, 'coach', 'g-sales']] });
    await expectLineRefused(given, 'PlatformOwnerProtected', { users: [owner] });
    const elsewhere = world({
      groups,
      members: [ritaAdmin, [owner, 'coach', 'g-sales'], [owner, 'learner', 'g-east']],
    });
    await expectLineRefused(elsewhere, 'NotAuthorized', { users: [owner] });
    const asUserAdmin = world({ groups, members: [ritaUserAdmin, [owner, 'coach', 'g-sales']] });
    await expectLineRefused(asUserAdmin, 'NotAuthorized', { users: [owner] });
  });
});

describe('undoing', () => {
  const members: Member[] = [ritaAdmin, ['ron', 'admin', 'g-sales'], adaLearner];

  /** Rita removes Ada, who lives on elsewhere or is deleted. */
  async function removedByRita(elsewhere: Member[]): Promise<Outcome & { operation: string }> {
    const outcome = await outcomeOf(world({ members: [...members, ...elsewhere] }));
    expect(outcome.result.users.done).toBe(1);
    return { ...outcome, operation: outcome.result.operation };
  }

  it.each(['rita', admin, owner])('A X-08 is allowed to %s, and restores every byte', async (requestedBy) => {
    for (const elsewhere of [[adaElsewhere], []]) {
      const { before, operation } = await removedByRita(elsewhere);
      const undone = await undo(lab, operation, { requestedBy });
      expect(undone.attention).toEqual([]);
      expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
    }
  });

  it.each(['ron', 'ada', 'nobody'])('A X-08 is not allowed to %s', async (requestedBy) => {
    for (const elsewhere of [[adaElsewhere], []]) {
      const { after, operation } = await removedByRita(elsewhere);
      await failureOf(undo(lab, operation, { requestedBy }), 'NotAuthorized');
      expect(await lab.dump()).toEqual(after);
    }
  });

  it('A X-08 goes by the roles of today: who asked then, and is no admin now, may not', async () => {
    const { operation } = await removedByRita([adaElsewhere]);
    await lab.sql.query(`delete from lms.membership where user_id = 'rita'`);
    const before = await lab.dump();
    const refusals = await undo(lab, operation, { requestedBy: 'rita' }).then(
      ({ attention }) => attention.map(({ type }) => type),
      (failure: unknown) => [(failure as OperationFailed).type],
    );
    expect(refusals).toEqual(['NotAuthorized']);
    expect(await lab.dump()).toEqual(before);
  });
});
