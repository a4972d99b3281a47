/**
 * Which groups a removal from a group reaches (G-04, G-05).
 *
 * - With private subgroups: all subgroups at every depth.
 * - Without: the public subgroups below, stopping at every private one; neither it nor anything below it.
 * - The visibility of the group that is named does not matter, so the root's own never does.
 */
import type { GroupFact } from '../contracts/facts.ts';
import type { GroupId } from '../contracts/ids.ts';

/** Groups by id, for walking up the tree. */
export type GroupTree = ReadonlyMap<GroupId, GroupFact>;

export function groupTree(groups: readonly GroupFact[]): GroupTree {
  return new Map(groups.map((group) => [group.id, group]));
}

/** Where a removal begins, and whether it goes into private subgroups. */
export interface Reach {
  group: GroupId;
  includePrivateSubgroups: boolean;
}

/**
 * Whether a removal reaches `group`: the named one itself, or one below it.
 *
 * @throws when the tree is incomplete: `group` is unknown, or its ancestors do not lead to the named group or a root
 */
export function reaches(
  tree: GroupTree,
  { group: top, includePrivateSubgroups }: Reach,
  group: GroupId,
): boolean {
  let at = group;
  while (at !== top) {
    const fact = tree.get(at);
    if (!fact) throw new Error(`the group tree is incomplete: ${at} is missing`);
    if (fact.parent === null) return false;
    if (fact.visibility === 'private' && !includePrivateSubgroups) return false;
    at = fact.parent;
  }
  return true;
}
