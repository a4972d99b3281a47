import type { JsonObject } from '../../contracts/changes.ts';
import type { World, WorldRow } from '../../contracts/world.ts';
import { contentAfter } from './naive-content.ts';
import type { ContentOptions } from './naive-content.ts';

/** A row of an update; the user by id. */
export interface ProfileRow {
  user: string;
  profile: JsonObject;
}

/**
 * What the rules say that an update of profiles leaves behind (C-04, C-14, G-08), written down in the simplest way there
 * is, for a requester who may do everything. The only rules that it knows are `{ "==": [{ "var": name }, text] }`.
 *
 * @param since when new memberships begin
 */
export function worldAfterProfiles(
  before: World,
  rows: readonly ProfileRow[],
  options: ContentOptions,
  now: Date,
  since: string,
): World {
  const after = structuredClone(before);
  for (const { user, profile } of rows) {
    const account = after.users.find(({ id }) => id === user);
    if (account?.status === 'active') account.profile = mergedProfile(account.profile, profile);
  }
  const asked = after.users.filter(
    ({ id, status }) => status === 'active' && rows.some(({ user }) => user === id),
  );
  for (const account of asked) {
    for (const group of after.groups) if (group.smartRule !== null) judge(after, account, group, since);
    followSessions(before, after, account.id, now);
  }
  return contentAfter(before, after, options);
}

/** What is given wins, null takes away, the rest stays. */
export function mergedProfile(profile: JsonObject, more: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ ...profile, ...more }).filter(([, value]) => value !== null));
}

/** Whether the profile is what the rule asks for; a missing attribute is null, which equals no text. */
function matches({ smartRule }: WorldRow<'groups'>, profile: JsonObject): boolean {
  const [attribute, wanted] = (smartRule as { '==': [{ var: string }, string] })['=='];
  return profile[attribute.var] === wanted;
}

/** Who matches is a learner of the group, who does not is none; other roles were given by hand. */
function judge(after: World, account: WorldRow<'users'>, group: WorldRow<'groups'>, since: string): void {
  const isOne = (row: WorldRow<'memberships'>): boolean =>
    row.group === group.id && row.user === account.id && row.role === 'learner';
  if (!matches(group, account.profile)) after.memberships = after.memberships.filter((row) => !isOne(row));
  else if (!after.memberships.some(isOne))
    after.memberships.push({ group: group.id, user: account.id, role: 'learner', since });
}

/** G-08: a dynamic session is left, with upcoming slots, when no group holds the user any more, and joined by a new one. */
function followSessions(before: World, after: World, user: string, now: Date): void {
  const [then, today] = [before, after].map(
    ({ memberships }) => new Set(memberships.filter((row) => row.user === user).map(({ group }) => group)),
  ) as [Set<string>, Set<string>];
  for (const session of after.pathSessions) {
    if (session.audience === 'static') continue;
    if (session.audienceGroups.some((group) => today.has(group) && !then.has(group))) {
      session.participants = [...new Set([...session.participants, user])];
    }
    if (session.audienceGroups.some((group) => today.has(group))) continue;
    session.participants = session.participants.filter((id) => id !== user);
    for (const slot of after.slots) {
      if (slot.session !== session.id || Date.parse(slot.startsAt) <= now.getTime()) continue;
      slot.attendees = slot.attendees.filter((id) => id !== user);
    }
  }
}
