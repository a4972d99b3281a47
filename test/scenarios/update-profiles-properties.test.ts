import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../contracts/changes.ts';
import type { World } from '../../contracts/world.ts';
import { arbitraryWorld } from '../support/arbitrary-world.ts';
import { choose } from '../support/arbitrary/choose.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { worldAfterProfiles } from '../support/naive-profiles.ts';
import type { ProfileRow } from '../support/naive-profiles.ts';
import { outcomeIn } from './content-steps.ts';
import { comparable, newly, warningsBeside } from './joining-steps.ts';
import { essence } from './steps.ts';
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

interface Case {
  given: World;
  rows: ProfileRow[];
  cascade: 'always' | 'unless-linked';
}

const change: fc.Arbitrary<JsonObject> = fc.constantFrom<JsonObject>(
  {},
  { team: 'sales' },
  { team: 'support' },
  { team: 'it' },
  { team: null },
  { floor: 1 },
);

/** A world in which rules often decide otherwise than they have, and rows for some of its users, some of them twice. */
const update: fc.Arbitrary<Case> = fc
  .record({
    given: arbitraryWorld(),
    picks: fc.array(fc.tuple(fc.nat({ max: 23 }), change), { minLength: 1, maxLength: 14, size: 'max' }),
    cascade: fc.constantFrom('always' as const, 'unless-linked' as const),
  })
  .filter(({ given }) => !given.slots.some(startsNow))
  .map(({ given, picks, cascade }) => ({
    ...{ given, cascade },
    rows: picks.map(([pick, profile]) => ({ user: choose(given.users, pick)?.id ?? '', profile })),
  }));

/** No slot may begin between the oracle's look at the clock and the plugin's. */
function startsNow(slot: World['slots'][number]): boolean {
  return Math.abs(Date.parse(slot.startsAt) - Date.now()) < 300_000;
}

function input({ given, rows, cascade }: Case): Input {
  return { profiles: rows, cascade, requestedBy: given.platform.owner, maxShare: 1 };
}

/** How many lines there must be of each: a user is told of once, the other lines are unchanged (C-05). */
function linesOf(before: World, after: World, rows: readonly ProfileRow[]): Record<string, number> {
  const counts = { done: 0, unchanged: 0, attention: 0 };
  const users = [...new Set(rows.map(({ user }) => user))];
  for (const user of users) {
    const of = (world: World): string =>
      JSON.stringify([world.users.find(({ id }) => id === user)?.profile, groups(world, user)]);
    const isLeft = groups(before, user).length > 0 && groups(after, user).length === 0;
    const isGone = before.users.some(({ id, status }) => id === user && status === 'deleted');
    counts[isGone || isLeft ? 'attention' : of(before) === of(after) ? 'unchanged' : 'done'] += 1;
  }
  counts.unchanged += rows.length - users.length;
  return counts;
}

function groups(world: World, of: string): string[] {
  return world.memberships
    .filter(({ user }) => user === of)
    .map(({ group, role }) => `${group} ${role}`)
    .sort();
}

describe('any update of any profiles in any world', () => {
  it(
    'C-04, C-14, G-08: leaves what the rules say and X-01 showed, nothing else, and a loadable world',
    async () => {
      await fc.assert(
        fc.asyncProperty(update, async (of) => {
          await lab.load(of.given);
          const before = await lab.dump();
          const preview = await lab.run('updateProfiles', { ...input(of), mode: 'preview' });
          expect(await lab.dump()).toEqual(before);

          const began = Date.now();
          const applied = await lab.run('updateProfiles', input(of));
          const after = await lab.dump();
          const expected = worldAfterProfiles(before, of.rows, of, new Date(began), newly);
          expect(comparable(after, before, began)).toEqual(comparable(expected, before, began));

          expect(applied).toMatchObject({ state: 'done', conflicts: 0 });
          expect(warningsBeside('C-12', applied)).toEqual([]);
          expect(applied.users).toEqual(linesOf(before, expected, of.rows));
          expect(applied.users).toEqual(preview.users);
          expect(applied.counts).toEqual(preview.counts);
          expect(applied.planHash).toBe(preview.planHash);
          const changes = await lab.changes(applied.operation);
          expect(essence(changes)).toEqual(essence(await lab.changes(preview.operation)));
          expect(changes.every((each) => each.state === 'applied')).toBe(true);

          const again = await lab.run('updateProfiles', input(of));
          expect(again.counts).toEqual({});
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
    'X-08 is undone to the byte',
    async () => {
      await fc.assert(
        fc.asyncProperty(update, async (of) => {
          const { before, result } = await outcomeIn(lab, of.given, 'updateProfiles', input(of));
          const undone = await undo(lab, result.operation, {
            requestedBy: of.given.platform.owner,
            maxShare: 1,
          });
          expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0, warnings: [] });
          expect(await lab.dump()).toEqual(before);
        }),
        { numRuns },
      );
    },
    timeout,
  );
});
