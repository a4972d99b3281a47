import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { failureOf } from '../scenarios/steps.ts';
import type { Input } from '../scenarios/steps.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { timeless, worldWithoutAll } from '../support/naive-batch.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 2 });
}, 120_000);
afterAll(() => lab.close());

/** Names that mean something to JavaScript, SQL, JSON, shells and paths. */
const odd = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'true',
  '0',
  '-1',
  '*',
  '%',
  '_',
  '$1',
  '\\',
  '"',
  "'",
  "x'; drop table lms.account; --",
  "' or '1'='1",
  '{"id":"ada"}',
  '[object Object]',
  '${id}',
  '../../etc/passwd',
  '=1+1',
  'ada bob',
  '😀',
  'ａｄａ',
  'ada\u0007',
  'ada\u001b[31m',
  'ada\u200b',
];

/** Who is in the world beside those that a test is about: the ones that nobody must touch. */
function town(more: string[] = []): World {
  return world({
    users: [{ id: 'ada', email: 'Ada@Example.org', loginSessions: 2 }],
    deleted: ['old', 'ex'],
    groups: [{ id: 'g-closed', visibility: 'private' }],
    members: [
      ...['ada', 'bob', 'cem', ...more].map((id) => [id, 'learner', 'g-sales'] as const),
      ['dan', 'learner', 'g-closed'],
    ],
    courses: [{ id: 'c-1', mainAuthor: 'bob', coAuthors: ['ada', 'cem'] }],
  });
}

/** The list as `users` of the input, and stored. */
const ways: [string, (refs: string[]) => Promise<Input>][] = [
  ['given', (users) => Promise.resolve({ users })],
  ['stored', async (refs) => ({ list: await lab.storeList(refs) })],
];

interface Ended {
  result: OperationResult;
  /** The type of each line that needs attention. */
  types: Record<number, string>;
}

/** Every one of the lines is accounted for; just those are gone, and the whole rest of the dump is as it was. */
async function expectAccounted(
  given: World,
  listing: () => Promise<Input>,
  lines: number,
  gone: string[],
): Promise<Ended> {
  await lab.load(given);
  const before = await lab.dump();
  const result = await lab.run('deleteUsers', { requestedBy: admin, ...(await listing()) });
  const { done, unchanged, attention } = result.users;
  expect(done + unchanged + attention).toBe(lines);
  expect(done).toBe(gone.length);
  expect(result.attention).toHaveLength(attention);
  expect(result.state).toBe('done');
  expect(timeless(await lab.dump(), gone)).toEqual(worldWithoutAll(before, gone, admin, new Date()));
  return { result, types: Object.fromEntries(result.attention.map(({ line, type }) => [line, type])) };
}

/** The type of an expected failure that says what is wrong, but does not repeat what was given at length. */
function refusalType(error: unknown): string {
  if (!(error instanceof Error) || !('type' in error)) throw error;
  expect(error.message.length).toBeLessThan(10_000);
  return String(error.type);
}

describe.each(ways)('a list, %s,', (_way, listOf) => {
  it('D-17 of everything that goes wrong accounts for every line, and deletes the rest', async () => {
    const refs = [
      'nobody',
      'ada',
      'none@example.org',
      ' aDA@example.ORG ',
      owner,
      'old',
      'bob@example.org',
      'EX@EXAMPLE.ORG',
      'dan',
      'x'.repeat(501),
      'BOB@example.org',
      'cem',
      `${'y'.repeat(600)}@example.org`,
      admin,
      'cem',
    ];
    const gone = ['ada', 'bob', 'cem', admin];
    const { result, types } = await expectAccounted(town(), () => listOf(refs), refs.length, gone);
    expect(result.users).toEqual({ done: 4, unchanged: 5, attention: 6 });
    expect(types).toEqual({
      ...{ 1: 'NotFound', 3: 'NotFound', 5: 'PlatformOwnerProtected', 9: 'PrivateMembershipsRemain' },
      ...{ 10: 'InvalidRow', 13: 'InvalidRow' },
    });
    expect(JSON.stringify(result)).not.toMatch(/@|x{20}|y{20}/);
  });

  it('D-17 of malformed emails finds nobody by half of one, or by a pattern', async () => {
    const refs = [
      ...[
        '@',
        '@example.org',
        'ada@',
        'ada@example',
        'ada@@example.org',
        'ada@example.org.',
        'mailto:ada@example.org',
      ],
      ...['<ada@example.org>', 'Ada Byron <ada@example.org>', '"ada@example.org"', 'ada @example.org'],
      ...['%@example.org', '_da@example.org', 'a*@example.org', '.*', 'ada@example.org;bob@example.org'],
    ];
    const { types } = await expectAccounted(town(), () => listOf(refs), refs.length, []);
    expect(Object.keys(types)).toHaveLength(refs.length);
    for (const type of Object.values(types)) expect(['NotFound', 'InvalidRow']).toContain(type);
  });

  it('D-17 of odd names that nobody has finds nobody', async () => {
    const { types } = await expectAccounted(town(), () => listOf(odd), odd.length, []);
    expect(Object.keys(types)).toHaveLength(odd.length);
    for (const type of Object.values(types)) expect(['NotFound', 'InvalidRow']).toContain(type);
  });

  it('D-17 of odd names that are ids deletes those users and no others', async () => {
    const { result } = await expectAccounted(town(odd), () => listOf(odd), odd.length, odd);
    expect(result.users).toEqual({ done: odd.length, unchanged: 0, attention: 0 });
  });

  it('D-21 of the deleted alone changes nothing', async () => {
    const { result } = await expectAccounted(
      town(),
      () => listOf(['old', 'ex@example.org', 'OLD@example.org']),
      3,
      [],
    );
    expect(result).toMatchObject({ counts: {}, users: { unchanged: 3 } });
  });

  it('D-14 of the owner alone, however named, deletes nobody', async () => {
    const refs = [owner, 'U-OWNER@example.org'];
    const { types } = await expectAccounted(town(), () => listOf(refs), 2, []);
    expect(types).toEqual({ 1: 'PlatformOwnerProtected' });
  });

  it('D-15 of the requester alone is judged like any other', async () => {
    const own = async (): Promise<Input> => ({ ...(await listOf([admin])), requestedBy: admin });
    await expectAccounted(town(), own, 1, [admin]);
    const ada = async (): Promise<Input> => ({ ...(await listOf(['ada'])), requestedBy: 'ada' });
    const { types } = await expectAccounted(town(), ada, 1, []);
    expect(types).toEqual({ 1: 'NotAuthorized' });
  });

  it('D-17 of characters that no database stores still deletes the others', async () => {
    const refs = ['ada', 'a\u0000da', '\u0000', 'bob\ud800', 'bob'];
    const { types } = await expectAccounted(town(), () => listOf(refs), refs.length, ['ada', 'bob']);
    expect(Object.keys(types)).toEqual(['2', '3', '4']);
    for (const type of Object.values(types)) expect(['NotFound', 'InvalidRow']).toContain(type);
  });

  it('X-16 without any line is InvalidInput, when it is stored or when it is run', async () => {
    await lab.load(town());
    const before = await lab.dump();
    const run = async (): Promise<unknown> =>
      lab.run('deleteUsers', { ...(await listOf([])), requestedBy: admin });
    expect(await run().catch(refusalType)).toBe('InvalidInput');
    expect(await lab.dump()).toEqual(before);
  });
});

describe('one entry that is far too long', () => {
  /** What became of line 1: refused alone, or with the whole input; either way nobody is touched. */
  async function expectRefused(listing: () => Promise<Input>): Promise<void> {
    await lab.load(town());
    const before = await lab.dump();
    const run = async (): Promise<string | undefined> => {
      const result = await lab.run('deleteUsers', { ...(await listing()), requestedBy: admin });
      expect(result.users).toEqual({ done: 0, unchanged: 0, attention: 1 });
      expect(JSON.stringify(result).length).toBeLessThan(10_000);
      return result.attention[0]?.type;
    };
    expect(['InvalidRow', 'InvalidInput']).toContain(await run().catch(refusalType));
    expect(await lab.dump()).toEqual(before);
  }

  it('D-17 of 5 MB in a stored list is refused, and not repeated in the answer', async () => {
    await expectRefused(async () => ({ list: await lab.storeList(['ada'.repeat(1_750_000)]) }));
  });

  it('D-17 of a string without a separator is refused, and not repeated in the answer', async () => {
    await expectRefused(() => Promise.resolve({ users: 'ada'.repeat(100_000) }));
  });

  it('D-17 does not keep a stored list from deleting the others', async () => {
    const refs = ['ada', 'x'.repeat(1_000_000), 'bob'];
    const listing = async (): Promise<Input> => ({ list: await lab.storeList(refs) });
    const { types } = await expectAccounted(town(), listing, 3, ['ada', 'bob']);
    expect(types).toEqual({ 2: 'InvalidRow' });
  });
});

describe('input that cannot be', () => {
  beforeAll(() => lab.load(town()));

  it.each<[object, string]>([
    [{}, 'users'],
    [{ users: ['ada'], list: 'some' }, 'users'],
    [{ users: [] }, 'users'],
    [{ users: '' }, 'users'],
    [{ users: ' , ,' }, 'users'],
    [{ users: 7 }, 'users'],
    [{ users: null }, 'users'],
    [{ users: { id: 'ada' } }, 'users'],
    [{ users: ['ada', 7] }, 'users'],
    [{ users: ['ada', null] }, 'users'],
    [{ users: ['ada', ['bob']] }, 'users'],
    [{ users: ['ada', { name: 'x' }] }, 'users'],
    [{ list: 7 }, 'list'],
    [{ list: '' }, 'list'],
    [{ users: 'ada', includePrivateSubgroups: 'no' }, 'includePrivateSubgroups'],
    [{ users: 'ada', maxUsers: -1 }, 'maxUsers'],
    [{ users: 'ada', maxShare: 20 }, 'maxShare'],
    [{ users: 'ada', user: 'bob' }, 'user'],
    [{ users: 'ada', approved: true }, 'approved'],
    [{ users: 'ada', requestedBy: undefined }, 'requestedBy'],
    [{ users: 'ada', planHash: 'latest' }, 'planHash'],
  ])('X-16 %j is InvalidInput at once, by its path', async (input, path) => {
    const before = await lab.dump();
    const began = Date.now();
    const failure = await failureOf(lab.run('deleteUsers', { requestedBy: admin, ...input }), 'InvalidInput');
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(failure.message).toContain(path);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-16 tells every problem at once, before it asks whether anybody exists', async () => {
    const input = { users: 7, requestedBy: '', mode: 'dry', maxShare: 2, force: true };
    const { message } = await failureOf(lab.run('deleteUsers', input), 'InvalidInput');
    for (const path of Object.keys(input)) expect(message).toContain(path);
  });

  it('X-16 a list that was never stored is NotFound', async () => {
    await failureOf(lab.run('deleteUsers', { list: 'no-such-list', requestedBy: admin }), 'NotFound');
    expect(the((await lab.dump()).users, 'ada').status).toBe('active');
  });
});
