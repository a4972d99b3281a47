/**
 * What removing users from a group changes, and when it is refused (G-01 to G-09).
 *
 * - Who may: a platform admin, the platform owner, the system, an admin of the named group (G-01); a user-admin of it only
 *   where the user is nothing but a learner in it, or only in its subgroups (G-02). The subgroups need no role.
 * - The named group loses every role of the user; of the subgroups that are reached (group-reach.ts) only the
 *   learner role goes, unless the named group is the platform group: then every role goes there too (G-06). Groups above
 *   keep theirs (G-03). Whom nothing is taken from is unchanged.
 * - Who is left without any membership is deleted (G-07): that needs the right to delete them (D-15), and the platform
 *   owner never is (D-14). A group that is no part of the tree neither keeps an account alive nor ends one.
 * - A dynamic session is left, with its upcoming slots, when a group of its audience has been left and no other group of
 *   it holds the user in any role (G-08); a static one is not (G-09).
 */
import type { PlannedChange } from '../contracts/changes.ts';
import type { Problem } from '../contracts/failures.ts';
import type {
  DeletionFacts,
  MemberFacts,
  MembershipFact,
  Micros,
  ParticipationFact,
  PlatformFacts,
  UserFact,
} from '../contracts/facts.ts';
import { compareIds } from '../contracts/ids.ts';
import type { GroupId, UserId } from '../contracts/ids.ts';
import { deletionForbidden, isPlatformAdmin, rolesIn } from './authorization.ts';
import type { Actor } from './authorization.ts';
import { byUser } from './by-user.ts';
import { isUpcoming, leaveSession, leaveSlot } from './classroom.ts';
import type { Move } from './content.ts';
import { ownerProtected } from './deletion.ts';
import { groupTree, reaches } from './group-reach.ts';
import type { GroupTree, Reach } from './group-reach.ts';
import { instantText } from './instant.ts';

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
function endsAccount(user: UserFact, ended: readonly MembershipFact[], tree: GroupTree): boolean {
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

/** What an operation has taken from a user before. */
export interface Departures {
  groups: ReadonlySet<GroupId>;
  sessions: ReadonlySet<string>;
}

/**
 * The changes for users who live on, user by user.
 *
 * @param facts of these users only
 * @param before what the operation has taken from them already
 * @param now the moment after which a slot counts as upcoming (D-03)
 */
export function planRemoval(
  facts: DeletionFacts,
  removal: Reach,
  before: ReadonlyMap<UserId, Departures>,
  now: Micros,
): PlannedChange[] {
  const tree = groupTree(facts.groups);
  const participations = byUser(facts.participations);
  const attendances = byUser(facts.attendances);
  return facts.users.flatMap((user) => {
    const ended = endedMemberships(user.memberships, removal, tree, facts.platform);
    const departures = before.get(user.id);
    const sessions = (participations.get(user.id) ?? [])
      .filter((participation) => losesPlace(participation, user, ended, departures))
      .map(({ session }) => session);
    const left = new Set([...sessions, ...(departures?.sessions ?? [])]);
    const slots = (attendances.get(user.id) ?? []).filter(
      (attendance) => left.has(attendance.session) && isUpcoming(attendance, now),
    );
    return [
      ...slots.map((attendance) => leaveSlot(attendance, 'G-08')),
      ...sessions.map((session) => leaveSession(user.id, session)),
      ...ended.map((held) => leaveGroup(held, removal)),
    ];
  });
}

/** The groups of each user before and after: what decides about their content (G-10). */
export function groupMoves(
  facts: MemberFacts,
  removal: Reach,
  before: ReadonlyMap<UserId, Departures>,
): Move[] {
  const tree = groupTree(facts.groups);
  return facts.users.map(({ id, memberships }) => {
    const ended = new Set(endedMemberships(memberships, removal, tree, facts.platform));
    const held = memberships.map(({ group }) => group);
    const kept = memberships.filter((membership) => !ended.has(membership)).map(({ group }) => group);
    return {
      user: id,
      before: [...new Set([...held, ...(before.get(id)?.groups ?? [])])],
      after: [...new Set(kept)],
    };
  });
}

function losesPlace(
  { audience, audienceGroups }: ParticipationFact,
  { memberships }: UserFact,
  ended: readonly MembershipFact[],
  before: Departures | undefined,
): boolean {
  if (audience === 'static') return false;
  const wasLeft = (group: GroupId): boolean =>
    ended.some((held) => held.group === group) || before?.groups.has(group) === true;
  const remains = (group: GroupId): boolean =>
    memberships.some((held) => held.group === group && !ended.includes(held));
  return audienceGroups.some(wasLeft) && !audienceGroups.some(remains);
}

function leaveGroup({ user, group, role, since }: MembershipFact, removal: Reach): PlannedChange {
  const because =
    group === removal.group
      ? 'the removal from this group was asked for'
      : `a subgroup that the removal from ${removal.group} reaches`;
  return {
    step: 'leaveGroups',
    kind: 'membership.remove',
    user,
    item: { group, role },
    before: { since: instantText(since) },
    after: null,
    reason: {
      rule: group === removal.group ? 'G-06' : removal.includePrivateSubgroups ? 'G-04' : 'G-05',
      because,
    },
  };
}
