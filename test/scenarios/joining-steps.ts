import type { OperationResult } from '../../contracts/operations.ts';
import { worldLists } from '../../contracts/world.ts';
import type { World } from '../../contracts/world.ts';
import { expectWithin } from './steps.ts';

/**
 * A dump to compare with another: sets in one order, and memberships that were not there before without the moment at
 * which they began, which is checked to lie within the run.
 */
export function comparable(then: World, before: World, began: number): World {
  const known = new Set(before.memberships.map(nameOf));
  const copy = structuredClone(then);
  for (const membership of copy.memberships) {
    if (known.has(nameOf(membership))) continue;
    if (membership.since !== newly) expectWithin(membership.since, began, Date.now());
    membership.since = newly;
  }
  for (const { audienceGroups, participants } of copy.pathSessions) {
    audienceGroups.sort();
    participants.sort();
  }
  for (const { attendees } of copy.slots) attendees.sort();
  for (const list of worldLists) copy[list].sort((left, right) => (textOf(left) < textOf(right) ? -1 : 1));
  return copy;
}

/** What was warned of, but for what C-12 always tells: what goes although it has a link of its own. */
export function warningsBeside(rule: string, { warnings }: OperationResult): string[] {
  return warnings.filter((warning) => !warning.startsWith(`${rule}: `));
}

/** When a membership of an expected world began: while the operation ran. */
export const newly = 'while the operation ran';

/** A registration as a group assigns it (C-14). */
export function assigned(user: string, activity: string, method: 'self' | 'admin' | 'auto' = 'admin') {
  return {
    ...{ user, activity, method, status: 'enrolled' as const, access: true },
    ...{ listedAs: 'current' as const, progress: 0, completedAt: null },
  };
}

function nameOf({ user, role, group }: World['memberships'][number]): string {
  return `${user} ${role} ${group}`;
}

/** The same for equal rows, whatever the order of their members. */
function textOf(row: object): string {
  return JSON.stringify(row, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
}
