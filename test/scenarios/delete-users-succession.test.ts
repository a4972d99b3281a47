import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../../contracts/changes.ts';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';
import { expectNothingHeldByDeleted, failureOf, retire, startWaiting, untilState } from './steps.ts';
import type { Input, Outcome } from './steps.ts';

/** Everybody is in a chunk of their own, and one chunk is done after the other. */
let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 1, window: 1 });
}, 120_000);
afterAll(() => lab.close());

/** Those who are gone leave their accounts and groups, `edit` happens, and beyond that nothing in the whole dump. */
function expectEnd(
  { before, after }: Omit<Outcome, 'result'>,
  gone: string[],
  edit: (then: World) => void,
): void {
  const then = structuredClone(before);
  for (const id of gone) retire(then, id, admin, the(after.users, id).deletedAt);
  edit(then);
  expect(after).toEqual(then);
  expectNothingHeldByDeleted(after);
}

/** Nothing passes through the hands of somebody who leaves too: each item has one transfer, to one who stays. */
async function expectOneHandEach(operation: string, users: string[]): Promise<void> {
  const changes = await lab.changes(operation);
  const transfers = changes.filter(({ kind, state }) => kind === 'ownership.transfer' && state === 'applied');
  expect(transfers.filter(({ after }) => users.includes(textOf(after, 'main')))).toEqual([]);
  expect(new Set(transfers.map(({ item }) => JSON.stringify(item))).size).toBe(transfers.length);
}

/** All of the list go, and what they held ends as `edit` says. */
async function expectHeirs(given: Given, users: string[], edit: (then: World) => void): Promise<void> {
  await lab.load(world(given));
  const before = await lab.dump();
  const result = await lab.run('deleteUsers', { users, requestedBy: admin });
  expectEnd({ before, after: await lab.dump() }, users, edit);
  expect(result).toMatchObject({ state: 'done', users: { done: users.length, unchanged: 0, attention: 0 } });
  await expectOneHandEach(result.operation, users);
}

function main(
  then: World,
  list: 'courses' | 'paths',
  id: string,
  author: string,
  coAuthors: string[] = [],
): void {
  Object.assign(the<World['courses' | 'paths'][number]>(then[list], id), { mainAuthor: author, coAuthors });
}

function instructor(then: World, id: string, mainInstructor: string, coInstructors: string[] = []): void {
  Object.assign(the(then.pathSessions, id), { mainInstructor, coInstructors });
}

const groups = [
  { id: 'g-sales', parent: 'g-region' },
  { id: 'g-region', parent: 'g-country' },
];
const old = '2010-01-01T00:00:00Z';
const later = '2024-01-01T00:00:00Z';

/**
 * Who leaves, and the heir who leaves too: the heir's chunk comes before and after, by the list and by the id.
 * `mia`, `max`, `gus` and the like stay.
 */
const pairs = [
  { leaver: 'abe', heir: 'zoe', users: ['abe', 'zoe'] },
  { leaver: 'abe', heir: 'zoe', users: ['zoe', 'abe'] },
  { leaver: 'zoe', heir: 'abe', users: ['abe', 'zoe'] },
  { leaver: 'zoe', heir: 'abe', users: ['zoe', 'abe'] },
];

describe.each(pairs)('$leaver leaves, and so does $heir, who would have followed ($users)', (pair) => {
  const { leaver, heir, users } = pair;
  const course = { id: 'c-1', mainAuthor: leaver, ownerGroup: 'g-sales' };
  const path = { ...course, id: 'p-1' };
  const gus: Member = ['gus', 'admin', 'g-sales', later];
  const ray: Member = ['ray', 'admin', 'g-region', later];
  const heirIn = (group: string): Member => [heir, 'admin', group, old];

  it.each(['courses', 'paths'] as const)('D-13 the next co-author takes over the %s', async (list) => {
    const given = { groups, members: [gus], [list]: [{ ...course, coAuthors: [heir, 'mia', 'max'] }] };
    await expectHeirs(given, users, (then) => main(then, list, 'c-1', 'mia', ['max']));
  });

  it.each(['courses', 'paths'] as const)(
    'D-13 without another co-author the group takes %s',
    async (list) => {
      const given = { groups, members: [gus], [list]: [{ ...course, coAuthors: [heir] }] };
      await expectHeirs(given, users, (then) => main(then, list, 'c-1', 'gus'));
    },
  );

  it('D-13 the next admin of the owner group takes over, then one of its parent, then the owner', async () => {
    const items = { courses: [course], paths: [path] };
    const end = (successor: string) => (then: World) => {
      main(then, 'courses', 'c-1', successor);
      main(then, 'paths', 'p-1', successor);
    };
    const inBoth = [heirIn('g-sales'), heirIn('g-region')];
    await expectHeirs({ groups, members: [...inBoth, gus, ray], ...items }, users, end('gus'));
    await expectHeirs({ groups, members: [...inBoth, ray], ...items }, users, end('ray'));
    await expectHeirs({ groups, members: inBoth, ...items }, users, end(owner));
  });

  it('D-13 heirs of each other leave nothing to each other', async () => {
    const given: Given = {
      groups,
      members: [gus],
      courses: [
        { ...course, coAuthors: [heir] },
        { ...course, id: 'c-2', mainAuthor: heir, coAuthors: [leaver, 'mia'] },
        { ...course, id: 'c-3', mainAuthor: 'max', coAuthors: [leaver, 'mia', heir] },
      ],
    };
    await expectHeirs(given, users, (then) => {
      main(then, 'courses', 'c-1', 'gus');
      main(then, 'courses', 'c-2', 'mia');
      main(then, 'courses', 'c-3', 'max', ['mia']);
    });
  });

  it('D-13 the next co-instructor takes over a session, then the main author of its path', async () => {
    const session = { path: 'p-1', mainInstructor: leaver };
    const given: Given = {
      paths: [{ id: 'p-1', mainAuthor: 'pat', coAuthors: ['max'] }],
      sessions: [
        { ...session, id: 's-1', coInstructors: [heir, 'mia', 'max'] },
        { ...session, id: 's-2', coInstructors: [heir] },
        { ...session, id: 's-3', mainInstructor: heir, coInstructors: [leaver] },
      ],
    };
    await expectHeirs(given, users, (then) => {
      instructor(then, 's-1', 'mia', ['max']);
      instructor(then, 's-2', 'pat');
      instructor(then, 's-3', 'pat');
    });
  });

  it('D-10 a session whose path passes on in another chunk goes to who then has the path', async () => {
    const session = { mainInstructor: leaver, coInstructors: [] };
    const ofHeir = { mainAuthor: heir, ownerGroup: 'g-sales' };
    const given: Given = {
      groups,
      members: [heirIn('g-sales'), gus],
      paths: [
        { ...ofHeir, id: 'p-co', coAuthors: [leaver, 'mia', 'max'] },
        { ...ofHeir, id: 'p-group' },
        { ...ofHeir, id: 'p-root', ownerGroup: 'g-lone' },
      ],
      sessions: [
        { ...session, id: 's-co', path: 'p-co' },
        { ...session, id: 's-group', path: 'p-group', coInstructors: [heir] },
        { ...session, id: 's-root', path: 'p-root' },
        { ...session, id: 's-kept', path: 'p-group', mainInstructor: 'mia' },
      ],
    };
    await expectHeirs(given, users, (then) => {
      main(then, 'paths', 'p-co', 'mia', ['max']);
      main(then, 'paths', 'p-group', 'gus');
      main(then, 'paths', 'p-root', admin);
      instructor(then, 's-co', 'mia');
      instructor(then, 's-group', 'gus');
      instructor(then, 's-root', admin);
    });
  });
});

describe('a whole chain that leaves', () => {
  const leavers = ['fox', 'ann', 'kim', 'zed', 'bea', 'lou'];
  const [first, second, third, fourth, fifth, sixth] = leavers as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const given: Given = {
    groups,
    members: [
      [fourth, 'admin', 'g-sales', old],
      [fifth, 'admin', 'g-sales', later],
      [sixth, 'admin', 'g-region', old],
      ['top', 'admin', 'g-country', old],
    ],
    courses: [{ id: 'c-1', mainAuthor: first, coAuthors: [second, third], ownerGroup: 'g-sales' }],
    paths: [{ id: 'p-1', mainAuthor: third, coAuthors: [first], ownerGroup: 'g-sales' }],
    sessions: [{ id: 's-1', path: 'p-1', mainInstructor: sixth, coInstructors: [fifth, second] }],
  };

  it.each([
    ['as named', leavers],
    ['backwards', leavers.toReversed()],
    ['by id', leavers.toSorted()],
  ])('D-13 ends with the owner when all of every rung leave, %s', async (_order, users) => {
    await expectHeirs(given, users, (then) => {
      main(then, 'courses', 'c-1', owner);
      main(then, 'paths', 'p-1', owner);
      instructor(then, 's-1', owner);
    });
  });

  it('D-13 stops at the one of the last rung who stays', async () => {
    const members: Member[] = [...(given.members ?? []), ['ray', 'admin', 'g-region', later]];
    await expectHeirs({ ...given, members }, leavers, (then) => {
      main(then, 'courses', 'c-1', 'ray');
      main(then, 'paths', 'p-1', 'ray');
      instructor(then, 's-1', 'ray');
    });
  });

  it('D-13 finds the one of a long co-list who stays, and keeps the order of the others', async () => {
    const coAuthors = [second, 'mia', third, fourth, 'max', fifth, sixth];
    const co = { groups, courses: [{ id: 'c-1', mainAuthor: first, coAuthors, ownerGroup: 'g-sales' }] };
    await expectHeirs(co, leavers, (then) => main(then, 'courses', 'c-1', 'mia', ['max']));
  });
});

describe('others of the same list', () => {
  const course = { id: 'c-1', mainAuthor: 'ada', ownerGroup: 'g-sales' };

  /** Only Ada goes, the other line is refused as this type, and that user takes over. */
  async function expectRefusedHeir(
    given: Given,
    heir: string,
    type: string,
    more: Input = {},
  ): Promise<void> {
    for (const users of [
      ['ada', heir],
      [heir, 'ada'],
    ]) {
      await lab.load(world(given));
      const before = await lab.dump();
      const result = await lab.run('deleteUsers', { users, requestedBy: admin, ...more });
      const after = await lab.dump();
      expect(result.attention).toMatchObject([{ line: users.indexOf(heir) + 1, user: heir, type }]);
      expect(after.courses).toMatchObject([{ mainAuthor: heir, coAuthors: [] }]);
      expect(the(after.users, heir)).toEqual(the(before.users, heir));
      expect(the(after.users, 'ada').status).toBe('deleted');
    }
  }

  it('D-13 an unauthorized one stays, and may follow', async () => {
    const members: Member[] = [
      ['rita', 'admin', 'g-sales'],
      ['ada', 'learner', 'g-sales'],
      ['bob', 'learner', 'g-support'],
    ];
    const courses = [{ ...course, coAuthors: ['bob'] }];
    await expectRefusedHeir({ members, courses }, 'bob', 'NotAuthorized', { requestedBy: 'rita' });
  });

  it('D-13 the protected owner stays, and may follow', async () => {
    const courses = [{ ...course, coAuthors: [owner] }];
    await expectRefusedHeir({ courses }, owner, 'PlatformOwnerProtected');
  });

  it('D-13 one whose private memberships remain stays, and may follow as co-author or admin', async () => {
    const closed = [{ id: 'g-closed', visibility: 'private' as const }];
    const bob: Member = ['bob', 'learner', 'g-closed'];
    const courses = [{ ...course, coAuthors: ['bob'] }];
    await expectRefusedHeir({ groups: closed, members: [bob], courses }, 'bob', 'PrivateMembershipsRemain');
    const members: Member[] = [bob, ['bob', 'admin', 'g-sales']];
    const given = { groups: closed, members, courses: [course] };
    await expectRefusedHeir(given, 'bob', 'PrivateMembershipsRemain');
  });

  it('D-13 one whom another operation holds stays for now, and may follow', async () => {
    await lab.load(world({ courses: [{ ...course, coAuthors: ['bob'] }] }));
    const before = await lab.dump();
    const held = await startWaiting(lab, { user: 'bob' });
    const result = await lab.run('deleteUsers', { users: ['ada', 'bob'], requestedBy: admin });
    expect(result.attention).toMatchObject([{ line: 2, user: 'bob', type: 'OperationInProgress' }]);
    expectEnd({ before, after: await lab.dump() }, ['ada'], (then) => main(then, 'courses', 'c-1', 'bob'));
    await held.update('reject', { by: admin, planHash: held.planHash, reason: 'he has a course now' });
    await failureOf(held.result(), 'ApprovalRejected');
  });

  it('D-13 one deleted earlier is not chosen, and keeps the place in the co-list', async () => {
    await lab.load(world({ deleted: ['old'], courses: [{ ...course, coAuthors: ['old', 'zoe', 'bob'] }] }));
    const before = await lab.dump();
    const result = await lab.run('deleteUsers', { users: ['old', 'zoe', 'ada'], requestedBy: admin });
    expect(result.users).toEqual({ done: 2, unchanged: 1, attention: 0 });
    expectEnd({ before, after: await lab.dump() }, ['ada', 'zoe'], (then) =>
      main(then, 'courses', 'c-1', 'bob', ['old']),
    );
  });

  it('D-13 one outside the list who is deleted while approval is waited for is not chosen', async () => {
    await lab.load(world({ courses: [{ ...course, coAuthors: ['zoe', 'bob', 'cem'] }] }));
    const before = await lab.dump();
    const input = { users: ['ada', 'zoe'], requestedBy: admin, approval: 'required' };
    const running = await lab.start('deleteUsers', input);
    const { planHash } = await untilState(running, 'waiting-for-approval');
    await lab.run('deleteUser', { user: 'bob', requestedBy: admin });
    await running.update('approve', { by: admin, planHash });
    await running.result();
    expectEnd({ before, after: await lab.dump() }, ['ada', 'zoe', 'bob'], (then) =>
      main(then, 'courses', 'c-1', 'cem'),
    );
  });
});
