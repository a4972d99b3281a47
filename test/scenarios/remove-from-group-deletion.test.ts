import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, past, the, world } from '../support/world-builder.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { afterFullLife, fullLife, fullLifeCounts } from './full-life.ts';
import { expectNothingHeldByDeleted, expectWithin, retire } from './steps.ts';
import type { Input, Outcome } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const fromSales = { group: 'g-sales', users: ['ada'], requestedBy: admin };
const whole = { group: 'g-root', includePrivateSubgroups: true };
const two = { users: ['ada', 'gus'] };

const groups: NonNullable<Given['groups']> = [
  { id: 'g-east', parent: 'g-sales' },
  { id: 'g-closed', parent: 'g-sales', visibility: 'private' },
];

async function outcomeOf(given: World, input: Input = {}): Promise<Outcome> {
  await lab.load(given);
  const before = await lab.dump();
  const result = await lab.run('removeFromGroup', { ...fromSales, ...input });
  return { before, after: await lab.dump(), result };
}

/** These users are deleted at that moment, and in the whole dump nothing else changes but the edit. */
async function expectDeleted(
  given: World,
  users: string[],
  edit: (then: World) => void = () => undefined,
  input: Input = {},
): Promise<Outcome> {
  const began = Date.now();
  const outcome = await outcomeOf(given, input);
  const { requestedBy } = { ...fromSales, ...input };
  const then = structuredClone(outcome.before);
  for (const user of users) {
    const { deletedAt } = the(outcome.after.users, user);
    expectWithin(deletedAt, began, Date.now());
    retire(then, user, requestedBy, deletedAt);
  }
  edit(then);
  expect(outcome.after).toEqual(then);
  expectNothingHeldByDeleted(outcome.after);
  expect(outcome.result).toMatchObject({ state: 'done', conflicts: 0 });
  expect(outcome.result.counts['account.retire'] ?? 0).toBe(users.length);
  return outcome;
}

/** Takes somebody's roles, as `admin g-sales`, out of a dump. */
function end(then: World, user: string, ...gone: string[]): void {
  then.memberships = then.memberships.filter(
    (membership) => membership.user !== user || !gone.includes(`${membership.role} ${membership.group}`),
  );
}

describe('the last membership', () => {
  it('G-07 ends the account: logins too, as a manual deletion by whoever asked', async () => {
    const given = world({
      users: [{ id: 'ada', loginSessions: 3, deletionScheduledOn: '2098-01-01', profile: { team: 'sales' } }],
      members: [
        ['ada', 'learner', 'g-sales'],
        ['ada', 'coach', 'g-sales'],
        ['bob', 'learner', 'g-sales'],
      ],
    });
    const { after, result } = await expectDeleted(given, ['ada'], undefined, { requestedBy: owner });
    expect(the(after.users, 'ada')).toMatchObject({ deletionKind: 'manual', deletedBy: owner });
    expect(result.counts).toEqual({ 'membership.remove': 2, 'account.retire': 1 });
    expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 0 });
    expect(result.attention).toEqual([]);
  });

  it('G-07 of several users only those are deleted who are left without any membership', async () => {
    const given = world({
      groups,
      members: [
        ['ada', 'learner', 'g-sales'],
        ['ada', 'learner', 'g-east'],
        ['bob', 'learner', 'g-sales'],
        ['bob', 'learner', 'g-closed'],
        ['cem', 'learner', 'g-sales'],
        ['cem', 'coach', 'g-east'],
        ['dan', 'learner', 'g-sales'],
        ['dan', 'learner', 'g-other'],
        ['eve', 'learner', 'g-east'],
      ],
    });
    const users = ['ada', 'bob', 'cem', 'dan', 'eve'];
    const edit = (then: World): void =>
      ['bob', 'cem', 'dan'].forEach((id) => end(then, id, 'learner g-sales'));
    const { result } = await expectDeleted(given, ['ada', 'eve'], edit, { users });
    expect(result.counts).toEqual({ 'membership.remove': 6, 'account.retire': 2 });
    expect(result.users.done).toBe(5);
  });

  it('G-07 does to somebody who holds one of everything what a deletion does', async () => {
    const { result } = await expectDeleted(fullLife(), ['ada'], afterFullLife, whole);
    expect(result.counts).toEqual(fullLifeCounts);
  });

  it('X-01 the preview shows the deletion as such, and changes nothing', async () => {
    const preview = await outcomeOf(fullLife(), { ...whole, mode: 'preview' });
    expect(preview.after).toEqual(preview.before);
    expect(preview.result).toMatchObject({ state: 'previewed', counts: fullLifeCounts });
    const bound = { ...fromSales, ...whole, planHash: preview.result.planHash };
    const applied = await lab.run('removeFromGroup', bound);
    expect(applied).toMatchObject({ state: 'done', counts: fullLifeCounts });
  });

  it('X-08 undone brings everything back, to the byte', async () => {
    const { before, result } = await outcomeOf(fullLife(), whole);
    const undone = await undo(lab, result.operation);
    expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
    expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
    expect(undone.counts).toMatchObject({ 'account.reinstate': 1, 'membership.add': 5 });
  });

  it('D-21 a second time the deleted are unchanged', async () => {
    const { after } = await outcomeOf(fullLife(), whole);
    const again = await lab.run('removeFromGroup', { ...fromSales, ...whole });
    expect(again.users).toEqual({ done: 0, unchanged: 1, attention: 0 });
    expect(again).toMatchObject({ counts: {}, attention: [] });
    expect(await lab.dump()).toEqual(after);
  });

  it('D-22 G-08 the deleted leave dynamic sessions and all upcoming slots, and stay in static sessions', async () => {
    const session = {
      path: 'p-1',
      mainInstructor: 'bob',
      audienceGroups: ['g-sales'],
      participants: ['ada'],
    };
    const given = world({
      members: [['ada', 'learner', 'g-sales']],
      paths: [{ id: 'p-1', mainAuthor: 'bob' }],
      sessions: [
        { ...session, id: 's-static' },
        { ...session, id: 's-dynamic', audience: 'dynamic' },
      ],
      slots: ['s-static', 's-dynamic'].flatMap((id) => [
        { id: `${id}-past`, session: id, attendees: ['ada'], ...past },
        { id: `${id}-next`, session: id, attendees: ['ada'] },
      ]),
    });
    await expectDeleted(given, ['ada'], (then) => {
      the(then.pathSessions, 's-dynamic').participants = [];
      for (const id of ['s-static-next', 's-dynamic-next']) the(then.slots, id).attendees = [];
    });
  });
});

describe('who follows', () => {
  const course = { id: 'c-1', mainAuthor: 'ada', ownerGroup: 'g-sales' };
  const adaInSales: Member = ['ada', 'learner', 'g-sales'];

  it('D-13 nobody who is deleted by the same operation', async () => {
    const given = world({
      members: [adaInSales, ['gus', 'learner', 'g-sales']],
      courses: [{ ...course, coAuthors: ['gus', 'cem'] }],
      paths: [{ id: 'p-1', mainAuthor: 'gus', coAuthors: ['ada'], ownerGroup: 'g-sales' }],
    });
    await expectDeleted(
      given,
      ['ada', 'gus'],
      (then) => {
        Object.assign(the(then.courses, 'c-1'), { mainAuthor: 'cem', coAuthors: [] });
        Object.assign(the(then.paths, 'p-1'), { mainAuthor: admin, coAuthors: [] });
      },
      two,
    );
  });

  it('D-13 a co-author who is only removed from the group may follow', async () => {
    const given = world({
      members: [adaInSales, ['gus', 'learner', 'g-sales'], ['gus', 'learner', 'g-other']],
      courses: [{ ...course, coAuthors: ['gus', 'cem'] }],
    });
    const edit = (then: World): void => {
      end(then, 'gus', 'learner g-sales');
      Object.assign(the(then.courses, 'c-1'), { mainAuthor: 'gus', coAuthors: ['cem'] });
    };
    await expectDeleted(given, ['ada'], edit, two);
  });

  it('D-13 not an admin who loses that very role by the same operation, but the next in the chain', async () => {
    const members: Member[] = [
      adaInSales,
      ['gus', 'admin', 'g-sales', '2019-01-01T00:00:00Z'],
      ['gus', 'learner', 'g-other'],
    ];
    for (const [heir, more] of [
      ['mia', { members: [...members, ['mia', 'admin', 'g-sales']] }],
      [admin, { members }],
      [owner, { members, platformAdmin: false }],
    ] satisfies [string, Given][]) {
      const edit = (then: World): void => {
        end(then, 'gus', 'admin g-sales');
        the(then.courses, 'c-1').mainAuthor = heir;
      };
      const given = world({ ...more, courses: [course] });
      await expectDeleted(given, ['ada'], edit, { ...two, requestedBy: owner });
    }
  });

  it('D-13 an admin of a subgroup keeps that role, and may follow', async () => {
    const given = world({
      groups,
      members: [adaInSales, ['gus', 'learner', 'g-sales'], ['gus', 'admin', 'g-east']],
      courses: [{ ...course, ownerGroup: 'g-east' }],
    });
    const edit = (then: World): void => {
      end(then, 'gus', 'learner g-sales');
      the(then.courses, 'c-1').mainAuthor = 'gus';
    };
    await expectDeleted(given, ['ada'], edit, two);
  });

  it('D-13 not an admin of a subgroup who loses the role with the platform group', async () => {
    const given = world({
      groups,
      members: [
        adaInSales,
        ['gus', 'admin', 'g-east'],
        ['gus', 'learner', 'g-closed'],
        ['mia', 'admin', 'g-sales'],
      ],
      courses: [{ ...course, ownerGroup: 'g-east' }],
    });
    const edit = (then: World): void => {
      end(then, 'gus', 'admin g-east');
      the(then.courses, 'c-1').mainAuthor = 'mia';
    };
    await expectDeleted(given, ['ada'], edit, { ...two, group: 'g-root' });
  });

  it('D-13 an admin whose line was refused keeps the role, and may follow', async () => {
    const given = world({ members: [adaInSales, [owner, 'admin', 'g-sales']], courses: [course] });
    const { result } = await expectDeleted(
      given,
      ['ada'],
      (then) => {
        the(then.courses, 'c-1').mainAuthor = owner;
      },
      { users: [owner, 'ada'] },
    );
    expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 1 });
  });

  it('D-10 the instructor is followed by the main author of the path as that stands after the operation', async () => {
    const given = world({
      members: [adaInSales, ['gus', 'learner', 'g-sales']],
      paths: [{ id: 'p-1', mainAuthor: 'gus', coAuthors: ['ada', 'cem'], ownerGroup: 'g-sales' }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'ada', coInstructors: ['gus'] }],
    });
    await expectDeleted(
      given,
      ['ada', 'gus'],
      (then) => {
        Object.assign(the(then.paths, 'p-1'), { mainAuthor: 'cem', coAuthors: [] });
        Object.assign(the(then.pathSessions, 's-1'), { mainInstructor: 'cem', coInstructors: [] });
      },
      two,
    );
  });

  it('D-13 only what the deleted hold is handed over', async () => {
    const given = world({
      members: [adaInSales, ['gus', 'admin', 'g-sales'], ['gus', 'learner', 'g-other']],
      courses: [
        { id: 'c-gus', mainAuthor: 'gus', coAuthors: ['ada'], ownerGroup: 'g-sales' },
        { id: 'c-bob', mainAuthor: 'bob', coAuthors: ['gus'], ownerGroup: 'g-sales' },
      ],
    });
    const edit = (then: World): void => {
      end(then, 'gus', 'admin g-sales');
      the(then.courses, 'c-gus').coAuthors = [];
    };
    const { result } = await expectDeleted(given, ['ada'], edit, two);
    expect(result.counts).toEqual({ 'membership.remove': 2, 'co-role.remove': 1, 'account.retire': 1 });
  });
});

describe('the platform owner', () => {
  it.each(['g-sales', 'g-east'])('D-14 keeps the last membership, here in %s', async (group) => {
    const given = world({ groups, members: [[owner, 'learner', group]] });
    for (const requestedBy of [owner, admin]) {
      const { before, after, result } = await outcomeOf(given, { users: [owner], requestedBy });
      expect(after).toEqual(before);
      expect(result).toMatchObject({ state: 'done', counts: {} });
      expect(result.users).toEqual({ done: 0, unchanged: 0, attention: 1 });
      expect(result.attention).toMatchObject([{ user: owner, type: 'PlatformOwnerProtected' }]);
    }
  });

  it('G-07 is removed like anybody else where another membership remains', async () => {
    const given = world({
      groups,
      members: [
        [owner, 'admin', 'g-sales'],
        [owner, 'learner', 'g-closed'],
      ],
    });
    await expectDeleted(given, [], (then) => end(then, owner, 'admin g-sales'), { users: [owner] });
  });

  it('G-07 without any membership is unchanged, not protected', async () => {
    const given = world({ groups: [{ id: 'g-sales' }] });
    const { result } = await expectDeleted(given, [], undefined, { users: [owner] });
    expect(result.users).toEqual({ done: 0, unchanged: 1, attention: 0 });
  });
});
