import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MembershipRole } from '../../contracts/facts.ts';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, world } from '../support/world-builder.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { essence, failureOf } from './steps.ts';
import type { Input, Outcome } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const fromSales = { group: 'g-sales', users: ['ada'], requestedBy: admin };
const all = { includePrivateSubgroups: true };
const roles: MembershipRole[] = ['learner', 'coach', 'author', 'user-admin', 'admin'];

/** Below `g-sales`: public, public below that, and private ones with a public one below. */
const groups: NonNullable<Given['groups']> = [
  { id: 'g-east', parent: 'g-sales' },
  { id: 'g-shop', parent: 'g-east' },
  { id: 'g-closed', parent: 'g-east', visibility: 'private' },
  { id: 'g-inner', parent: 'g-closed' },
  { id: 'g-vault', parent: 'g-inner', visibility: 'private' },
];
const everyGroup = ['g-root', 'g-sales', 'g-east', 'g-shop', 'g-closed', 'g-inner', 'g-vault', 'g-other'];

async function outcomeOf(given: World, input: Input = {}): Promise<Outcome> {
  await lab.load(given);
  const before = await lab.dump();
  const result = await lab.run('removeFromGroup', { ...fromSales, ...input });
  return { before, after: await lab.dump(), result };
}

/** A dump without these memberships, each as `ada learner g-sales`; all of them must be there. */
function ending(before: World, ...gone: string[]): World {
  const then = structuredClone(before);
  const left = then.memberships.filter(({ user, role, group }) => !gone.includes(`${user} ${role} ${group}`));
  expect(left).toHaveLength(then.memberships.length - gone.length);
  return { ...then, memberships: left };
}

/** These memberships end, and in the whole dump nothing else changes. */
async function expectEnded(given: World, input: Input, ...gone: string[]): Promise<Outcome> {
  const outcome = await outcomeOf(given, input);
  expect(outcome.after).toEqual(ending(outcome.before, ...gone));
  expect(outcome.result).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
  expect(outcome.result.counts).toEqual(gone.length === 0 ? {} : { 'membership.remove': gone.length });
  expect(outcome.result.users.done).toBe(new Set(gone.map((membership) => membership.split(' ')[0])).size);
  return outcome;
}

/** Nothing changes, because the user is not where the removal reaches. */
async function expectUnchanged(members: Member[], input: Input = {}): Promise<void> {
  const { result } = await expectEnded(world({ groups, members }), input);
  expect(result.users).toEqual({ done: 0, unchanged: 1, attention: 0 });
}

describe('which groups are reached', () => {
  const learnerEverywhere = world({
    users: [{ id: 'ada', loginSessions: 2 }],
    groups,
    members: [
      ...everyGroup.map((group): Member => ['ada', 'learner', group]),
      ...everyGroup.map((group): Member => ['bob', 'learner', group]),
    ],
  });

  it('G-03 leaves the parent, the platform group and the groups beside as they are', async () => {
    await expectEnded(learnerEverywhere, { group: 'g-shop' }, 'ada learner g-shop');
    await expectEnded(learnerEverywhere, { group: 'g-vault' }, 'ada learner g-vault');
  });

  it('G-03 leaves every role in the parent, with private subgroups or without', async () => {
    const given = world({
      groups,
      members: [['ada', 'learner', 'g-east'], ...roles.map((role): Member => ['ada', role, 'g-sales'])],
    });
    await expectEnded(given, { group: 'g-east' }, 'ada learner g-east');
    await expectEnded(given, { group: 'g-east', ...all }, 'ada learner g-east');
  });

  it('G-04 with private subgroups reaches all of them, at every depth', async () => {
    const reached = ['g-sales', 'g-east', 'g-shop', 'g-closed', 'g-inner', 'g-vault'];
    await expectEnded(learnerEverywhere, all, ...reached.map((group) => `ada learner ${group}`));
  });

  it('G-05 without them reaches public subgroups, also of public subgroups, and stops at private ones', async () => {
    const gone = ['g-sales', 'g-east', 'g-shop'].map((group) => `ada learner ${group}`);
    await expectEnded(learnerEverywhere, {}, ...gone);
    await expectEnded(learnerEverywhere, { includePrivateSubgroups: false }, ...gone);
  });

  it('G-05 does not touch a public group below a private one, whose other subgroups it reaches', async () => {
    const given = world({
      groups: [
        { id: 'g-closed', parent: 'g-sales', visibility: 'private' },
        { id: 'g-inner', parent: 'g-closed' },
        { id: 'g-open', parent: 'g-sales' },
      ],
      members: [
        ['ada', 'learner', 'g-inner'],
        ['ada', 'learner', 'g-open'],
      ],
    });
    await expectEnded(given, {}, 'ada learner g-open');
  });

  it('G-05 a private group that is itself the named one is no stop', async () => {
    const gone = ['ada learner g-closed', 'ada learner g-inner'];
    await expectEnded(learnerEverywhere, { group: 'g-closed' }, ...gone);
  });
});

describe('which roles end', () => {
  const everyRole = (group: string): Member[] => roles.map((role): Member => ['ada', role, group]);
  const ended = (group: string): string[] => roles.map((role) => `ada ${role} ${group}`);

  it('G-06 in the named group every role ends', async () => {
    const given = world({ members: [...everyRole('g-sales'), ['ada', 'learner', 'g-other']] });
    await expectEnded(given, {}, ...ended('g-sales'));
  });

  it('G-06 in its subgroups the learner role ends, and coach, author, user-admin and admin stay', async () => {
    const given = world({
      groups,
      members: ['g-sales', 'g-east', 'g-shop', 'g-closed', 'g-inner'].flatMap(everyRole),
    });
    const reached = [...ended('g-sales'), 'ada learner g-east', 'ada learner g-shop'];
    await expectEnded(given, {}, ...reached);
    await expectEnded(given, all, ...reached, 'ada learner g-closed', 'ada learner g-inner');
  });

  it('G-06 from the platform group every role ends in its subgroups too', async () => {
    const given = world({ groups, members: ['g-root', 'g-sales', 'g-east', 'g-closed'].flatMap(everyRole) });
    const reached = ['g-root', 'g-sales', 'g-east'].flatMap(ended);
    await expectEnded(given, { group: 'g-root' }, ...reached);
  });

  it('G-06 a platform group that is called private is the platform group all the same', async () => {
    const given = world({
      rootVisibility: 'private',
      groups,
      members: ['g-root', 'g-east', 'g-closed'].flatMap(everyRole),
    });
    await expectEnded(given, { group: 'g-root' }, ...['g-root', 'g-east'].flatMap(ended));
  });

  it('G-06 a user who is only in the subgroups is removed from them alike', async () => {
    const given = world({
      groups,
      members: [...everyRole('g-east'), ['ada', 'learner', 'g-shop'], ['ada', 'learner', 'g-closed']],
    });
    await expectEnded(given, {}, 'ada learner g-east', 'ada learner g-shop');
  });

  it('G-06 a user who is only in the subgroups of the platform group loses every role there', async () => {
    const given = world({ groups, members: [...everyRole('g-east'), ...everyRole('g-inner')] });
    await expectEnded(given, { group: 'g-root' }, ...ended('g-east'));
  });

  it('G-06 a user who is in none of the groups is unchanged', async () => {
    await expectUnchanged([['ada', 'learner', 'g-other']]);
    await expectUnchanged([['ada', 'admin', 'g-root']]);
    await expectUnchanged([['ada', 'learner', 'g-sales']], { group: 'g-east' });
    await expectUnchanged([['ada', 'learner', 'g-closed']]);
  });

  it.each(['coach', 'author', 'user-admin', 'admin'] as const)(
    'G-06 a user who is only %s in a subgroup is unchanged',
    async (role) => {
      await expectUnchanged([['ada', role, 'g-east']]);
      await expectUnchanged([['ada', role, 'g-closed']], all);
    },
  );

  it('G-06 a user without any group is unchanged, and so not deleted', async () => {
    const given = world({ groups, users: [{ id: 'ada' }], members: [['bob', 'learner', 'g-sales']] });
    const { result } = await expectEnded(given, {});
    expect(result.users).toEqual({ done: 0, unchanged: 1, attention: 0 });
  });
});

describe('the platform group with private memberships', () => {
  it('D-16 does not refuse: the account lives on, logins and all, in what G-05 does not reach', async () => {
    const given = world({
      users: [{ id: 'ada', loginSessions: 3 }],
      groups,
      members: [
        ['ada', 'learner', 'g-root'],
        ['ada', 'coach', 'g-sales'],
        ['ada', 'admin', 'g-east'],
        ['ada', 'learner', 'g-closed'],
        ['ada', 'coach', 'g-inner'],
        ['ada', 'learner', 'g-vault'],
      ],
    });
    const gone = ['ada learner g-root', 'ada coach g-sales', 'ada admin g-east'];
    await expectEnded(given, { group: 'g-root' }, ...gone);
  });

  it('D-16 a lone membership in a public group below a private one keeps the account', async () => {
    const given = world({
      groups,
      members: [
        ['ada', 'learner', 'g-root'],
        ['ada', 'learner', 'g-inner'],
      ],
    });
    await expectEnded(given, { group: 'g-root' }, 'ada learner g-root');
  });
});

describe('lists of users', () => {
  const given = world({
    users: [
      { id: 'ada', email: 'Ada@Example.org' },
      { id: 'ada-before', email: 'ada@example.org', status: 'deleted' },
    ],
    groups,
    members: ['ada', 'bob', 'cem'].flatMap((user): Member[] => [
      [user, 'learner', 'g-sales'],
      [user, 'learner', 'g-other'],
    ]),
  });
  const both = ['ada learner g-sales', 'bob learner g-sales'];

  it.each([
    [['ada', 'bob']],
    [[{ id: 'bob' }, { email: ' aDa@example.ORG ' }]],
    ['ada,bob'],
    [' ADA@EXAMPLE.ORG ,bob@example.org '],
  ])('D-17 takes %j', async (users) => {
    await expectEnded(given, { users }, ...both);
  });

  it('D-17 folds who is named more than once, by id, email or either case', async () => {
    const users = ['ada', 'bob', { id: 'ada' }, 'ADA@example.org', { email: 'ada@Example.org' }, 'bob'];
    const { result } = await expectEnded(given, { users }, ...both);
    expect(result.users).toEqual({ done: 2, unchanged: 4, attention: 0 });
    const text = await expectEnded(given, { users: 'ada, Ada@example.org, bob, ada' }, ...both);
    expect(text.result.users).toEqual({ done: 2, unchanged: 2, attention: 0 });
  });

  it('D-17 reports unknown users line by line, without their emails, and does the rest', async () => {
    const users = ['nobody', 'ada', { email: 'who@example.org' }, 'ada-before', 'u-owner', 'bob'];
    const { before, after, result } = await outcomeOf(given, { users });
    expect(after).toEqual(ending(before, ...both));
    expect(result).toMatchObject({ state: 'done', conflicts: 0, counts: { 'membership.remove': 2 } });
    expect(result.users).toEqual({ done: 2, unchanged: 2, attention: 2 });
    expect(result.attention).toMatchObject([{ type: 'NotFound' }, { type: 'NotFound' }]);
    expect(JSON.stringify(result)).not.toContain('@example.org');
  });

  it('D-17 is done also when every line is refused', async () => {
    const { before, after, result } = await outcomeOf(given, { users: ['nobody', 'who@example.org'] });
    expect(after).toEqual(before);
    expect(result).toMatchObject({ state: 'done', counts: {} });
    expect(result.users).toEqual({ done: 0, unchanged: 0, attention: 2 });
  });

  it('D-21 a user who is deleted already is unchanged', async () => {
    const { result } = await expectEnded(given, { users: ['ada-before'] });
    expect(result.users).toEqual({ done: 0, unchanged: 1, attention: 0 });
  });
});

describe('what every operation has', () => {
  const given = world({
    groups,
    members: ['ada', 'bob', 'cem'].flatMap((user): Member[] => [
      [user, 'learner', 'g-sales'],
      [user, 'coach', 'g-sales'],
      [user, 'learner', 'g-east'],
      [user, 'learner', 'g-other'],
    ]),
  });
  const two = { users: ['ada', 'bob'] };

  it('X-01, X-02 a preview changes nothing, and shows what is then done by its hash, change by change', async () => {
    const preview = await outcomeOf(given, { ...two, mode: 'preview' });
    expect(preview.after).toEqual(preview.before);
    expect(preview.result).toMatchObject({ state: 'previewed', counts: { 'membership.remove': 6 } });
    expect(preview.result.users).toEqual({ done: 2, unchanged: 0, attention: 0 });
    const { planHash } = preview.result;
    const applied = await lab.run('removeFromGroup', { ...fromSales, ...two, planHash });
    expect(applied).toMatchObject({ state: 'done', planHash });
    expect(applied.counts).toEqual(preview.result.counts);
    const planned = essence(await lab.changes(preview.result.operation));
    expect(essence(await lab.changes(applied.operation))).toEqual(planned);
  });

  it('X-02 stops when a membership has come, or another user is named', async () => {
    const { planHash } = (await outcomeOf(given, { ...two, mode: 'preview' })).result;
    const bound = { ...fromSales, planHash };
    await failureOf(lab.run('removeFromGroup', { ...bound, users: ['ada', 'cem'] }), 'PlanChanged');
    await lab.sql.query(
      `insert into lms.membership (group_id, user_id, role, since) values ('g-shop', 'bob', 'learner', now())`,
    );
    const before = await lab.dump();
    const { message } = await failureOf(lab.run('removeFromGroup', { ...bound, ...two }), 'PlanChanged');
    expect(message).toContain('g-shop');
    expect(await lab.dump()).toEqual(before);
  });

  it('X-03 stops above maxUsers before the first change, counting only users who have one', async () => {
    await lab.load(given);
    const before = await lab.dump();
    await failureOf(lab.run('removeFromGroup', { ...fromSales, ...two, maxUsers: 1 }), 'GuardExceeded');
    expect(await lab.dump()).toEqual(before);
    const users = ['ada', admin, 'nobody'];
    const result = await lab.run('removeFromGroup', { ...fromSales, users, maxUsers: 1 });
    expect(result.users).toEqual({ done: 1, unchanged: 1, attention: 1 });
  });

  it('X-08 undone is as if it had never been, to the byte', async () => {
    const { before, result } = await outcomeOf(given, two);
    const undone = await undo(lab, result.operation);
    expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
    expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
    expect(undone.counts).toEqual({ 'membership.add': 6 });
    expect(undone.users.done).toBe(2);
  });

  it('G-06 a second time everybody is unchanged', async () => {
    const { after } = await outcomeOf(given, two);
    const again = await lab.run('removeFromGroup', { ...fromSales, ...two });
    expect(again).toMatchObject({ state: 'done', counts: {}, attention: [] });
    expect(again.users).toEqual({ done: 0, unchanged: 2, attention: 0 });
    expect(await lab.dump()).toEqual(after);
  });
});
