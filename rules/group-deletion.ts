/**
 * What deleting a group changes, and when it is refused (G-11, C-06, C-07).
 *
 * - Who may: a platform admin, the platform owner, the system, an admin of the group's parent; of a group that stands alone, its own. The platform group cannot be deleted.
 * - Subgroups are deleted too, at every depth, or those right below move up to the parent; without a choice they are a
 *   reason to refuse.
 * - Every membership in what is deleted ends, whatever its role. Who is left without any group is deleted too, or becomes a
 *   learner of the parent, the nearest group that survives; without a choice that is a reason to refuse.
 * - Whom it would delete must be such that whoever asks may delete them (D-15), and not the platform owner (D-14): one who is not
 *   is a reason to refuse the whole.
 * - Links to content go, and the groups leave the audiences of sessions. Courses and paths that they own pass to the parent:
 *   successors are found from there.
 */
import type { PlannedChange, Reason } from '../contracts/changes.ts';
import type { Problem } from '../contracts/failures.ts';
import type {
  DeletionFacts,
  GroupBelongings,
  GroupFact,
  MemberFacts,
  OwnerGroupFact,
  PlatformFacts,
  UserFact,
} from '../contracts/facts.ts';
import type { GroupId, UserId } from '../contracts/ids.ts';
import type { Fate } from '../contracts/operations.ts';
import { deletionForbidden, isPlatformAdmin, rolesIn } from './authorization.ts';
import type { Actor } from './authorization.ts';
import { ownerProtected } from './deletion.ts';
import { groupTree } from './group-reach.ts';
import { unlink } from './links.ts';
import { endsAccount } from './group-removal.ts';
import type { RemovalVerdict } from './group-removal.ts';
import type { Transition } from './transitions.ts';

/** Which groups are deleted, and what becomes of what is left. */
export interface GroupDeletion {
  group: GroupId;
  /** The group that is named, and its subgroups if they go with it. */
  deleted: ReadonlySet<GroupId>;
  /** Subgroups that move up. */
  moved: readonly GroupFact[];
  parent: GroupId;
  orphans: Fate;
  /** Whether who moves to the parent becomes a learner of it; on some hosts everybody belongs to it anyway. */
  joinsParent: boolean;
}

/**
 * @param subtree the group and everything below it
 * @param parent the group above, which survives
 */
export function groupDeletion(
  subtree: readonly GroupFact[],
  group: GroupId,
  parent: GroupId,
  { subgroups, orphans }: { subgroups?: Fate; orphans?: Fate },
): GroupDeletion {
  const all = subtree.map(({ id }) => id);
  const deleted = new Set(subgroups === 'delete' ? all : all.filter((id) => id === group));
  const moved = subgroups === 'delete' ? [] : subtree.filter((below) => below.parent === group);
  return { group, deleted, moved, parent, orphans, joinsParent: true };
}

/** Why the actor may not delete a group with this parent (itself, where it stands alone); null when allowed. */
export function groupDeletionForbidden(
  actor: Actor,
  parent: GroupId,
  platform: PlatformFacts,
): Problem | null {
  if (isPlatformAdmin(actor, platform) || rolesIn(actor, parent).includes('admin')) return null;
  return { type: 'NotAuthorized', message: `admin role missing in: ${parent}` };
}

/** What it means for each user, by id. */
export function judgeMembers(
  facts: MemberFacts,
  actor: Actor,
  deletion: GroupDeletion,
): Map<UserId, RemovalVerdict> {
  return new Map(facts.users.map((user) => [user.id, judgeMember(facts, actor, deletion, user)]));
}

function judgeMember(
  facts: MemberFacts,
  actor: Actor,
  deletion: GroupDeletion,
  user: UserFact,
): RemovalVerdict {
  const ended = endedIn(user, deletion);
  if (ended.length === 0) return { is: 'unchanged' };
  if (!endsAccount(user, ended, groupTree(facts.groups)) || deletion.orphans === 'moveToParent') {
    return { is: 'removed', deleted: false };
  }
  const problem =
    deletion.orphans === undefined
      ? wouldBeDeleted(user.id)
      : (deletionForbidden(actor, user, facts.platform) ?? ownerProtected(user, facts.platform));
  return problem ? { is: 'refused', problem } : { is: 'removed', deleted: true };
}

function wouldBeDeleted(user: UserId): Problem {
  return { type: 'UsersWouldBeDeleted', message: `user ${user} would be left without any group` };
}

/** The user's memberships that go with the groups. */
export function endedIn({ memberships }: UserFact, { deleted }: GroupDeletion): UserFact['memberships'] {
  return memberships.filter(({ group }) => deleted.has(group));
}

/** What ends, and for whom a membership of the parent begins, of users who live on. */
export function deletionTransitions(facts: MemberFacts, deletion: GroupDeletion): Transition[] {
  const tree = groupTree(facts.groups);
  return facts.users.map((user) => {
    const ended = endedIn(user, deletion);
    const moves = deletion.orphans === 'moveToParent' && endsAccount(user, ended, tree);
    return { user, ended, joined: moves && deletion.joinsParent ? [deletion.parent] : [] };
  });
}

export const endsWithGroup: Reason = { rule: 'G-11', because: 'the group is deleted' };
export const movesToParent: Reason = {
  rule: 'G-11',
  because: 'is in no other group, and moves to the nearest one that survives',
};

/** The facts as they are when the groups are gone: whose heirs are whose (D-13). */
export function withoutGroups<Facts extends DeletionFacts>(
  facts: Facts,
  { deleted, moved, parent }: GroupDeletion,
): Facts {
  const up = new Set(moved.map(({ id }) => id));
  return {
    ...facts,
    groups: facts.groups
      .filter(({ id }) => !deleted.has(id))
      .map((group) => (up.has(group.id) ? { ...group, parent } : group)),
    owned: facts.owned.map((item) =>
      item.ownerGroup !== null && deleted.has(item.ownerGroup) ? { ...item, ownerGroup: parent } : item,
    ),
  };
}

/** The changes to the groups themselves and to what is theirs, in the order in which they are applied. */
export function planGroupDeletion(
  subtree: readonly GroupFact[],
  { links, owned }: GroupBelongings,
  { deleted, moved, parent }: GroupDeletion,
): PlannedChange[] {
  return [
    ...links.map((link) => unlink(link, ofNobody.reason)),
    ...owned.map((item) => passOn(item, parent)),
    ...moved.map((group) => moveUp(group, parent)),
    ...subtree.filter(({ id }) => deleted.has(id)).map(deleteOne),
  ];
}

function passOn({ type, id, ownerGroup }: OwnerGroupFact, parent: GroupId): PlannedChange {
  return {
    ...ofNobody,
    step: 'transferOwnership',
    kind: 'ownership.transfer',
    item: { type, id },
    before: { ownerGroup },
    after: { ownerGroup: parent },
  };
}

function moveUp({ id, parent: before }: GroupFact, parent: GroupId): PlannedChange {
  return {
    ...ofNobody,
    step: 'deleteGroups',
    kind: 'group.move',
    item: { group: id },
    before: { parent: before },
    after: { parent },
  };
}

function deleteOne({ id, parent }: GroupFact): PlannedChange {
  return {
    ...ofNobody,
    step: 'deleteGroups',
    kind: 'group.delete',
    item: { group: id },
    before: { parent },
    after: null,
  };
}

const ofNobody = { user: '', reason: { rule: 'G-11', because: 'the group is deleted' } } as const;
