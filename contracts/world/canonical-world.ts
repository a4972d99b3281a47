import { compareIds } from '../ids.ts';
import { canonicalJson, compareResults } from './canonical-json.ts';
import { canonicalInstant, sortableInstant } from './instants.ts';
import type { World, WorldRow } from './world-shape.ts';

/**
 * Writes a world the one way that dumps write it: lists sorted by key, sets sorted, JSON objects with sorted keys,
 * instants in UTC (world file). Two worlds are the same exactly if their canonical forms are equal, also as text.
 */
export function canonicalWorld(world: World): World {
  return {
    platform: world.platform,
    users: sorted(world.users.map(canonicalUser), ['id']),
    groups: sorted(world.groups.map(canonicalGroup), ['id']),
    memberships: sorted(world.memberships.map(canonicalMembership), ['group', 'user', 'role']),
    courses: sorted(world.courses, ['id']),
    paths: sorted(world.paths, ['id']),
    groupCourses: sorted(world.groupCourses, ['group', 'course']),
    groupPaths: sorted(world.groupPaths, ['group', 'path']),
    pathSessions: sorted(world.pathSessions.map(canonicalSession), ['id']),
    slots: sorted(world.slots.map(canonicalSlot), ['id']),
    activities: sorted(world.activities, ['id']),
    items: sorted(world.items, ['id']),
    registrations: sorted(world.registrations.map(canonicalRegistration), ['user', 'activity']),
    history: canonicalHistory(world.history),
    qualifications: sorted(world.qualifications.map(canonicalQualification), ['id']),
  };
}

function canonicalUser(user: WorldRow<'users'>): WorldRow<'users'> {
  const deletedAt = user.deletedAt === null ? null : canonicalInstant(user.deletedAt);
  return { ...user, deletedAt, profile: canonicalJson(user.profile) };
}

function canonicalGroup(group: WorldRow<'groups'>): WorldRow<'groups'> {
  return { ...group, smartRule: group.smartRule === null ? null : canonicalJson(group.smartRule) };
}

function canonicalMembership(membership: WorldRow<'memberships'>): WorldRow<'memberships'> {
  return { ...membership, since: canonicalInstant(membership.since) };
}

function canonicalSession(session: WorldRow<'pathSessions'>): WorldRow<'pathSessions'> {
  const { audienceGroups, participants } = session;
  return {
    ...session,
    audienceGroups: audienceGroups.toSorted(compareIds),
    participants: participants.toSorted(compareIds),
  };
}

function canonicalSlot(slot: WorldRow<'slots'>): WorldRow<'slots'> {
  return {
    ...slot,
    startsAt: canonicalInstant(slot.startsAt),
    endsAt: canonicalInstant(slot.endsAt),
    attendees: slot.attendees.toSorted(compareIds),
  };
}

function canonicalRegistration(registration: WorldRow<'registrations'>): WorldRow<'registrations'> {
  const { progress, completedAt } = registration;
  // Adding 0 turns the negative zero, which JSON can hold and not write, into zero.
  return {
    ...registration,
    progress: progress + 0,
    completedAt: completedAt === null ? null : canonicalInstant(completedAt),
  };
}

function canonicalQualification(qualification: WorldRow<'qualifications'>): WorldRow<'qualifications'> {
  const { rule, activities } = qualification;
  return { ...qualification, rule: canonicalJson(rule), activities: activities.toSorted(compareIds) };
}

/** History has no key: what happened at one instant is ordered by kind, then by result. */
function canonicalHistory(history: World['history']): World['history'] {
  return history
    .map((row) => ({ ...row, at: canonicalInstant(row.at), result: canonicalJson(row.result) }))
    .sort(
      (a, b) =>
        compareIds(a.user, b.user) ||
        compareIds(a.activity, b.activity) ||
        compareIds(sortableInstant(a.at), sortableInstant(b.at)) ||
        compareIds(a.kind, b.kind) ||
        compareResults(a.result, b.result),
    );
}

function sorted<Row extends { [Member in Key]: string }, Key extends string>(
  rows: Row[],
  key: readonly Key[],
): Row[] {
  return rows.toSorted((a, b) => {
    for (const member of key) {
      const order = compareIds(a[member], b[member]);
      if (order !== 0) return order;
    }
    return 0;
  });
}
