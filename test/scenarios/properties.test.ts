import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { arbitraryWorld } from '../support/arbitrary-world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { worldWithout } from '../support/naive-succession.ts';
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

/** A world, and somebody in it who can be deleted. */
const deletion = fc
  .tuple(arbitraryWorld(), fc.nat())
  .map(([given, nth]) => {
    const living = given.users.filter(({ id, status }) => status === 'active' && id !== given.platform.owner);
    return { given, user: living[nth % living.length]?.id };
  })
  .filter(({ given, user }) => user !== undefined && !given.slots.some(startsNow));

/** No slot may begin between the oracle's look at the clock and the plugin's. */
function startsNow(slot: World['slots'][number]): boolean {
  return Math.abs(Date.parse(slot.startsAt) - Date.now()) < 300_000;
}

function input(given: World, user: string | undefined): Input {
  return { user: { id: user }, requestedBy: given.platform.owner, includePrivateSubgroups: true };
}

describe('any deletion in any world', () => {
  it(
    'D-05 to D-13, G-08: leaves what the rules say and X-01 showed, nothing else, once (D-21), and a loadable world',
    async () => {
      await fc.assert(
        fc.asyncProperty(deletion, async ({ given, user = '' }) => {
          await lab.load(given);
          const before = await lab.dump();
          const preview = await lab.run('deleteUser', { ...input(given, user), mode: 'preview' });
          expect(await lab.dump()).toEqual(before);

          const began = Date.now();
          const applied = await lab.run('deleteUser', input(given, user));
          const after = await lab.dump();
          const { deletedAt } = the(after.users, user);
          expectWithin(deletedAt, began, Date.now());
          const expected = worldWithout(before, user, given.platform.owner, new Date(began));
          the(expected.users, user).deletedAt = deletedAt;
          expect(after).toEqual(expected);
          expectNothingHeldByDeleted(after);

          expect(applied.planHash).toBe(preview.planHash);
          expect(applied.counts).toEqual(preview.counts);
          const changes = await lab.changes(applied.operation);
          expect(essence(changes)).toEqual(essence(await lab.changes(preview.operation)));
          expect(changes.every((change) => change.state === 'applied')).toBe(true);

          const again = await lab.run('deleteUser', input(given, user));
          expect(again.users.unchanged).toBe(1);
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
    'X-08 undone is as if it had never been',
    async () => {
      await fc.assert(
        fc.asyncProperty(deletion.filter(hasSeats), async ({ given, user = '' }) => {
          await lab.load(given);
          const before = await lab.dump();
          const { operation } = await lab.run('deleteUser', input(given, user));
          const undone = await lab.run('undoOperation', { operation, requestedBy: given.platform.owner });
          const after = await lab.dump();
          the(after.users, user).loginSessions = the(before.users, user).loginSessions;
          expect(after).toEqual(before);
          expect(undone.attention).toEqual([]);
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it(
    'D-13 two deletions one after the other leave nothing with the deleted, and the rest in its place',
    async () => {
      await fc.assert(
        fc.asyncProperty(deletion, fc.nat(), async ({ given, user = '' }, nth) => {
          const others = given.users.filter(
            ({ id, status }) => status === 'active' && id !== given.platform.owner && id !== user,
          );
          const other = others[nth % others.length]?.id ?? '';
          fc.pre(other !== '');
          await lab.load(given);
          let expected = await lab.dump();
          for (const next of [user, other]) {
            expected = worldWithout(expected, next, given.platform.owner, new Date());
            await lab.run('deleteUser', input(given, next));
          }
          const after = await lab.dump();
          for (const next of [user, other]) {
            the(expected.users, next).deletedAt = the(after.users, next).deletedAt;
          }
          expect(after).toEqual(expected);
          expectNothingHeldByDeleted(after);
        }),
        { numRuns },
      );
    },
    timeout,
  );
});

/** A world with more living users than seats cannot take anybody back. */
function hasSeats({ given }: { given: World }): boolean {
  const living = given.users.filter((user) => user.status === 'active').length;
  return given.platform.seats === null || living <= given.platform.seats;
}
