import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { choose, chooseSome } from '../support/arbitrary/choose.ts';
import { arbitraryWorld } from '../support/arbitrary-world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import type { ContentOptions } from '../support/naive-content.ts';
import { fateOf, worldAfterRemoval } from '../support/naive-removal.ts';
import type { Fate, Removal } from '../support/naive-removal.ts';
import { the } from '../support/world-builder.ts';
import { essence, expectNothingHeldByDeleted, expectWithin } from './steps.ts';
import type { Input } from './steps.ts';
import { runs } from '../support/runs.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const numRuns = runs(20);
const timeout = 180_000;
const pick = fc.nat({ max: 23 });

interface GroupRemoval extends Removal, ContentOptions {
  given: World;
  users: string[];
}

/**
 * A world, a group of it, and some of its users: the owner, the deleted and members of nothing too. The platform group
 * and long lists come often: they delete several users at once, who are then each other's heirs (D-13).
 */
const removal: fc.Arbitrary<GroupRemoval> = fc
  .record({
    given: arbitraryWorld(),
    group: fc.oneof(fc.constant(0), pick),
    users: fc.array(pick, { minLength: 1, maxLength: 24, size: 'max' }),
    includePrivateSubgroups: fc.boolean(),
    cascade: fc.constantFrom('always', 'unless-linked'),
  })
  .filter(({ given }) => !given.slots.some(startsNow))
  .map(({ given, group, users, ...options }) => ({
    given,
    group: choose(given.groups, group)?.id ?? '',
    users: chooseSome(
      given.users.map(({ id }) => id),
      users,
    ),
    ...options,
  }));

/** No slot may begin between the oracle's look at the clock and the plugin's. */
function startsNow(slot: World['slots'][number]): boolean {
  return Math.abs(Date.parse(slot.startsAt) - Date.now()) < 300_000;
}

function input({ given, group, users, includePrivateSubgroups, cascade }: GroupRemoval): Input {
  const who = { requestedBy: given.platform.owner, maxShare: 1 };
  return { group, users, includePrivateSubgroups, cascade, ...who };
}

function usersOf(of: GroupRemoval, ...fates: Fate[]): string[] {
  return of.users.filter((user) => fates.includes(fateOf(of.given, of, user)));
}

/** A world without the moments of deletion, which no two runs have in common. */
function timeless(then: World): World {
  return { ...then, users: then.users.map((user) => ({ ...user, deletedAt: null })) };
}

async function worldAfterRunning(given: World, asked: Input): Promise<World> {
  await lab.load(given);
  await lab.run('removeFromGroup', asked);
  return lab.dump();
}

describe('any removal of anybody from any group in any world', () => {
  it(
    'G-03 to G-10, C-01 to C-13, D-02 to D-14: leaves what the rules say and X-01 showed, nothing else, and a loadable world',
    async () => {
      await fc.assert(
        fc.asyncProperty(removal, async (of) => {
          await lab.load(of.given);
          const before = await lab.dump();
          const preview = await lab.run('removeFromGroup', { ...input(of), mode: 'preview' });
          expect(await lab.dump()).toEqual(before);

          const began = Date.now();
          const applied = await lab.run('removeFromGroup', input(of));
          const after = await lab.dump();
          const expected = worldAfterRemoval(before, of, of.given.platform.owner, new Date(began));
          for (const user of usersOf(of, 'deleted')) {
            const { deletedAt } = the(after.users, user);
            expectWithin(deletedAt, began, Date.now());
            the(expected.users, user).deletedAt = deletedAt;
          }
          expect(after).toEqual(expected);
          expectNothingHeldByDeleted(after);

          expect(applied.users).toEqual({
            done: usersOf(of, 'removed', 'deleted').length,
            unchanged: usersOf(of, 'unchanged').length,
            attention: usersOf(of, 'protected').length,
          });
          expect(applied.attention.map(({ user }) => user)).toEqual(usersOf(of, 'protected'));
          expect(applied.users).toEqual(preview.users);
          expect(applied.counts).toEqual(preview.counts);
          expect(applied.planHash).toBe(preview.planHash);
          const changes = await lab.changes(applied.operation);
          expect(essence(changes)).toEqual(essence(await lab.changes(preview.operation)));
          expect(changes.every((change) => change.state === 'applied')).toBe(true);

          await lab.load(after);
          expect(await lab.dump()).toEqual(after);
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it(
    'D-17 in another order, by other names and with duplicates it ends the same',
    async () => {
      const shuffled = removal.chain((of) =>
        fc.record({
          of: fc.constant(of),
          order: fc.shuffledSubarray(of.users, { minLength: of.users.length }),
          again: fc.subarray(of.users),
        }),
      );
      await fc.assert(
        fc.asyncProperty(shuffled, async ({ of, order, again }) => {
          const named = order.map((id) => {
            const { email, status } = the(of.given.users, id);
            // The email of a deleted account may be somebody else's by now.
            return status === 'active' ? { email: ` ${email.toUpperCase()}` } : { id };
          });
          const straight = await worldAfterRunning(of.given, input(of));
          const otherwise = await worldAfterRunning(of.given, { ...input(of), users: [...named, ...again] });
          expect(timeless(otherwise)).toEqual(timeless(straight));
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it(
    'D-21, G-06 a second time nothing changes',
    async () => {
      await fc.assert(
        fc.asyncProperty(removal, async (of) => {
          const once = await worldAfterRunning(of.given, input(of));
          const again = await lab.run('removeFromGroup', input(of));
          expect(await lab.dump()).toEqual(once);
          expect(again.counts).toEqual({});
          const refused = usersOf(of, 'protected').length;
          expect(again.users).toEqual({ done: 0, unchanged: of.users.length - refused, attention: refused });
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
        fc.asyncProperty(removal.filter(hasSeats), async (of) => {
          await lab.load(of.given);
          const before = await lab.dump();
          const { operation } = await lab.run('removeFromGroup', input(of));
          const undone = await lab.run('undoOperation', { operation, requestedBy: of.given.platform.owner });
          expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
          expect(undone.attention).toEqual([]);
        }),
        { numRuns },
      );
    },
    timeout,
  );
});

/** A world with more living users than seats cannot take anybody back. */
function hasSeats({ given }: GroupRemoval): boolean {
  const living = given.users.filter((user) => user.status === 'active').length;
  return given.platform.seats === null || living <= given.platform.seats;
}
