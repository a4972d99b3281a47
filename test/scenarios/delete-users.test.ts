import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attention } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { historyText } from '../support/history-text.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { timeless, worldWithoutAll } from '../support/naive-batch.ts';
import type { Member } from '../support/world-builder.ts';
import { admin, owner, past, the, world } from '../support/world-builder.ts';
import { expectNothingHeldByDeleted, expectWithin } from './steps.ts';
import type { Input, Outcome } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 2 });
}, 120_000);
afterAll(() => lab.close());

interface Ending {
  gone?: string[];
  unchanged?: number;
  /** The lines that are refused, in their order. */
  refused?: Partial<Attention>[];
}

/** A list stored in the ledger can only be named once the world is loaded. */
type Listing = Input | (() => Promise<Input>);

/** Those who are `gone` are deleted, every line is accounted for, and the rest of the whole dump is as it was. */
async function expectBatch(given: World, listing: Listing, ending: Ending): Promise<Outcome> {
  const { gone = [], unchanged = 0, refused = [] } = ending;
  await lab.load(given);
  const before = await lab.dump();
  const input = { requestedBy: admin, ...(typeof listing === 'function' ? await listing() : listing) };
  const began = Date.now();
  const result = await lab.run('deleteUsers', input);
  const after = await lab.dump();
  expect(result.attention).toMatchObject(refused);
  expect(result).toMatchObject({
    state: 'done',
    users: { done: gone.length, unchanged, attention: refused.length },
    conflicts: 0,
  });
  const then = worldWithoutAll(before, gone, input.requestedBy, new Date(began));
  expect(timeless(after, gone)).toEqual(then);
  for (const id of gone) expectWithin(the(after.users, id).deletedAt, began, Date.now());
  expectNothingHeldByDeleted(after);
  return { before, after, result };
}

const members: Member[] = [
  ['ada', 'learner', 'g-sales'],
  ['bob', 'learner', 'g-sales'],
  ['cem', 'coach', 'g-sales'],
  ['dan', 'learner', 'g-support'],
  ['eve', 'learner', 'g-sales'],
  ['eve', 'learner', 'g-support'],
  ['rita', 'admin', 'g-sales'],
  ['una', 'user-admin', 'g-sales'],
];
const office = world({
  users: [
    { id: 'ada', email: 'Ada@Example.org', loginSessions: 2 },
    { id: 'bob', loginSessions: 1 },
  ],
  deleted: ['old'],
  members,
});

describe('the list', () => {
  const gone = ['ada', 'bob', 'cem'];

  it.each<[string, unknown]>([
    ['ids', gone],
    ['emails', ['Ada@Example.org', 'bob@example.org', 'cem@example.org']],
    ['emails in any case', ['ADA@EXAMPLE.ORG', 'bOb@eXample.org', 'Cem@Example.Org']],
    ['emails with outer spaces', ['  ada@example.org', 'bob@example.org  ', ' cem@example.org ']],
    ['objects', [{ id: 'ada' }, { email: ' BOB@example.org ' }, { id: 'cem', email: 'dan@example.org' }]],
    ['all of these', [{ email: 'ada@example.org' }, 'bob', ' CEM@EXAMPLE.ORG']],
  ])('D-17 may be an array of %s', async (_what, users) => {
    await expectBatch(office, { users }, { gone });
  });

  it.each([
    'ada,bob,cem',
    'ada@example.org,bob@example.org,cem@example.org',
    '  ADA@example.org , Bob@Example.ORG,   cem@example.org  ',
    'ada, bob@example.org ,cem',
    ',ada, ,bob,,   ,cem,',
  ])('D-17 may be the comma-separated string "%s"', async (users) => {
    await expectBatch(office, { users }, { gone });
  });

  it('D-17 may be the id of a stored list', async () => {
    const refs = ['ada', ' BOB@example.org ', 'nobody', 'cem', 'ada@example.org', 'old'];
    const listing = async (): Promise<Input> => ({ list: await lab.storeList(refs) });
    const refused = [{ line: 3, type: 'NotFound' as const }];
    await expectBatch(office, listing, { gone, unchanged: 2, refused });
  });

  it('D-17 may hold one user alone, or exactly a chunk, or one more', async () => {
    for (const size of [1, 2, 3]) {
      await expectBatch(office, { users: gone.slice(0, size) }, { gone: gone.slice(0, size) });
    }
  });

  it('D-17 folds duplicates, however the user is named and however far apart', async () => {
    const users = [
      'ada',
      { id: 'ada' },
      'bob',
      'ADA@example.org',
      'cem',
      { email: ' ada@example.org ' },
      'bob',
    ];
    await expectBatch(office, { users }, { gone, unchanged: 4 });
    await expectBatch(office, { users: 'cem, ada,Ada@example.org, bob,cem' }, { gone, unchanged: 2 });
  });

  it('D-17 folds the duplicate of a refused user too', async () => {
    const refused = [{ line: 1, user: owner, type: 'PlatformOwnerProtected' as const }];
    const users = [owner, 'ada', { email: 'U-OWNER@example.org' }];
    await expectBatch(office, { users }, { gone: ['ada'], unchanged: 1, refused });
  });

  it('D-17 does not number the blank segments of a string', async () => {
    const refused = [2, 4].map((line) => ({ line, type: 'NotFound' as const }));
    await expectBatch(office, { users: 'ada, ,nobody,,bob, no-one,' }, { gone: ['ada', 'bob'], refused });
  });

  it('D-17 means the living one of several accounts with one email, and an id before an email', async () => {
    const given = world({
      users: [
        { id: 'a-first', email: 'ada@example.org', status: 'deleted' },
        { id: 'ada' },
        { id: 'z-last', email: 'ADA@example.org', status: 'deleted' },
        { id: 'bob' },
        { id: 'bob@example.org', email: 'twin@example.org' },
      ],
    });
    const users = ['ada@example.org', 'bob@example.org', 'z-last'];
    await expectBatch(given, { users }, { gone: ['ada', 'bob@example.org'], unchanged: 1 });
  });
});

describe('the lines that are refused', () => {
  it('D-17 unknown, blank, overlong, protected and deleted ones are told apart by line; the rest proceed', async () => {
    const users = [
      'nobody',
      'ada',
      owner,
      'old',
      { email: 'none@example.org' },
      '   ',
      'bob',
      { id: 'no-one' },
      'x'.repeat(501),
      'Ada@Example.org',
      'cem',
      'x'.repeat(500),
    ];
    const { result } = await expectBatch(
      office,
      { users },
      {
        gone: ['ada', 'bob', 'cem'],
        unchanged: 2,
        refused: [
          { line: 1, type: 'NotFound' },
          { line: 3, user: owner, type: 'PlatformOwnerProtected' },
          { line: 5, type: 'NotFound' },
          { line: 6, user: null, type: 'InvalidRow' },
          { line: 8, type: 'NotFound' },
          { line: 9, user: null, type: 'InvalidRow' },
          { line: 12, type: 'NotFound' },
        ],
      },
    );
    for (const line of result.attention) expect(line).not.toHaveProperty('ref');
    expect(JSON.stringify(result)).not.toMatch(/@|x{20}/);
  });

  it('D-15 each line is judged for itself, and names the groups that are missing', async () => {
    const users = ['dan', 'ada', owner, 'nobody', 'cem', 'old', 'eve', 'bob', 'una'];
    const { result } = await expectBatch(
      office,
      { users, requestedBy: 'rita' },
      {
        gone: ['ada', 'cem', 'bob', 'una'],
        unchanged: 1,
        refused: [
          { line: 1, user: 'dan', type: 'NotAuthorized', message: expect.stringContaining('g-support') },
          { line: 3, user: owner, type: 'NotAuthorized' },
          { line: 4, type: 'NotFound' },
          { line: 7, user: 'eve', type: 'NotAuthorized', message: expect.stringContaining('g-support') },
        ],
      },
    );
    expect(JSON.stringify(result.attention)).not.toContain('g-sales');
  });

  it('D-15 a user-admin may delete those of a list who are just learners', async () => {
    const ending: Ending = {
      gone: ['bob', 'ada'],
      refused: [
        { line: 1, user: 'cem', type: 'NotAuthorized', message: expect.stringContaining('g-sales') },
        { line: 4, user: 'rita', type: 'NotAuthorized' },
      ],
    };
    await expectBatch(office, { users: 'cem,bob,ada,rita', requestedBy: 'una' }, ending);
  });

  it('D-15 whoever asks may be in the list, and first in it, without a loss of rights for the rest', async () => {
    const all = [admin, 'ada', 'bob', 'cem', 'dan', 'eve', 'rita'];
    await expectBatch(office, { users: all }, { gone: all });
    const sales = ['rita', 'ada', 'bob', 'cem', 'una'];
    await expectBatch(office, { users: sales, requestedBy: 'rita' }, { gone: sales });
    await expectBatch(
      office,
      { users: [...all, owner], requestedBy: owner },
      {
        gone: all,
        refused: [{ line: 8, user: owner, type: 'PlatformOwnerProtected' }],
      },
    );
  });

  it.each(['stranger', 'old'])(
    'A for %s, who may nothing, only what needs no right is told apart',
    async (by) => {
      const users = ['ada', 'old', 'nobody', owner, { email: 'ada@example.org' }, 'OLD@example.org'];
      const refused: Partial<Attention>[] = [
        { line: 1, user: 'ada', type: 'NotAuthorized' },
        { line: 3, type: 'NotFound' },
        { line: 4, user: owner, type: 'NotAuthorized' },
      ];
      await expectBatch(office, { users, requestedBy: by }, { unchanged: 3, refused });
    },
  );

  it('D-16 names for each user the private groups that would remain', async () => {
    const given = world({
      groups: [
        { id: 'g-closed', visibility: 'private' },
        { id: 'g-inner', parent: 'g-closed' },
      ],
      members: [...members, ['bob', 'learner', 'g-closed'], ['cem', 'coach', 'g-inner']],
    });
    const users = ['ada', 'bob', 'cem', 'dan', 'eve'];
    const { result } = await expectBatch(
      given,
      { users },
      {
        gone: ['ada', 'dan', 'eve'],
        refused: [
          { line: 2, user: 'bob', type: 'PrivateMembershipsRemain' },
          { line: 3, user: 'cem', type: 'PrivateMembershipsRemain' },
        ],
      },
    );
    const [ofBob, ofCem] = result.attention.map((line) => line.message);
    expect(ofBob).toContain('g-closed');
    expect(ofBob).not.toContain('g-inner');
    expect(ofCem).toContain('g-inner');
    await expectBatch(given, { users, includePrivateSubgroups: true }, { gone: users });
  });

  it('D-17 a list of which every line is refused ends done', async () => {
    const users = Array.from({ length: 120 }, (_, index) => `nobody-${index}`);
    const refused = users.map((_, index) => ({ line: index + 1, type: 'NotFound' as const }));
    await lab.load(office);
    const before = await lab.dump();
    const result = await lab.run('deleteUsers', { users, requestedBy: admin });
    expect(result).toMatchObject({
      state: 'done',
      counts: {},
      users: { done: 0, unchanged: 0, attention: 120 },
    });
    expect(result.attention).toMatchObject(refused.slice(0, 100));
    expect(await lab.dump()).toEqual(before);
  });
});

describe('what is deleted', () => {
  it('D-21 a list of deleted users changes nothing, and the same list twice only once', async () => {
    await expectBatch(
      world({ deleted: ['old', 'ex'] }),
      { users: 'old,ex,OLD@example.org' },
      { unchanged: 3 },
    );
    const users = ['ada', 'bob', 'cem', 'dan', 'eve'];
    const { after } = await expectBatch(office, { users }, { gone: users });
    const again = await lab.run('deleteUsers', { users, requestedBy: owner });
    expect(again).toMatchObject({
      state: 'done',
      counts: {},
      users: { done: 0, unchanged: 5, attention: 0 },
    });
    expect(await lab.dump()).toEqual(after);
  });

  it('D-11 D-03 G-08 many leave the same lists, sessions and slots, whose order and other members stay', async () => {
    const all = ['ada', 'bob', 'cem', 'dan', 'eve', 'fay', 'gil'];
    const gone = ['gil', 'ada', 'eve', 'cem', 'fay'];
    const given = world({
      members: all.map((id) => [id, 'learner', 'g-sales'] as const),
      courses: [{ id: 'c-1', mainAuthor: 'pat', coAuthors: all }],
      paths: [{ id: 'p-1', mainAuthor: 'pat', coAuthors: all.toReversed() }],
      sessions: (['dynamic', 'static'] as const).map((audience) => ({
        ...{ id: `s-${audience}`, path: 'p-1', mainInstructor: 'pat', coInstructors: all },
        ...{ audience, audienceGroups: ['g-sales'], participants: all },
      })),
      slots: ['dynamic', 'static'].flatMap((audience) => [
        { id: `t-${audience}`, session: `s-${audience}`, attendees: all, capacity: 7 },
        { id: `t-${audience}-past`, session: `s-${audience}`, attendees: all, ...past },
      ]),
    });
    const { after } = await expectBatch(given, { users: gone }, { gone });
    expect(the(after.courses, 'c-1').coAuthors).toEqual(['bob', 'dan']);
    expect(the(after.pathSessions, 's-static').participants).toHaveLength(7);
    expect(the(after.slots, 't-dynamic').attendees).toEqual(['bob', 'dan']);
    expect(the(after.slots, 't-dynamic-past').attendees).toHaveLength(7);
  });

  it('X-01 a preview counts what is then done, and changes nothing', async () => {
    await lab.load(office);
    const before = await lab.dump();
    const input = { users: 'ada,nobody,bob,cem,old,dan', requestedBy: admin };
    const preview = await lab.run('deleteUsers', { ...input, mode: 'preview' });
    expect(preview).toMatchObject({ state: 'previewed', attention: [{ line: 2, type: 'NotFound' }] });
    expect(await lab.dump()).toEqual(before);
    const applied = await lab.run('deleteUsers', input);
    expect(applied.counts).toEqual({ 'membership.remove': 4, 'account.retire': 4 });
    expect(applied).toMatchObject({ counts: preview.counts, planHash: preview.planHash });
  });

  it('D-18 is cut into chunks by itself, each change of which is made once (X-09)', async () => {
    const users = Array.from({ length: 23 }, (_, index) => `u-${index}`);
    await lab.load(world({ members: users.map((id) => [id, 'learner', 'g-sales'] as const) }));
    const running = await lab.start('deleteUsers', { users, requestedBy: admin });
    const { operation } = await running.result();
    expect(await running.query('progress')).toMatchObject({
      ...{ operation, state: 'done', planned: 46, applied: 46, conflicts: 0, paused: false },
      ...{ chunks: 12, chunksDone: 12, users: { total: 23, done: 23 } },
    });
    const changes = await lab.changes(operation);
    expect(changes.filter((change) => change.state === 'applied')).toHaveLength(46);
    expect(new Set(changes.map(({ kind, user }) => `${kind} ${user}`)).size).toBe(46);
  });

  it('X-10 the emails of a stored list are neither in the history nor in the answer', async () => {
    await lab.load(office);
    const list = await lab.storeList(['ada@example.org', 'nobody@example.org', 'bob@example.org']);
    const running = await lab.start('deleteUsers', { list, requestedBy: admin });
    const result = await running.result();
    expect(result.users).toEqual({ done: 2, unchanged: 0, attention: 1 });
    const text = JSON.stringify(result) + (await historyText(lab.client, running.workflowId));
    expect(text).toContain(list);
    expect(text).not.toMatch(/@example\.org/i);
  });
});
