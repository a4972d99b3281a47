import { checkHolders } from './check-holders.ts';
import { checkKeys } from './check-keys.ts';
import { checkReferences } from './check-references.ts';
import { checkRegistrations } from './check-registrations.ts';
import { checkSessions } from './check-sessions.ts';
import { checkSlots } from './check-slots.ts';
import { checkTrees } from './check-trees.ts';
import { checkUsers } from './check-users.ts';
import { inspectionOf } from './inspection.ts';
import { sortableInstant } from './instants.ts';
import { loosenWorld } from './loose-world.ts';
import { WorldRefused, jsonPath } from './world-refused.ts';
import type { Report, WorldProblem } from './world-refused.ts';
import { worldSchema } from './world-shape.ts';
import type { World } from './world-shape.ts';

const checks = [
  checkKeys,
  checkReferences,
  checkUsers,
  checkTrees,
  checkHolders,
  checkSessions,
  checkSlots,
  checkRegistrations,
];

/**
 * Reads a world file: types, references and everything that a world must be (world file). Linear in its size.
 *
 * @param json the parsed JSON document
 * @param at the moment that parts slots that have begun from upcoming ones; a world that is valid stays so later
 * @returns the world with all defaults filled in; instants and order as in the file
 * @throws WorldRefused with every problem, also those of parts whose neighbours have the wrong type
 */
export function parseWorld(json: unknown, at: Date = new Date()): World {
  const problems: WorldProblem[] = [];
  const report: Report = (path, message) => problems.push({ path: jsonPath(path), message });
  const shaped = worldSchema.safeParse(json, {
    error: (issue) => (issue.input === undefined ? 'is missing' : undefined),
  });
  const world = shaped.success ? shaped.data : loosenWorld(json, reportShape(shaped.error.issues, report));
  const inspection = inspectionOf(world, sortableInstant(at.toISOString()), report);
  for (const check of checks) check(inspection);
  if (problems.length > 0 || !shaped.success) throw new WorldRefused(problems);
  return shaped.data;
}

type Issue = NonNullable<ReturnType<typeof worldSchema.safeParse>['error']>['issues'][number];

/** Reports what the schema found, unknown members one by one, and returns where values are unusable. */
function reportShape(issues: readonly Issue[], report: Report): PropertyKey[][] {
  const broken: PropertyKey[][] = [];
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) report([...issue.path, key], 'unknown member');
    } else {
      report(issue.path, issue.message);
      broken.push(issue.path);
    }
  }
  return broken;
}
