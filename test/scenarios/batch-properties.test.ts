import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../../contracts/changes.ts';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { arbitraryWorld } from '../support/arbitrary-world.ts';
import { chooseSome } from '../support/arbitrary/choose.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { timeless, worldWithoutAll } from '../support/naive-batch.ts';
import { the } from '../support/world-builder.ts';
import { expectNothingHeldByDeleted, expectWithin } from './steps.ts';
import type { Input } from './steps.ts';
import { runs } from '../support/runs.ts';

/** The same batch must end the same, however it is cut and however much of it is under way at once. */
const cuts = [
  { chunkUsers: 1, window: 3 },
  { chunkUsers: 7, window: 1 },
  { chunkUsers: 3000, window: 3 },
];
let labs: Lab[];
let lab: Lab;
beforeAll(async () => {
  labs = await Promise.all(cuts.map((cut) => openLab(cut)));
  lab = await openLab({ chunkUsers: 2, window: 3 });
}, 120_000);
afterAll(() => Promise.all([...labs, lab].map((each) => each.close())));

const numRuns = runs(12);
const timeout = 300_000;

interface Batch {
  given: World;
  /** Some living users, each once, in any order; never the platform owner. */
  users: string[];
}

const picks = (maxLength: number) => fc.array(fc.nat({ max: 23 }), { minLength: 1, maxLength, size: 'max' });

const batch: fc.Arbitrary<Batch> = fc
  .tuple(arbitraryWorld(), picks(14))
  .map(([given, chosen]) => ({ given, users: chooseSome(deletable(given), chosen) }))
  .filter(({ given, users }) => users.length > 0 && !given.slots.some(startsNow));

/** The numbers put the users into any other order. */
const shuffledBatch = fc.tuple(batch, fc.array(fc.nat(), { minLength: 14, maxLength: 14 }));

/** A list as people write them: with the owner, the deleted and duplicates in it. */
const listing = fc
  .tuple(arbitraryWorld(), picks(18))
  .map(([given, chosen]) => ({ given, refs: chosen.map((pick) => nameOf(given, pick)) }))
  .filter(({ given }) => !given.slots.some(startsNow));

function deletable({ users, platform }: World): string[] {
  return users.filter(({ id, status }) => status === 'active' && id !== platform.owner).map(({ id }) => id);
}

function nameOf({ users }: World, pick: number): string {
  return users[pick % users.length]?.id ?? '';
}

/** No slot may begin between the oracle's look at the clock and the plugin's. */
function startsNow(slot: World['slots'][number]): boolean {
  return Math.abs(Date.parse(slot.startsAt) - Date.now()) < 300_000;
}

function input(given: World, users: unknown): Input {
  return { users, requestedBy: given.platform.owner, includePrivateSubgroups: true };
}

async function deleted(where: Lab, { given, users }: Batch): Promise<OperationResult> {
  await where.load(given);
  return where.run('deleteUsers', input(given, users));
}

/** A world with more living users than seats cannot take anybody back. */
function hasSeats({ given }: Batch): boolean {
  const living = given.users.filter((user) => user.status === 'active').length;
  return given.platform.seats === null || living <= given.platform.seats;
}

/** What is left to compare where each deletion hands over on its own (D-13). */
function withoutHolders(world: World): object {
  return {
    ...world,
    courses: world.courses.map((course) => ({ ...course, mainAuthor: '', coAuthors: [] })),
    paths: world.paths.map((path) => ({ ...path, mainAuthor: '', coAuthors: [] })),
    pathSessions: world.pathSessions.map((row) => ({ ...row, mainInstructor: '', coInstructors: [] })),
  };
}

describe('any batch in any world', () => {
  it(
    'D-13, D-17: ends as the rules say of the whole list at once, as X-01 showed, and only once (D-21)',
    async () => {
      await fc.assert(
        fc.asyncProperty(listing, async ({ given, refs }) => {
          const { owner } = given.platform;
          const lines = refs.length;
          const gone = deletable(given).filter((id) => refs.includes(id));
          const attention = refs.includes(owner) ? 1 : 0;
          await lab.load(given);
          const before = await lab.dump();
          const preview = await lab.run('deleteUsers', { ...input(given, refs), mode: 'preview' });
          expect(await lab.dump()).toEqual(before);

          const began = Date.now();
          const applied = await lab.run('deleteUsers', input(given, refs));
          const after = await lab.dump();
          for (const id of gone) expectWithin(the(after.users, id).deletedAt, began, Date.now());
          expect(timeless(after, gone)).toEqual(worldWithoutAll(before, gone, owner, new Date(began)));
          expectNothingHeldByDeleted(after);
          expect(applied.users).toEqual({
            done: gone.length,
            unchanged: lines - gone.length - attention,
            attention,
          });
          const { counts, planHash } = preview;
          expect(applied).toMatchObject({ state: 'done', counts, planHash, conflicts: 0 });
          const changes = await lab.changes(applied.operation);
          expect(changes.every((change) => change.state === 'applied')).toBe(true);
          const heirs = changes.filter(({ kind }) => kind === 'ownership.transfer').map(({ after }) => after);
          expect(heirs.filter((heir) => gone.includes(textOf(heir, 'main')))).toEqual([]);

          const again = await lab.run('deleteUsers', input(given, refs));
          expect(again.users).toEqual({ done: 0, unchanged: lines - attention, attention });
          expect(await lab.dump()).toEqual(after);
          await lab.load(after);
          expect(await lab.dump()).toEqual(after);
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it(
    'D-18 neither the size of the chunks nor how many run at once makes a difference',
    async () => {
      await fc.assert(
        fc.asyncProperty(batch, async (many) => {
          const results = await Promise.all(labs.map((each) => deleted(each, many)));
          const ends = await Promise.all(labs.map((each) => each.dump()));
          const [first, ...others] = ends.map((end) => timeless(end, many.users));
          for (const other of others) expect(other).toEqual(first);
          for (const { users, counts, state } of results) {
            expect(users).toEqual({ done: many.users.length, unchanged: 0, attention: 0 });
            expect({ counts, state }).toEqual({ counts: results[0]?.counts, state: 'done' });
          }
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it(
    'D-13 the same deletions one by one, in any order, differ at most in who holds what',
    async () => {
      await fc.assert(
        fc.asyncProperty(shuffledBatch, async ([many, numbers]) => {
          await deleted(lab, many);
          const together = await lab.dump();
          const order = new Map(many.users.map((user, index) => [user, numbers[index] ?? 0]));
          const users = many.users.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
          await lab.load(many.given);
          for (const user of users) {
            const one = { ...input(many.given, undefined), user: { id: user } };
            await lab.run('deleteUser', one);
          }
          const oneByOne = await lab.dump();
          expect(withoutHolders(timeless(oneByOne, users))).toEqual(
            withoutHolders(timeless(together, users)),
          );
          for (const end of [together, oneByOne]) expectNothingHeldByDeleted(end);
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it(
    'X-08 undone is as if it had never been',
    async () => {
      await fc.assert(
        fc.asyncProperty(batch.filter(hasSeats), async (many) => {
          await lab.load(many.given);
          const before = await lab.dump();
          const requestedBy = many.given.platform.owner;
          const { operation } = await lab.run('deleteUsers', input(many.given, many.users));
          const undone = await lab.run('undoOperation', { operation, requestedBy });
          expect(await lab.dump()).toEqual(before);
          expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
          expect(undone.users.done).toBe(many.users.length);
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it(
    'X-08 undone for some of its users first, and then for the rest, likewise',
    async () => {
      await fc.assert(
        fc.asyncProperty(batch.filter(hasSeats), fc.nat(), async (many, nth) => {
          await lab.load(many.given);
          const before = await lab.dump();
          const requestedBy = many.given.platform.owner;
          const { operation } = await lab.run('deleteUsers', input(many.given, many.users));
          const some = many.users.slice(nth % many.users.length);
          await lab.run('undoOperation', { operation, requestedBy, users: some });
          expectNothingHeldByDeleted(await lab.dump());
          await lab.run('undoOperation', { operation, requestedBy });
          expect(await lab.dump()).toEqual(before);
        }),
        { numRuns },
      );
    },
    timeout,
  );
});
