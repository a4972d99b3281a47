/**
 * What removing users from a group changes, and when it is refused (G-01 to G-07).
 *
 * - Who may: a platform admin, the platform owner, the system, an admin of the named group (G-01); a user-admin of it only
 *   where the user is nothing but a learner in it, or only in its subgroups (G-02). The subgroups need no role.
 * - The named group loses every role of the user; of the subgroups that are reached (group-reach.ts) only the
 *   learner role goes, unless the named group is the platform group: then every role goes there too (G-06). Groups above
 *   keep theirs (G-03). Whom nothing is taken from is unchanged.
 * - Who is left without any membership is deleted (G-07): that needs the right to delete them (D-15), and the platform
 *   owner never is (D-14). A group that is no part of the tree neither keeps an account alive nor ends one.
 * - What leaving groups means for sessions and slots is said in transitions.ts (G-08, G-09).
 */
import type { Reason } from '../contracts/changes.ts';
import type { Problem } from '../contracts/failures.ts';
import type { MemberFacts, MembershipFact, PlatformFacts, UserFact } from '../contracts/facts.ts';
import { compareIds } from '../contracts/ids.ts';
import type { GroupId, UserId } from '../contracts/ids.ts';
import { deletionForbidden, isPlatformAdmin, rolesIn } from './authorization.ts';
import type { Actor } from './authorization.ts';
import { ownerProtected } from './deletion.ts';
import { groupTree, reaches } from './group-reach.ts';
import type { GroupTree, Reach } from './group-reach.ts';
import type { Transition } from './transitions.ts';

/** What a removal means for one user. */
export type RemovalVerdict =
  { is: 'unchanged' } | { is: 'removed'; deleted: boolean } | { is: 'refused'; problem: Problem };

/** Why the actor may remove nobody at all from the group; null when they may at least some. */
export function removalForbidden(actor: Actor, group: GroupId, platform: PlatformFacts): Problem | null {
  if (isPlatformAdmin(actor, platform)) return null;
  const roles = rolesIn(actor, group);
  if (roles.includes('admin') || roles.includes('user-admin')) return null;
  return { type: 'NotAuthorized', message: `admin or user-admin role missing in: ${group}` };
}

/** Which of a user's memberships a removal ends (G-03 to G-06). */
export function endedMemberships(
  memberships: readonly MembershipFact[],
  removal: Reach,
  tree: GroupTree,
  platform: PlatformFacts,
): MembershipFact[] {
  return memberships.filter(
    ({ group, role }) => endsRole(removal, group, role, platform) && reaches(tree, removal, group),
  );
}

/** Whether the role would go if the group is reached. */
function endsRole(
  removal: Reach,
  group: GroupId,
  role: MembershipFact['role'],
  platform: PlatformFacts,
): boolean {
  return group === removal.group || removal.group === platform.rootGroup || role === 'learner';
}

/** What becomes of each user, by id. */
export function judgeRemoval(facts: MemberFacts, actor: Actor, removal: Reach): Map<UserId, RemovalVerdict> {
  const tree = groupTree(facts.groups);
  return new Map(facts.users.map((user) => [user.id, judgeUser(facts, tree, actor, removal, user)]));
}

function judgeUser(
  facts: MemberFacts,
  tree: GroupTree,
  actor: Actor,
  removal: Reach,
  user: UserFact,
): RemovalVerdict {
  const ended = endedMemberships(user.memberships, removal, tree, facts.platform);
  if (ended.length === 0) return { is: 'unchanged' };
  const deleted = endsAccount(user, ended, tree);
  const problem =
    moreThanLearner(actor, removal.group, user, facts.platform) ??
    (deleted
      ? (deletionForbidden(actor, user, facts.platform) ?? ownerProtected(user, facts.platform))
      : null);
  return problem ? { is: 'refused', problem } : { is: 'removed', deleted };
}

/** A user-admin may only remove who is nothing but a learner in the group itself (G-02). */
export function moreThanLearner(
  actor: Actor,
  group: GroupId,
  user: UserFact,
  platform: PlatformFacts,
): Problem | null {
  if (isPlatformAdmin(actor, platform) || rolesIn(actor, group).includes('admin')) return null;
  const roles = rolesIn(user, group);
  if (roles.every((role) => role === 'learner')) return null;
  return {
    type: 'NotAuthorized',
    message: `user ${user.id} is more than a learner in ${group}: only an admin of it may remove them`,
  };
}

/** Whether no membership is left, of those that keep an account alive (G-07). */
export function endsAccount(user: UserFact, ended: readonly MembershipFact[], tree: GroupTree): boolean {
  const counts = (held: MembershipFact): boolean => keepsAlive(tree, held);
  return ended.some(counts) && !user.memberships.some((held) => counts(held) && !ended.includes(held));
}

/** Why somebody is not deleted after all whom the plan would delete: a membership has come that the removal does not end. */
export function keepsAccount(
  user: UserFact,
  ended: readonly MembershipFact[],
  tree: GroupTree,
): Problem | null {
  const kept = user.memberships.filter((held) => keepsAlive(tree, held) && !ended.includes(held));
  if (kept.length === 0) return null;
  const groups = [...new Set(kept.map((held) => held.group))].sort(compareIds).join(', ');
  return {
    type: 'PlanChanged',
    message: `user ${user.id} has come into ${groups} meanwhile: nothing was changed`,
  };
}

/**
 * Who is left without a membership though the plan did not say so: somebody else has ended the rest meanwhile. An
 * account is not deleted by a plan that did not show it, so these need attention.
 */
export function strandedUsers(facts: MemberFacts, leaving: ReadonlySet<UserId>): Map<UserId, Problem> {
  const tree = groupTree(facts.groups);
  const stranded = facts.users.filter(
    (user) =>
      user.living && !leaving.has(user.id) && !user.memberships.some((held) => keepsAlive(tree, held)),
  );
  return new Map(
    stranded.map(({ id }) => [
      id,
      {
        type: 'PlanChanged',
        message: `user ${id} is in no group any more, which the plan did not foresee: not deleted`,
      },
    ]),
  );
}

function keepsAlive(tree: GroupTree, { group }: MembershipFact): boolean {
  return tree.get(group)?.standsAlone !== true;
}

/** What the removal ends for users who live on. */
export function removalTransitions(facts: MemberFacts, removal: Reach): Transition[] {
  const tree = groupTree(facts.groups);
  return facts.users.map((user) => ({
    user,
    ended: endedMemberships(user.memberships, removal, tree, facts.platform),
    joined: [],
  }));
}

/** Why a membership ends by the removal. */
export function removalReason({ group }: MembershipFact, removal: Reach): Reason {
  if (group === removal.group) return { rule: 'G-06', because: 'the removal from this group was asked for' };
  return {
    rule: removal.includePrivateSubgroups ? 'G-04' : 'G-05',
    because: `a subgroup that the removal from ${removal.group} reaches`,
  };
}
