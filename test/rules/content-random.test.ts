import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlannedChange } from '../../contracts/changes.ts';
import type { World } from '../../contracts/world.ts';
import { planContent } from '../../rules/content.ts';
import { blueprint, cascade, operation, operationOf, worldOf } from '../support/arbitrary-content.ts';
import type { Blueprint, Operation } from '../support/arbitrary-content.ts';
import { contentFacts, lostBetween, movesBetween, withChanges } from '../support/content-facts.ts';
import { contentAfter } from '../support/naive-content.ts';
import type { ContentOptions } from '../support/naive-content.ts';
import { runs } from '../support/runs.ts';

function planned({ before, after, cascade }: Operation): PlannedChange[] {
  const lost = lostBetween(before, after);
  return planContent(contentFacts(before), movesBetween(before, after), { rule: 'C-08', cascade, lost });
}

/** The world after the operation, content and all. */
function applied(of: Operation): World {
  return withChanges(of.after, planned(of));
}

/** All registrations, a line each, whatever their order. */
function registrationsOf({ registrations }: World): string[] {
  return registrations.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();
}

/** The changes of so many worlds, by kind, each world compared with what the rows say of it. */
function compared(operations: fc.Arbitrary<Operation>, numRuns: number): Partial<Record<string, number>> {
  const counts: Record<string, number> = {};
  fc.assert(
    fc.property(operations, (of) => {
      const expected = contentAfter(of.before, of.after, of);
      expect(registrationsOf(applied(of))).toEqual(registrationsOf(expected));
      for (const { kind } of planned(of)) counts[kind] = (counts[kind] ?? 0) + 1;
    }),
    { numRuns },
  );
  return counts;
}

describe('any change of memberships and links in any world', () => {
  it('C-01 to C-14, D-02 10,000 worlds end as the rows say', () => {
    const counts = compared(operation, 10_000);
    // What is compared is worth comparing.
    for (const kind of ['access.revoke', 'access.grant', 'registration.add']) {
      expect(counts[kind], kind).toBeGreaterThan(1000);
    }
  }, 120_000);

  it('C-01 to C-03, C-06 to C-13 so do worlds in which nobody joins a group, and they lose access only', () => {
    const removal = blueprint.map((plan) => {
      const memberships = plan.memberships.map((fate) => (fate === 'joins' ? 'out' : fate));
      return operationOf({ ...plan, memberships });
    });
    const counts = compared(removal, runs(3000));
    expect(Object.keys(counts)).toEqual(['access.revoke']);
    expect(counts['access.revoke']).toBeGreaterThan(500);
  }, 120_000);

  it('C-12 spares nothing with "always" that "unless-linked" does not', () => {
    const revoked = (of: Operation, cascade: ContentOptions['cascade']): string[] =>
      planned({ ...of, cascade })
        .filter(({ kind }) => kind === 'access.revoke')
        .map(({ user, item }) => `${user} ${JSON.stringify(item)}`);
    fc.assert(
      fc.property(operation, (of) => {
        expect(revoked(of, 'always')).toEqual(expect.arrayContaining(revoked(of, 'unless-linked')));
      }),
      { numRuns: runs(1000) },
    );
  });

  it('X-02, D-18 the order in which facts were read, and the cut into chunks, change nothing', () => {
    const sorted = (changes: PlannedChange[]): string[] => changes.map((row) => JSON.stringify(row)).sort();
    fc.assert(
      fc.property(operation, (of) => {
        const lost = lostBetween(of.before, of.after);
        const facts = contentFacts(of.before);
        const chunks = movesBetween(of.before, of.after).flatMap((move) => {
          const registrations = facts.registrations.filter(({ user }) => user === move.user).reverse();
          const chunk = { ...facts, courseTree: facts.courseTree.toReversed(), registrations };
          return planContent(chunk, [move], { rule: 'C-08', cascade: of.cascade, lost });
        });
        expect(sorted(chunks)).toEqual(sorted(planned(of)));
      }),
      { numRuns: runs(1000) },
    );
  });
});

/** One thing that can be taken away: a user's place in a group, or a link. */
interface Loss {
  from: 'memberships' | 'groupCourses' | 'groupPaths' | 'pathCourses';
  at: number;
}

/** A world from which the losses are taken, each batch by an operation of its own. */
interface Removals extends ContentOptions {
  plan: Blueprint;
  batches: Loss[][];
}

const removals: fc.Arbitrary<Removals> = blueprint.chain((plan) => {
  const losses = (['memberships', 'groupCourses', 'groupPaths', 'pathCourses'] as const).flatMap((from) =>
    plan[from].flatMap((fate, at): Loss[] => (fate === 'leaves' ? [{ from, at }] : [])),
  );
  return fc.record({
    plan: fc.constant(plan),
    cascade,
    batches: fc
      .tuple(
        fc.shuffledSubarray(losses, { minLength: losses.length }),
        fc.array(fc.nat({ max: 3 }), { minLength: losses.length, maxLength: losses.length }),
      )
      .map(([order, sizes]) => cut(order, sizes)),
  });
});

/** Cuts a list where a size is 0: into one piece, into single ones, or into something between. */
function cut<Value>(list: readonly Value[], sizes: readonly number[]): Value[][] {
  const batches: Value[][] = [[]];
  for (const [i, value] of list.entries()) {
    if (sizes[i] === 0) batches.push([]);
    batches.at(-1)?.push(value);
  }
  return batches;
}

/** The world after these operations, one after the other. */
function after(plan: Blueprint, batches: readonly (readonly Loss[])[], options: ContentOptions): World {
  let now = structuredClone(plan);
  let then = worldOf(now, 'stays', 'leaves');
  for (const batch of batches) {
    now = structuredClone(now);
    for (const { from, at } of batch) now[from][at] = 'out';
    const next = { ...worldOf(now, 'stays', 'leaves'), registrations: then.registrations };
    then = applied({ ...options, before: then, after: next });
  }
  return then;
}

function openIn({ registrations }: World): number {
  return registrations.filter(({ access }) => access).length;
}

describe('any removals of memberships, courses and paths', () => {
  it('C-15 one by one, in batches and all together, in any order, they end the same', () => {
    let revoked = 0;
    fc.assert(
      fc.property(removals, ({ plan, batches, cascade }) => {
        const all = batches.flat();
        const oneByOne = all.map((loss) => [loss]);
        const together = after(plan, [all], { cascade });
        for (const taken of [batches, oneByOne, oneByOne.toReversed()]) {
          expect(registrationsOf(after(plan, taken, { cascade }))).toEqual(registrationsOf(together));
        }
        revoked += openIn(worldOf(plan, 'stays', 'leaves')) - openIn(together);
      }),
      { numRuns: runs(1000) },
    );
    expect(revoked).toBeGreaterThan(100);
  }, 120_000);
});
