import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { choose, chooseSome } from '../support/arbitrary/choose.ts';
import { blueprint, worldOf } from '../support/arbitrary-content.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { contentAfter } from '../support/naive-content.ts';
import type { ContentOptions } from '../support/naive-content.ts';
import { owner } from '../support/world-builder.ts';
import type { Input } from './steps.ts';
import { undo } from './undo-steps.ts';
import { runs } from '../support/runs.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const numRuns = runs(15);
const timeout = 180_000;
const pick = fc.nat({ max: 23 });

/** A link removal in a world full of content. */
interface Removal extends ContentOptions {
  given: World;
  workflow: string;
  /** The group or path, and what goes from it. */
  input: Input;
  /** The link that goes, where there is one. */
  isLost: (holder: string, activity: string) => boolean;
}

const removal: fc.Arbitrary<Removal> = fc
  .record({
    plan: blueprint,
    workflow: fc.constantFrom('removeCoursesFromGroup', 'removePathsFromGroup', 'removeCoursesFromPath'),
    holder: pick,
    activities: fc.array(pick, { minLength: 1, maxLength: 4 }),
  })
  .map(({ plan, workflow, holder, activities }) => {
    const given = worldOf(plan, 'stays', 'leaves');
    const from = workflow === 'removeCoursesFromPath' ? 'path' : 'group';
    const what = workflow === 'removePathsFromGroup' ? 'paths' : 'courses';
    const named = choose(idsOf(from === 'path' ? given.paths : given.groups), holder) ?? '';
    const going = new Set(chooseSome(idsOf(given[what]), activities));
    return {
      ...{ given, workflow, cascade: plan.cascade },
      input: { [from]: named, [what]: [...going], cascade: plan.cascade, requestedBy: owner },
      isLost: (by, activity) => by === named && going.has(activity),
    };
  });

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

/** The world without the links, and with the registrations as the rows say. */
function worldAfter(before: World, { isLost, cascade }: Removal): World {
  const after = structuredClone(before);
  after.groupCourses = after.groupCourses.filter(({ group, course }) => !isLost(group, course));
  after.groupPaths = after.groupPaths.filter(({ group, path }) => !isLost(group, path));
  for (const { id, courses } of after.paths) {
    const left = courses.filter((course) => !isLost(id, course));
    courses.splice(0, courses.length, ...left);
  }
  return contentAfter(before, after, { cascade });
}

describe('any removal of courses and paths in any world', () => {
  it(
    'C-01 to C-13 takes what the rows say and X-01 showed, nothing else; X-08 undone it is as before',
    async () => {
      await fc.assert(
        fc.asyncProperty(removal, async (of) => {
          await lab.load(of.given);
          const before = await lab.dump();
          const preview = await lab.run(of.workflow, { ...of.input, mode: 'preview' });
          expect(await lab.dump()).toEqual(before);

          const applied = await lab.run(of.workflow, of.input);
          expect(await lab.dump()).toEqual(worldAfter(before, of));
          expect(applied.counts).toEqual(preview.counts);
          expect(applied.planHash).toBe(preview.planHash);
          expect(applied).toMatchObject({ attention: [], conflicts: 0 });

          const undone = await undo(lab, applied.operation);
          expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
          expect(undone).toMatchObject({ attention: [], conflicts: 0 });
        }),
        // Whatever is found by then is told, though it could be smaller.
        { numRuns, interruptAfterTimeLimit: 120_000 },
      );
    },
    timeout,
  );
});
