import type { World, WorldRow } from '../../contracts/world.ts';
import { contentAfter } from './naive-content.ts';
import type { ContentOptions } from './naive-content.ts';
import { authorAfter, firstLiving } from './naive-succession.ts';

/** From which group, and whether private subgroups are reached too. */
export interface Removal {
  group: string;
  includePrivateSubgroups: boolean;
}

type Place = Pick<WorldRow<'groups'>, 'id' | 'parent' | 'visibility'>;
type Held = Pick<WorldRow<'memberships'>, 'group' | 'role'>;

/** What a removal does to one user. `protected` is the platform owner, who would be left without any group. */
export type Fate = 'unchanged' | 'removed' | 'deleted' | 'protected';

/** G-03 to G-06: those of the memberships that end, each judged for itself. */
export function naiveEnded<Membership extends Held>(
  memberships: readonly Membership[],
  removal: Removal,
  groups: readonly Place[],
  rootGroup: string,
): Membership[] {
  return memberships.filter(({ group, role }) => {
    const way = wayUp(groups, group, removal.group);
    if (way === null) return false;
    if (way.length === 0) return true;
    if (!removal.includePrivateSubgroups && way.some(({ visibility }) => visibility === 'private'))
      return false;
    return removal.group === rootGroup || role === 'learner';
  });
}

/** The groups on the way up to a named one, without the named one; null where it is not above. */
function wayUp(groups: readonly Place[], from: string, named: string): Place[] | null {
  if (from === named) return [];
  const group = groups.find(({ id }) => id === from);
  if (group === undefined || group.parent === null) return null;
  const rest = wayUp(groups, group.parent, named);
  return rest === null ? null : [group, ...rest];
}

/** G-07, D-14: what becomes of a user, for a requester who may do everything. */
export function fateOf(before: World, removal: Removal, user: string): Fate {
  const own = before.memberships.filter((membership) => membership.user === user);
  const ended = naiveEnded(own, removal, before.groups, before.platform.rootGroup);
  if (ended.length === 0) return 'unchanged';
  if (ended.length < own.length) return 'removed';
  return user === before.platform.owner ? 'protected' : 'deleted';
}

/**
 * What the rules say that a removal from a group leaves behind, written down in the simplest way there is, for a
 * requester who may do everything. `deletedAt` is left for the caller to fill in.
 */
export function worldAfterRemoval(
  before: World,
  removal: Removal & Partial<ContentOptions> & { users: readonly string[] },
  by: string,
  now: Date,
): World {
  const after = structuredClone(before);
  const whose = (...fates: Fate[]): Set<string> =>
    new Set(removal.users.filter((user) => fates.includes(fateOf(before, removal, user))));
  const [reached, deleted] = [whose('removed', 'deleted'), whose('deleted')];

  // G-03 to G-06: memberships first, so that all that follows reads them as they stand after the operation (D-13).
  const own = after.memberships.filter(({ user }) => reached.has(user));
  const ended = new Set(naiveEnded(own, removal, before.groups, before.platform.rootGroup));
  after.memberships = after.memberships.filter((membership) => !ended.has(membership));

  // G-07: accounts before what they hold, so that nobody who goes is chosen (D-13).
  for (const account of after.users) if (deleted.has(account.id)) retire(account, by);
  handOver(after, deleted);
  leaveSessions(after, reached, deleted, now);
  // G-10, for those who live on.
  return contentAfter(before, after, { cascade: removal.cascade ?? 'always' });
}

/** D-01, D-02. */
function retire(account: World['users'][number], by: string): void {
  account.status = 'deleted';
  account.deletionKind = 'manual';
  account.deletedBy = by;
  account.loginSessions = 0;
}

/** D-05 to D-11; the sessions last, because they look at the main authors of their paths. */
function handOver(after: World, deleted: ReadonlySet<string>): void {
  for (const item of [...after.courses, ...after.paths]) {
    const heir = deleted.has(item.mainAuthor) ? authorAfter(after, item.coAuthors, item.ownerGroup) : null;
    item.mainAuthor = heir ?? item.mainAuthor;
    item.coAuthors = item.coAuthors.filter((co) => !deleted.has(co) && co !== heir);
  }
  for (const session of after.pathSessions) {
    const path = after.paths.find(({ id }) => id === session.path);
    const heir = deleted.has(session.mainInstructor)
      ? (firstLiving(after, session.coInstructors) ?? path?.mainAuthor)
      : null;
    session.mainInstructor = heir ?? session.mainInstructor;
    session.coInstructors = session.coInstructors.filter((co) => !deleted.has(co) && co !== heir);
  }
}

/** G-08, G-09 for everybody whose memberships ended, and D-03 for those who are deleted. */
function leaveSessions(
  after: World,
  reached: ReadonlySet<string>,
  deleted: ReadonlySet<string>,
  now: Date,
): void {
  for (const session of after.pathSessions) {
    const isHeld = (user: string): boolean =>
      session.audience === 'static' ||
      after.memberships.some((held) => held.user === user && session.audienceGroups.includes(held.group));
    session.participants = session.participants.filter((user) => !reached.has(user) || isHeld(user));
    for (const slot of after.slots) {
      if (slot.session !== session.id || Date.parse(slot.startsAt) <= now.getTime()) continue;
      slot.attendees = slot.attendees.filter(
        (user) => !deleted.has(user) && (!reached.has(user) || isHeld(user)),
      );
    }
  }
}
