/**
 * Who may delete whom (rules A and D-15).
 *
 * - The system, the platform owner and a platform admin (admin in the platform group) may delete anyone.
 * - An admin or user-admin only when they hold admin or user-admin in every group of the user;
 *   a user-admin counts only in a group where the user is just a learner (reading of G-02).
 * - A user without any group: only the platform owner and a platform admin.
 * - Somebody unknown or deleted may nothing.
 *
 * That the platform owner cannot be deleted is not decided here but in deletion.ts (D-14).
 */
import type { Problem } from '../contracts/failures.ts';
import type {
  ActivityFact,
  MembershipFact,
  MembershipRole,
  PathFact,
  PlatformFacts,
  UserFact,
} from '../contracts/facts.ts';
import { compareIds, systemActor } from '../contracts/ids.ts';
import type { GroupId, UserId } from '../contracts/ids.ts';

/** Who asks: the system, or a user as read now; null when there is no such user. */
export type Actor = typeof systemActor | UserFact | null;

/** Whether somebody may do everything on the platform. */
export function isPlatformAdmin(actor: Actor, platform: PlatformFacts): boolean {
  if (actor === systemActor) return true;
  if (actor === null || !actor.living) return false;
  return (
    actor.id === platform.owner ||
    actor.memberships.some((held) => held.group === platform.rootGroup && held.role === 'admin')
  );
}

/** Why the actor may not delete the user, naming the groups that are missing; null when it is allowed. */
export function deletionForbidden(actor: Actor, user: UserFact, platform: PlatformFacts): Problem | null {
  if (isPlatformAdmin(actor, platform)) return null;
  if (actor === null || actor === systemActor || !actor.living) {
    return refused('whoever asks is not a living user');
  }
  if (user.memberships.length === 0) {
    return refused(
      `user ${user.id} is in no group: only a platform admin or the platform owner may delete them`,
    );
  }
  const missing = groupsNotAdministered(actor, user.memberships);
  if (missing.length === 0) return null;
  return refused(`admin or user-admin role missing in: ${missing.join(', ')}`);
}

function groupsNotAdministered(actor: UserFact, memberships: readonly MembershipFact[]): GroupId[] {
  const rolesHeld = rolesByGroup(actor.memberships);
  const rolesOfUser = rolesByGroup(memberships);
  const missing: GroupId[] = [];
  for (const [group, roles] of rolesOfUser) {
    const held = rolesHeld.get(group) ?? [];
    const justLearner = roles.every((role) => role === 'learner');
    if (!held.includes('admin') && !(held.includes('user-admin') && justLearner)) missing.push(group);
  }
  return missing.sort(compareIds);
}

function rolesByGroup(memberships: readonly MembershipFact[]): Map<GroupId, MembershipRole[]> {
  const roles = new Map<GroupId, MembershipRole[]>();
  for (const { group, role } of memberships) {
    const known = roles.get(group);
    if (known) known.push(role);
    else roles.set(group, [role]);
  }
  return roles;
}

/** Why the actor may not do what nobody but platform admins, the owner and the system may; null when allowed. */
export function adminOnly(actor: Actor, platform: PlatformFacts, what: string): Problem | null {
  if (isPlatformAdmin(actor, platform)) return null;
  return refused(`only a platform admin or the platform owner may ${what}`);
}

/**
 * Why the actor may not take content away: from a group only its admins may, from a path its authors and the admins of its
 * owner group; null when allowed.
 */
export function contentForbidden(
  actor: Actor,
  { id, ownerGroup, authors }: PathFact,
  platform: PlatformFacts,
): Problem | null {
  if (isPlatformAdmin(actor, platform)) return null;
  if (actor !== null && actor !== systemActor && actor.living) {
    if (authors.includes(actor.id) || rolesIn(actor, ownerGroup).includes('admin')) return null;
  }
  return refused(`admin role missing in ${ownerGroup}, or authorship of ${id}`);
}

/**
 * Why the actor may not unenrol from an activity or remove registrations for it: only an admin of its owner group may; null when
 * allowed.
 */
export function registrationForbidden(
  actor: Actor,
  { id, ownerGroup }: ActivityFact,
  platform: PlatformFacts,
): Problem | null {
  if (isPlatformAdmin(actor, platform) || rolesIn(actor, ownerGroup).includes('admin')) return null;
  return refused(`admin role missing in ${ownerGroup}, which owns ${id}`);
}

/**
 * Why the actor may not copy an activity into a course for somebody (D-12): one does it for oneself, as an author or admin of the
 * group that owns the course; null when allowed.
 */
export function copyForbidden(
  actor: Actor,
  newOwner: UserId,
  { id, ownerGroup }: ActivityFact,
  platform: PlatformFacts,
): Problem | null {
  if (isPlatformAdmin(actor, platform)) return null;
  if (actor === null || actor === systemActor || actor.id !== newOwner) {
    return refused('only a platform admin or the platform owner may copy an activity for somebody else');
  }
  const roles = rolesIn(actor, ownerGroup);
  if (roles.includes('author') || roles.includes('admin')) return null;
  return refused(`author or admin role missing in ${ownerGroup}, which owns course ${id}`);
}

/** The roles that somebody has in a group. */
export function rolesIn(actor: Actor, group: GroupId): MembershipRole[] {
  if (actor === null || actor === systemActor || !actor.living) return [];
  return actor.memberships.filter((held) => held.group === group).map((held) => held.role);
}

function refused(message: string): Problem {
  return { type: 'NotAuthorized', message };
}
