import type { World } from '../../contracts/world.ts';
import { byCodePoint, microseconds } from './naive-succession.ts';

/**
 * What the rules say that the deletion of many at once leaves behind, as simply as `worldWithout` says it of one.
 * First all of them leave everything; only then is any chain read, so that nobody of them is found in it (D-13).
 * The users must be living ones; when they were deleted is left out, see `timeless`.
 */
export function worldWithoutAll(before: World, users: readonly string[], by: string, now: Date): World {
  const after = structuredClone(before);
  const gone = new Set(users);
  retireAll(after, gone, by);
  leaveAll(after, gone, now);
  handOver(after, gone);
  return after;
}

/** The same world without the moments at which these users were deleted: no two runs have them in common. */
export function timeless(world: World, users: readonly string[]): World {
  const masked = structuredClone(world);
  for (const account of masked.users) if (users.includes(account.id)) account.deletedAt = null;
  return masked;
}

/** D-01, D-02 */
function retireAll(world: World, gone: ReadonlySet<string>, by: string): void {
  world.memberships = world.memberships.filter((membership) => !gone.has(membership.user));
  for (const account of world.users) {
    if (!gone.has(account.id)) continue;
    account.status = 'deleted';
    account.deletionKind = 'manual';
    account.deletedBy = by;
    account.loginSessions = 0;
  }
}

/** D-03, D-11, G-08, G-09 */
function leaveAll(world: World, gone: ReadonlySet<string>, now: Date): void {
  const staying = (ids: readonly string[]): string[] => ids.filter((id) => !gone.has(id));
  for (const item of [...world.courses, ...world.paths]) item.coAuthors = staying(item.coAuthors);
  for (const session of world.pathSessions) {
    session.coInstructors = staying(session.coInstructors);
    if (session.audience === 'dynamic') session.participants = staying(session.participants);
  }
  for (const slot of world.slots) {
    if (Date.parse(slot.startsAt) > now.getTime()) slot.attendees = staying(slot.attendees);
  }
}

/** D-05 to D-10, in a world that everybody of them has left. Paths come before their sessions. */
function handOver(world: World, gone: ReadonlySet<string>): void {
  for (const item of [...world.courses, ...world.paths]) {
    if (!gone.has(item.mainAuthor)) continue;
    item.mainAuthor = firstLiving(world, item.coAuthors) ?? adminAbove(world, item.ownerGroup);
    item.coAuthors = item.coAuthors.filter((co) => co !== item.mainAuthor);
  }
  for (const session of world.pathSessions) {
    if (!gone.has(session.mainInstructor)) continue;
    const path = world.paths.find(({ id }) => id === session.path);
    session.mainInstructor = firstLiving(world, session.coInstructors) ?? path?.mainAuthor ?? '';
    session.coInstructors = session.coInstructors.filter((co) => co !== session.mainInstructor);
  }
}

/** D-06 to D-08 */
function adminAbove(world: World, ownerGroup: string): string {
  const parent = world.groups.find(({ id }) => id === ownerGroup)?.parent ?? '';
  return eldestAdmin(world, ownerGroup) ?? eldestAdmin(world, parent) ?? world.platform.owner;
}

function eldestAdmin(world: World, group: string): string | undefined {
  return world.memberships
    .filter((membership) => membership.group === group && membership.role === 'admin')
    .sort((a, b) => microseconds(a.since) - microseconds(b.since) || byCodePoint(a.user, b.user))[0]?.user;
}

function firstLiving(world: World, candidates: readonly string[]): string | undefined {
  return candidates.find((id) => world.users.some((user) => user.id === id && user.status === 'active'));
}
