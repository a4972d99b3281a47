import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { profileEntries } from '../../activities/profile-rows.ts';
import type { JsonObject } from '../../contracts/changes.ts';
import type { World } from '../../contracts/world.ts';
import { storeList } from '../../ledger/lists.ts';
import type { Lab } from '../support/lab.ts';
import { admin, the, world } from '../support/world-builder.ts';
import type { Given } from '../support/world-builder.ts';
import { outcomeIn } from './content-steps.ts';
import { comparable, warningsBeside } from './joining-steps.ts';
import type { Input, Outcome } from './steps.ts';

/** A rule that asks for a team. */
export function team(name: string): JsonObject {
  return { '==': [{ var: 'team' }, name] };
}

/** Somebody's profile, as a row of an update. */
export function row(user: unknown, profile: unknown): object {
  return { user, profile };
}

/** The smart groups `g-sales` and `g-support`, of who is in these teams, and what a scenario adds. */
export function teams(given: Given = {}): World {
  return world({
    ...given,
    groups: [
      { id: 'g-sales', smartRule: team('sales') },
      { id: 'g-support', smartRule: team('support') },
      ...(given.groups ?? []),
    ],
  });
}

export function update(profiles: unknown[], more: Input = {}): Input {
  return { profiles, requestedBy: admin, ...more };
}

/** The update runs, and in the whole dump nothing else changes but the edit. */
export async function expectUpdated(
  lab: Lab,
  given: World,
  profiles: unknown[],
  edit: (then: World) => void,
  more: Input = {},
): Promise<Outcome> {
  const began = Date.now();
  const outcome = await outcomeIn(lab, given, 'updateProfiles', update(profiles, more));
  const { before, after, result } = outcome;
  const then = structuredClone(before);
  edit(then);
  expect(comparable(after, before, began)).toEqual(comparable(then, before, began));
  expect(result).toMatchObject({ state: 'done', conflicts: 0 });
  const { done, unchanged, attention } = result.users;
  expect(done + unchanged + attention).toBe(profiles.length);
  return outcome;
}

/** The update runs, with nothing that needs attention. */
export async function expectAllUpdated(...args: Parameters<typeof expectUpdated>): Promise<Outcome> {
  const outcome = await expectUpdated(...args);
  expect(outcome.result.attention).toEqual([]);
  expect(warningsBeside('C-12', outcome.result)).toEqual([]);
  return outcome;
}

/** Replaces somebody's profile in a dump. */
export function has(then: World, user: string, profile: JsonObject): void {
  the(then.users, user).profile = profile;
}

/** Ends a membership, as `ada learner g-sales`, which must be there. */
export function end(then: World, name: string): void {
  const at = then.memberships.findIndex(({ user, role, group }) => `${user} ${role} ${group}` === name);
  if (at === -1) throw new Error(`no membership ${name}`);
  then.memberships.splice(at, 1);
}

/** Stores rows of an update, as the command line does with a file; the list's id. */
export async function storeProfiles(lab: Lab, rows: readonly unknown[]): Promise<string> {
  const id = randomUUID();
  await storeList(lab.sql, id, 'test', profileEntries(rows));
  return id;
}
