import type { PlanContext } from './planner.ts';
import { profileEntries } from './profile-rows.ts';
import type { JsonObject } from '../contracts/changes.ts';
import type { UserId } from '../contracts/ids.ts';
import { updateProfilesSchema } from '../contracts/operations.ts';
import { linesOfUsers } from '../ledger/targets.ts';

/** What is asked of each user's profile: of several rows for one user the later ones win, attribute by attribute. */
export async function askedProfiles({
  sql,
  operation,
  users,
}: PlanContext): Promise<ReadonlyMap<UserId, JsonObject>> {
  const { profiles, list } = updateProfilesSchema.parse(operation.input);
  const lines = await linesOfUsers(sql, operation.id, users, list ?? null);
  const given = profileEntries(profiles ?? []);
  const asked = new Map<UserId, JsonObject>();
  for (const { user, line, payload } of lines) {
    const profile = (payload ?? given[line - 1]?.payload)?.['profile'];
    if (isObject(profile)) asked.set(user, { ...asked.get(user), ...profile });
  }
  return asked;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
