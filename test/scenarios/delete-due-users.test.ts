import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';
import type { Given, Member, User } from '../support/world-builder.ts';
import { beginOf, dayIn } from './days.ts';
import { afterFullLife, fullLife, fullLifeCounts } from './full-life.ts';
import { essence, expectNothingHeldByDeleted, expectWithin, failureOf, retire } from './steps.ts';
import type { Input, Outcome } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
/** The same in chunks of two users. */
let small: Lab;
beforeAll(async () => {
  lab = await openLab();
  small = await openLab({ chunkUsers: 2 });
}, 120_000);
afterAll(async () => {
  await lab.close();
  await small.close();
});

const amsterdam = 'Europe/Amsterdam';
const longDue = '2024-05-01';
const midnightOfLongDue = '2024-04-30T22:00:00Z';

function due(id: string, deletionScheduledOn = longDue): Pick<User, 'id' | 'deletionScheduledOn'> {
  return { id, deletionScheduledOn };
}

async function runOf(given: World, input: Input = {}, where: Lab = lab): Promise<Outcome> {
  await where.load(given);
  const before = await where.dump();
  const result = await where.run('deleteDueUsers', input);
  return { before, after: await where.dump(), result };
}

/** D-01, D-02 and D-19 as edits of a dump. */
function retireByItself(then: World, user: string, deletedAt: string | null): void {
  retire(then, user, 'system', deletedAt);
  the(then.users, user).deletionKind = 'automatic';
}

/** These are deleted, each at that instant, and in the whole dump nothing else changes but what `edit` says. */
async function expectGone(
  given: World,
  gone: Record<string, string>,
  edit: (then: World) => void = () => undefined,
  input: Input = {},
  where: Lab = lab,
): Promise<Outcome> {
  const outcome = await runOf(given, input, where);
  const then = structuredClone(outcome.before);
  for (const [user, instant] of Object.entries(gone)) {
    const { deletedAt } = the(outcome.after.users, user);
    expectSameInstant(deletedAt, instant);
    retireByItself(then, user, deletedAt);
  }
  edit(then);
  expect(outcome.after).toEqual(then);
  expectNothingHeldByDeleted(outcome.after);
  expect(outcome.result).toMatchObject({
    state: 'done',
    users: { done: Object.keys(gone).length, unchanged: 0 },
    conflicts: 0,
  });
  return outcome;
}

/** To the microsecond: nothing of the moment of running may be left in it. */
function expectSameInstant(actual: string | null, expected: string): void {
  expect(actual).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.0+)?Z$/);
  expect(Date.parse(actual ?? '')).toBe(Date.parse(expected));
}

function expectNothingDone(result: OperationResult): void {
  expect(result).toMatchObject({ state: 'done', counts: {}, attention: [], conflicts: 0 });
  expect(result.users).toEqual({ done: 0, unchanged: 0, attention: 0 });
}

describe('whose date has begun', () => {
  it.each(['Pacific/Kiritimati', 'Asia/Kathmandu', amsterdam, 'UTC', 'Pacific/Pago_Pago'])(
    'D-19 in %s those of today and before are deleted, and those of tomorrow and after stay',
    async (timeZone) => {
      const [today, yesterday] = [dayIn(timeZone), dayIn(timeZone, -1)];
      const users = [
        due('of-today', today),
        due('of-yesterday', yesterday),
        due('of-long-ago', longDue),
        due('of-tomorrow', dayIn(timeZone, 1)),
        due('of-next-year', dayIn(timeZone, 365)),
        { id: 'of-no-day' },
      ];
      await expectGone(world({ timeZone, users }), {
        'of-today': beginOf(today, timeZone),
        'of-yesterday': beginOf(yesterday, timeZone),
        'of-long-ago': beginOf(longDue, timeZone),
      });
    },
  );

  it('D-19 nobody is due: nothing is done', async () => {
    const users = [due('ada', dayIn(amsterdam, 1)), { id: 'bob' }];
    const { before, after, result } = await runOf(world({ users, deleted: ['old'] }));
    expect(after).toEqual(before);
    expectNothingDone(result);
  });

  it('D-19 D-21 who had been deleted before stays as recorded', async () => {
    const manual = { status: 'deleted', deletedAt: '2022-02-02T10:00:00Z', deletedBy: owner } as const;
    const automatic = { ...manual, deletionKind: 'automatic', deletedBy: 'system' } as const;
    const users = [{ ...due('old'), ...manual }, { ...due('older'), ...automatic }, due('ada')];
    await expectGone(world({ users }), { ada: midnightOfLongDue });
    const { before, after, result } = await runOf(world({ users: users.slice(0, 2) }));
    expect(after).toEqual(before);
    expectNothingDone(result);
  });

  it('D-19 run twice: the second time nothing is done', async () => {
    const { after } = await runOf(world({ users: [due('ada'), due('bob', dayIn(amsterdam))] }));
    expectNothingDone(await lab.run('deleteDueUsers', {}));
    expect(await lab.dump()).toEqual(after);
  });

  it('D-19 a user without any group, and a platform admin, are deleted like all others', async () => {
    const given = world({ users: [due('ada'), due('bob')], members: [['bob', 'admin', 'g-root']] });
    await expectGone(given, { ada: midnightOfLongDue, bob: midnightOfLongDue });
  });
});

describe('the recorded time', () => {
  it.each([
    ['Europe/Amsterdam', '2025-07-01', '2025-06-30T22:00:00Z'],
    ['Europe/Amsterdam', '2025-01-01', '2024-12-31T23:00:00Z'],
    ['Europe/Amsterdam', '2025-03-30', '2025-03-29T23:00:00Z'],
    ['Asia/Kathmandu', '2025-01-02', '2025-01-01T18:15:00Z'],
    ['Pacific/Kiritimati', '2025-01-02', '2025-01-01T10:00:00Z'],
    ['Pacific/Pago_Pago', '2025-01-02', '2025-01-02T11:00:00Z'],
    ['America/New_York', '2024-02-29', '2024-02-29T05:00:00Z'],
  ])('D-19 in %s is 00:00 of %s, however late the run: %s', async (timeZone, date, instant) => {
    await expectGone(world({ timeZone, users: [due('ada', date)] }), { ada: instant });
  });

  it.each([
    ['Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00Z'],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z'],
    ['Asia/Beirut', '2022-03-27', '2022-03-26T22:00:00Z'],
  ])(
    'D-19 in %s is the first instant of %s, whose midnight is skipped: %s',
    async (timeZone, date, instant) => {
      await expectGone(world({ timeZone, users: [due('ada', date)] }), { ada: instant });
    },
  );

  it.each([
    ['America/Havana', '2024-11-03', '2024-11-03T04:00:00Z'],
    ['Atlantic/Azores', '2024-10-27', '2024-10-27T00:00:00Z'],
  ])('D-19 in %s is the first midnight of %s, which has two: %s', async (timeZone, date, instant) => {
    await expectGone(world({ timeZone, users: [due('ada', date)] }), { ada: instant });
  });

  it('D-19 is that of each one’s own date', async () => {
    const users = [due('ada', '2024-01-15'), due('bob', '2024-07-15'), due('cem', '2023-07-15')];
    await expectGone(world({ users }), {
      ada: '2024-01-14T23:00:00Z',
      bob: '2024-07-14T22:00:00Z',
      cem: '2023-07-14T22:00:00Z',
    });
  });

  it('D-19 is the real one where somebody is deleted by hand, also on that very date', async () => {
    await lab.load(world({ users: [due('ada', dayIn(amsterdam)), due('bob')] }));
    const began = Date.now();
    for (const user of ['ada', 'bob']) await lab.run('deleteUser', { user, requestedBy: admin });
    const after = await lab.dump();
    for (const user of ['ada', 'bob']) {
      expect(the(after.users, user)).toMatchObject({ deletionKind: 'manual', deletedBy: admin });
      expectWithin(the(after.users, user).deletedAt, began, Date.now());
    }
    expectNothingDone(await lab.run('deleteDueUsers', {}));
    expect(await lab.dump()).toEqual(after);
  });
});

describe('what goes with the account', () => {
  it('D-19 everything that D says, private memberships too', async () => {
    const given = fullLife();
    the(given.users, 'ada').deletionScheduledOn = longDue;
    const { result } = await expectGone(given, { ada: midnightOfLongDue }, afterFullLife);
    expect(result.counts).toEqual(fullLifeCounts);
    expect(result.users.attention).toBe(0);
  });

  it('D-03 a slot that began after that midnight is kept: what counts is the moment of the run', async () => {
    const hour = 3_600_000;
    const startsAt = new Date(Math.floor(Date.now() / 1000) * 1000 - hour).toISOString();
    const given = world({
      users: [due('ada')],
      paths: [{ id: 'p-1', mainAuthor: 'bob' }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'bob', participants: ['ada'] }],
      slots: [
        { id: 't-begun', session: 's-1', attendees: ['ada'], startsAt },
        { id: 't-next', session: 's-1', attendees: ['ada'] },
      ],
    });
    await expectGone(given, { ada: midnightOfLongDue }, (then) => {
      the(then.slots, 't-next').attendees = [];
    });
  });

  const heirs: Given = {
    users: [due('ada'), due('bob', '2024-06-01'), due('gus'), due('pat'), due('zoe')],
    members: [
      ['gus', 'admin', 'g-sales', '2019-01-01T00:00:00Z'],
      ['eve', 'admin', 'g-sales', '2021-01-01T00:00:00Z'],
      ['zoe', 'admin', 'g-east', '2019-01-01T00:00:00Z'],
    ],
    groups: [{ id: 'g-east', parent: 'g-sales' }],
    courses: [
      { id: 'c-co', mainAuthor: 'ada', coAuthors: ['bob', 'cem', 'gus'] },
      { id: 'c-group', mainAuthor: 'bob', coAuthors: ['ada'], ownerGroup: 'g-sales' },
      { id: 'c-parent', mainAuthor: 'gus', ownerGroup: 'g-east' },
      { id: 'c-helped', mainAuthor: 'cem', coAuthors: ['zoe', 'ada', 'dan', 'pat'] },
    ],
    paths: [{ id: 'p-1', mainAuthor: 'pat', coAuthors: ['zoe'], ownerGroup: 'g-east' }],
    sessions: [
      { id: 's-1', path: 'p-1', mainInstructor: 'ada', coInstructors: ['bob'] },
      { id: 's-2', path: 'p-1', mainInstructor: 'bob', coInstructors: ['gus', 'dan'] },
    ],
  };
  const gone = {
    ada: midnightOfLongDue,
    bob: '2024-05-31T22:00:00Z',
    gus: midnightOfLongDue,
    pat: midnightOfLongDue,
    zoe: midnightOfLongDue,
  };
  const inherited = (then: World): void => {
    Object.assign(the(then.courses, 'c-co'), { mainAuthor: 'cem', coAuthors: [] });
    Object.assign(the(then.courses, 'c-group'), { mainAuthor: 'eve', coAuthors: [] });
    the(then.courses, 'c-parent').mainAuthor = 'eve';
    the(then.courses, 'c-helped').coAuthors = ['dan'];
    Object.assign(the(then.paths, 'p-1'), { mainAuthor: 'eve', coAuthors: [] });
    Object.assign(the(then.pathSessions, 's-1'), { mainInstructor: 'eve', coInstructors: [] });
    Object.assign(the(then.pathSessions, 's-2'), { mainInstructor: 'dan', coInstructors: [] });
  };

  it('D-13 nobody who is due as well inherits anything', async () => {
    await expectGone(world(heirs), gone, inherited);
  });

  it('D-13 nobody who is due inherits anything, in whichever chunk they are', async () => {
    await expectGone(world(heirs), gone, inherited, {}, small);
  });

  it('D-13 the platform owner inherits where all others are due', async () => {
    const given = world({
      platformAdmin: false,
      users: [due('ada'), due('bob'), due('gus')],
      members: [['gus', 'admin', 'g-root']],
      courses: [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob'] }],
    });
    const all = { ada: midnightOfLongDue, bob: midnightOfLongDue, gus: midnightOfLongDue };
    await expectGone(given, all, (then) => {
      Object.assign(the(then.courses, 'c-1'), { mainAuthor: owner, coAuthors: [] });
    });
  });
});

describe('the platform owner', () => {
  it('D-14 who is due is not deleted, but listed; the others are', async () => {
    const given = world({ users: [due(owner), due('ada')] });
    for (const where of [lab, small]) {
      const { result } = await expectGone(given, { ada: midnightOfLongDue }, undefined, {}, where);
      expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 1 });
      expect(result.attention).toMatchObject([{ user: owner, type: 'PlatformOwnerProtected' }]);
    }
  });

  it('D-14 who is the only one due is listed, and nothing changes', async () => {
    const { before, after, result } = await runOf(world({ users: [due(owner)] }));
    expect(after).toEqual(before);
    expect(result).toMatchObject({ state: 'done', counts: {}, users: { done: 0, attention: 1 } });
  });
});

describe('how many', () => {
  /** 150 living users, so many of them due. */
  function crowd(count: number): World {
    const ids = Array.from({ length: 148 }, (_, i) => `n-${String(i).padStart(3, '0')}`);
    const members = ids.map((id): Member => [id, 'learner', 'g-sales']);
    return world({ users: ids.slice(0, count).map((id) => due(id)), members });
  }

  function expectCrowdGone({ after, result }: Outcome, count: number): void {
    expect(result).toMatchObject({ state: 'done', users: { done: count, unchanged: 0, attention: 0 } });
    expect(result.counts).toEqual({ 'membership.remove': count, 'account.retire': count });
    const deleted = after.users.filter(({ deletionKind }) => deletionKind === 'automatic');
    expect(deleted).toHaveLength(count);
    for (const { deletedAt, deletedBy } of deleted) {
      expectSameInstant(deletedAt, midnightOfLongDue);
      expect(deletedBy).toBe('system');
    }
    expect(after.users.filter(({ status }) => status === 'active')).toHaveLength(150 - count);
    expectNothingHeldByDeleted(after);
  }

  it('X-04 more than 100 need no approval', async () => {
    expectCrowdGone(await runOf(crowd(120), { maxShare: 1 }), 120);
  });

  it('X-03 more than a fifth of the living are stopped, before the first change', async () => {
    await lab.load(crowd(120));
    const before = await lab.dump();
    for (const input of [{}, { maxShare: 0.79 }, { maxShare: 1, maxUsers: 119 }]) {
      await failureOf(lab.run('deleteDueUsers', input), 'GuardExceeded');
      expect(await lab.dump()).toEqual(before);
    }
    expect((await lab.run('deleteDueUsers', { maxShare: 0.8, maxUsers: 120 })).users.done).toBe(120);
  });

  it('X-03 the share says nothing of 100 users', async () => {
    expectCrowdGone(await runOf(crowd(100)), 100);
  });
});

describe('what every operation has', () => {
  const given: Given = {
    users: [
      { ...due('ada'), loginSessions: 2 },
      { ...due('bob', dayIn(amsterdam)), loginSessions: 1 },
      due('cem', '2098-01-01'),
    ],
    groups: [{ id: 'g-closed', visibility: 'private' }],
    members: [
      ['ada', 'learner', 'g-sales', '2021-01-01T00:00:00Z'],
      ['ada', 'coach', 'g-closed', '2022-01-01T00:00:00Z'],
      ['bob', 'learner', 'g-sales'],
      ['cem', 'learner', 'g-sales'],
    ],
    courses: [
      { id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob', 'cem', 'dan'] },
      { id: 'c-2', mainAuthor: 'cem', coAuthors: ['dan', 'bob'] },
    ],
  };

  it('X-01 a preview changes nothing, and equals what apply does, change by change', async () => {
    const { before, after, result: preview } = await runOf(world(given), { mode: 'preview' });
    expect(after).toEqual(before);
    expect(preview).toMatchObject({ state: 'previewed', attention: [] });
    const applied = await lab.run('deleteDueUsers', { planHash: preview.planHash });
    expect(applied).toMatchObject({ state: 'done', counts: preview.counts, planHash: preview.planHash });
    expect(essence(await lab.changes(applied.operation))).toEqual(
      essence(await lab.changes(preview.operation)),
    );
  });

  it('X-08 undone is as if it had never been, but that the dates are cleared', async () => {
    const { before, result } = await runOf(world(given));
    const undone = await undo(lab, result.operation);
    for (const id of ['ada', 'bob']) the(before.users, id).deletionScheduledOn = null;
    expect(await lab.dump()).toEqual(before);
    expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
    expect(undone.users).toEqual({ done: 2, unchanged: 0, attention: 0 });
  });

  it('X-08 who came back by an undo is not deleted again by the next run', async () => {
    const { result } = await runOf(world(given));
    await undo(lab, result.operation);
    const before = await lab.dump();
    expectNothingDone(await lab.run('deleteDueUsers', {}));
    expect(await lab.dump()).toEqual(before);
  });

  it('X-10 says nothing of emails or names', async () => {
    const users = [{ ...due(owner), email: 'owner.private@example.org', name: 'Olga Secret' }, due('ada')];
    const { result } = await runOf(world({ users }));
    expect(JSON.stringify(result)).not.toMatch(/private|Secret|@example/);
  });

  it('X-16 knows no user to name', async () => {
    await lab.load(world(given));
    const before = await lab.dump();
    await failureOf(lab.run('deleteDueUsers', { user: 'cem' }), 'InvalidInput');
    await failureOf(lab.run('deleteDueUsers', { maxShare: 2 }), 'InvalidInput');
    expect(await lab.dump()).toEqual(before);
  });

  it.each(['rita', 'dan', 'nobody'])('A is not run for %s, who may not', async (requestedBy) => {
    const members: Member[] = [...(given.members ?? []), ['rita', 'admin', 'g-sales']];
    await lab.load(world({ ...given, members }));
    const before = await lab.dump();
    await failureOf(lab.run('deleteDueUsers', { requestedBy }), 'NotAuthorized');
    expect(await lab.dump()).toEqual(before);
  });

  it.each([admin, owner])('A may be run by %s as well', async (requestedBy) => {
    const { after } = await runOf(world(given), { requestedBy });
    const deleted = after.users.filter(({ status }) => status === 'deleted').map(({ id }) => id);
    expect(deleted).toEqual(['ada', 'bob']);
    expectSameInstant(the(after.users, 'ada').deletedAt, midnightOfLongDue);
  });
});
