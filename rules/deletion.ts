/**
 * What deleting users changes, and when it is refused (D-01 to D-04, D-11, D-14 to D-16, D-21, D-22, G-08).
 *
 * - Refused, in this order: not authorized (D-15), the platform owner or whom the host itself protects (D-14), memberships that a removal from the
 *   platform group would not reach while private subgroups are left alone (D-16).
 * - What is held as main author or instructor passes on (ownership.ts); co-roles are given up (D-11).
 * - Upcoming slots are left, and no others: one that starts strictly after the moment looked at (D-03).
 * - Sessions with a dynamic audience are left, those with a static one are not (G-08, D-22).
 * - Every membership ends, then the account is retired (D-01). Nothing that the user made, no registration and no
 *   history is touched (D-02, D-04, D-12): there is simply no change of such a kind.
 */
import type { JsonObject, PlannedChange, Reason } from '../contracts/changes.ts';
import type { DeletionFacts, MemberFacts, Micros, PlatformFacts, UserFact } from '../contracts/facts.ts';
import type { Problem } from '../contracts/failures.ts';
import { compareIds } from '../contracts/ids.ts';
import type { UserId } from '../contracts/ids.ts';
import { deletionForbidden } from './authorization.ts';
import type { Actor } from './authorization.ts';
import { isUpcoming, leaveSession, leaveSlot } from './classroom.ts';
import { groupTree, reaches } from './group-reach.ts';
import type { GroupTree } from './group-reach.ts';
import { planTransfers } from './ownership.ts';
import { leaveGroup } from './transitions.ts';

const inNoGroup: Reason = { rule: 'D-01', because: 'a deleted user is in no group' };

/** How the deletion came about, and what is recorded of it (D-19). */
export interface DeletionManner {
  kind: 'manual' | 'automatic';
  /** A user's id, or 'system'. */
  by: string;
  /** The recorded instant of an automatic deletion; null: the moment of applying it. */
  at: string | null;
}

/** Why each of these users must not be deleted; users that may be are not in the result. */
export function judgeDeletion(
  facts: MemberFacts,
  actor: Actor,
  options: { includePrivateSubgroups: boolean },
): Map<UserId, Problem> {
  const tree = groupTree(facts.groups);
  const refused = new Map<UserId, Problem>();
  for (const user of facts.users) {
    const problem =
      deletionForbidden(actor, user, facts.platform) ??
      ownerProtected(user, facts.platform) ??
      (options.includePrivateSubgroups ? null : privateMembershipsRemain(user, facts, tree));
    if (problem) refused.set(user.id, problem);
  }
  return refused;
}

/** Why the account must stay (D-14); null when it need not. */
export function ownerProtected(user: UserFact, platform: PlatformFacts): Problem | null {
  const why = user.id === platform.owner ? 'is the platform owner' : 'is protected by the host itself';
  if (user.id !== platform.owner && !user.isProtected) return null;
  return { type: 'PlatformOwnerProtected', message: `user ${user.id} ${why}` };
}

/** Why somebody is not deleted after all whom the plan would delete (D-14). */
export function becameOwner(user: UserId): Problem {
  return { type: 'PlatformOwnerProtected', message: `user ${user} has become the platform owner meanwhile` };
}

function privateMembershipsRemain(user: UserFact, facts: MemberFacts, tree: GroupTree): Problem | null {
  const publicly = { group: facts.platform.rootGroup, includePrivateSubgroups: false };
  const remaining = user.memberships
    .map((membership) => membership.group)
    .filter((group) => !reaches(tree, publicly, group));
  if (remaining.length === 0) return null;
  const groups = [...new Set(remaining)].sort(compareIds).join(', ');
  return {
    type: 'PrivateMembershipsRemain',
    message: `user ${user.id} is also in groups that only includePrivateSubgroups reaches: ${groups}`,
  };
}

/**
 * The changes that delete these users, in the order in which they are applied. For a user who is deleted
 * already, only what is left to do.
 *
 * @param facts of these users only
 * @param leaving all users that the operation deletes, in any chunk of it (D-13)
 * @param manner how each of them is deleted
 * @param now the moment after which a slot counts as upcoming (D-03)
 */
export function planDeletion(
  facts: DeletionFacts,
  leaving: ReadonlySet<UserId>,
  manner: (user: UserFact) => DeletionManner,
  now: Micros,
): PlannedChange[] {
  const deleted = new Set(facts.users.map((user) => user.id));
  return [
    ...planTransfers(facts, deleted, leaving),
    ...giveUpCoRoles(facts),
    ...facts.attendances
      .filter((attendance) => isUpcoming(attendance, now))
      .map((attendance) => leaveSlot(attendance, 'D-03')),
    ...facts.participations
      .filter(({ audience }) => audience === 'dynamic')
      .map(({ user, session }) => leaveSession(user, session)),
    ...facts.users.flatMap((user) => user.memberships.map((held) => leaveGroup(held, inNoGroup))),
    ...facts.users.filter((user) => user.living).map((user) => retire(user.id, manner(user))),
  ];
}

function giveUpCoRoles({ coRoles }: DeletionFacts): PlannedChange[] {
  return coRoles.map(({ user, type, id, position }) => ({
    step: 'transferOwnership',
    kind: 'co-role.remove',
    user,
    item: { type, id },
    before: { position },
    after: null,
    reason: { rule: 'D-11', because: `was a co-${type === 'session' ? 'instructor' : 'author'}` },
  }));
}

function retire(user: UserId, { kind, by, at }: DeletionManner): PlannedChange {
  const after: JsonObject = { status: 'deleted', deletionKind: kind, deletedBy: by, deletedAt: at };
  return {
    step: 'retireAccounts',
    kind: 'account.retire',
    user,
    item: {},
    before: { status: 'active' },
    after,
    reason:
      kind === 'automatic'
        ? { rule: 'D-19', because: 'the automatic deletion date has begun' }
        : { rule: 'D-01', because: 'the deletion was asked for' },
  };
}
