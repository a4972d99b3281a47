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

/**
 * Whether a removal from `top` that leaves private subgroups alone reaches `group`.
 *
 * @throws when the tree is incomplete: `group` is unknown, or its ancestors do not lead to `top` or a root
 */
export function reachesPublicly(tree: GroupTree, top: GroupId, group: GroupId): boolean {
  let at = group;
  while (at !== top) {
    const fact = tree.get(at);
    if (!fact) throw new Error(`the group tree is incomplete: ${at} is missing`);
    if (fact.visibility === 'private' || fact.parent === null) return false;
    at = fact.parent;
  }
  return true;
}
