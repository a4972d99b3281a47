import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { arbitraryWorld } from '../support/arbitrary-world.ts';
import { choose } from '../support/arbitrary/choose.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import {
  isUnenrolled,
  registrationOf,
  worldReconciled,
  worldRemoved,
  worldUnenrolled,
} from '../support/naive-registrations.ts';
import type { Named } from '../support/naive-registrations.ts';
import { the } from '../support/world-builder.ts';
import { essence, untilState } from './steps.ts';
import type { Input } from './steps.ts';
import { undo } from './undo-steps.ts';
import { runs } from '../support/runs.ts';

let lab: Lab;
beforeAll(async () => {
  // Chunks are small, so that lines of a user that lie apart meet again.
  lab = await openLab({ chunkUsers: 3, window: 2 });
}, 120_000);
afterAll(() => lab.close());

const numRuns = runs(8);
const timeout = 180_000;

interface Asked {
  given: World;
  named: Named[];
}

/** A world, and registrations in it: more often than not such as there are, in any order, some of them twice. */
const asked: fc.Arbitrary<Asked> = fc
  .tuple(
    arbitraryWorld().filter(({ courses, paths }) => courses.length + paths.length > 0),
    fc.array(fc.record({ there: fc.boolean(), user: fc.nat(), activity: fc.nat() }), {
      ...{ minLength: 1, maxLength: 12, size: 'max' },
    }),
  )
  .map(([given, picks]) => {
    const activities = [...given.courses, ...given.paths].map(({ id }) => id);
    const named = picks.map(({ there, user, activity }): Named => {
      const row = there ? choose(given.registrations, user) : undefined;
      if (row) return { user: row.user, activity: row.activity };
      return { user: choose(given.users, user)?.id ?? '', activity: choose(activities, activity) ?? '' };
    });
    return { given, named };
  });

function input({ given, named }: Asked): Input {
  const registrations = named.map(({ user, activity }) => ({ user: { id: user }, activity }));
  return { registrations, requestedBy: given.platform.owner, maxShare: 1 };
}

function distinct(named: readonly Named[]): Named[] {
  return [...new Map(named.map((one) => [JSON.stringify(one), one])).values()];
}

it(
  'R-01 R-02 R-04 unenrols what there is, once: the second time all is reported; X-08 and back',
  async () => {
    await fc.assert(
      fc.asyncProperty(asked, async (each) => {
        await lab.load(each.given);
        const before = await lab.dump();
        const preview = await lab.run('unenrolUsers', { ...input(each), mode: 'preview' });
        expect(await lab.dump()).toEqual(before);
        const first = await lab.run('unenrolUsers', input(each));
        const after = await lab.dump();
        expect(after).toEqual(worldUnenrolled(before, each.named));
        expect(first.planHash).toBe(preview.planHash);
        const again = await lab.run('unenrolUsers', input(each));
        expect(await lab.dump()).toEqual(after);
        expect(again).toMatchObject({ counts: {}, users: { done: 0 } });
        const changed = distinct(each.named).filter((one) => {
          const row = registrationOf(before, one);
          return row && !isUnenrolled(row) && the(before.users, one.user).status === 'active';
        });
        expect(first.users).toEqual({
          done: changed.length,
          unchanged: each.named.length - distinct(each.named).length,
          attention: distinct(each.named).length - changed.length,
        });
        await undo(lab, first.operation, { maxShare: 1, requestedBy: each.given.platform.owner });
        expect(await lab.dump()).toEqual(before);
      }),
      { numRuns },
    );
  },
  timeout,
);

it(
  'R-03 R-05 R-06 removes what there is, and has enrolled again in the same step whom a qualification requires to be',
  async () => {
    await fc.assert(
      fc.asyncProperty(asked, async (each) => {
        await lab.load(each.given);
        const before = await lab.dump();
        const running = await lab.start('removeRegistrations', input(each));
        const removes = each.named.some((one) => registrationOf(before, one));
        if (removes) {
          const { planHash } = await untilState(running, 'waiting-for-approval');
          await running.update('approve', { by: each.given.platform.owner, planHash });
        }
        const { operation, attention } = await running.result();
        expect(attention).toEqual([]);
        expect(await lab.dump()).toEqual(worldRemoved(before, each.named));
        const steps = new Set(essence(await lab.changes(operation)).map(({ step }) => step));
        expect([...steps]).toEqual(removes ? ['removeRegistrations'] : []);
      }),
      { numRuns },
    );
  },
  timeout,
);

it(
  'R-07 finds and repairs what is missing, once, and X-08 back',
  async () => {
    await fc.assert(
      fc.asyncProperty(asked, async ({ given }) => {
        await lab.load(given);
        const before = await lab.dump();
        const swept = await lab.run('reconcileQualifications', { maxShare: 1 });
        expect(await lab.dump()).toEqual(worldReconciled(before));
        expect(await lab.run('reconcileQualifications', {})).toMatchObject({
          counts: {},
          users: { done: 0 },
        });
        await undo(lab, swept.operation, { maxShare: 1, requestedBy: given.platform.owner });
        // History of an earlier registration says nothing of the one that the sweep made.
        expect(await lab.dump()).toEqual(before);
      }),
      { numRuns },
    );
  },
  timeout,
);
