import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { arbitraryWorld } from '../support/arbitrary-world.ts';
import { choose } from '../support/arbitrary/choose.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { groupsThatGo, orphansOf, worldAfterGroupDeletion } from '../support/naive-group-deletion.ts';
import type { GroupDeletion } from '../support/naive-group-deletion.ts';
import { the } from '../support/world-builder.ts';
import { outcomeIn } from './content-steps.ts';
import { fates } from './group-deletion-steps.ts';
import { comparable, newly } from './joining-steps.ts';
import { essence, expectNothingHeldByDeleted, expectWithin, failureOf } from './steps.ts';
import type { Input } from './steps.ts';
import { undo } from './undo-steps.ts';
import { runs } from '../support/runs.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 2 });
}, 120_000);
afterAll(() => lab.close());

const numRuns = runs(15);
const timeout = 180_000;

interface Case extends GroupDeletion {
  given: World;
}

/** A world, any of its groups but the platform group, and what is said of subgroups and orphans. */
const deletion: fc.Arbitrary<Case> = fc
  .record({
    given: arbitraryWorld(),
    group: fc.nat({ max: 23 }),
    subgroups: fc.constantFrom(...fates),
    orphans: fc.constantFrom(...fates),
    cascade: fc.constantFrom('always' as const, 'unless-linked' as const),
  })
  .filter(({ given }) => given.groups.length > 1 && !given.slots.some(startsNow))
  .map(({ given, group, ...rest }) => ({
    given,
    group: choose(given.groups.slice(1), group)?.id ?? '',
    ...rest,
  }));

/** No slot may begin between the oracle's look at the clock and the plugin's. */
function startsNow(slot: World['slots'][number]): boolean {
  return Math.abs(Date.parse(slot.startsAt) - Date.now()) < 300_000;
}

function input({ given, group, subgroups, orphans, cascade }: Case): Input {
  return { group, subgroups, orphans, cascade, requestedBy: given.platform.owner, maxShare: 1 };
}

/** D-14: the deletion would delete the platform owner. */
function isProtected(of: Case): boolean {
  const orphans = orphansOf(of.given, groupsThatGo(of.given, of));
  return of.orphans === 'delete' && orphans.includes(of.given.platform.owner);
}

/** A world with more living users than seats cannot take anybody back. */
function hasSeats({ given }: Case): boolean {
  const living = given.users.filter((user) => user.status === 'active').length;
  return given.platform.seats === null || living <= given.platform.seats;
}

describe('any deletion of any group in any world', () => {
  it(
    'G-11, C-01 to C-14, D-02 to D-14: leaves what the rules say and X-01 showed, nothing else, and a loadable world',
    async () => {
      await fc.assert(
        fc.asyncProperty(deletion, async (of) => {
          await lab.load(of.given);
          const before = await lab.dump();
          if (isProtected(of)) {
            await failureOf(lab.run('deleteGroup', input(of)), 'PlatformOwnerProtected');
            expect(await lab.dump()).toEqual(before);
            return;
          }
          const preview = await lab.run('deleteGroup', { ...input(of), mode: 'preview' });
          expect(await lab.dump()).toEqual(before);

          const began = Date.now();
          const applied = await lab.run('deleteGroup', input(of));
          const after = await lab.dump();
          const by = of.given.platform.owner;
          const expected = worldAfterGroupDeletion(before, of, by, new Date(began), newly);
          const deleted = of.orphans === 'delete' ? orphansOf(before, groupsThatGo(before, of)) : [];
          for (const user of deleted) {
            const { deletedAt } = the(after.users, user);
            expectWithin(deletedAt, began, Date.now());
            the(expected.users, user).deletedAt = deletedAt;
          }
          expect(comparable(after, before, began)).toEqual(comparable(expected, before, began));
          expectNothingHeldByDeleted(after);

          expect(applied).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
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
    'X-08 is undone to the byte',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          deletion.filter((of) => hasSeats(of) && !isProtected(of)),
          async (of) => {
            const { before, result } = await outcomeIn(lab, of.given, 'deleteGroup', input(of));
            const undone = await undo(lab, result.operation, {
              requestedBy: of.given.platform.owner,
              maxShare: 1,
            });
            expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0, warnings: [] });
            expect(await lab.dump()).toEqual(before);
          },
        ),
        { numRuns },
      );
    },
    timeout,
  );
});
