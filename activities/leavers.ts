import { refusals } from './planner.ts';
import type { PlanContext } from './planner.ts';
import type { MemberFacts, MembershipFact, UserFact } from '../contracts/facts.ts';
import type { Problem } from '../contracts/failures.ts';
import type { GroupId, UserId } from '../contracts/ids.ts';
import { leavingAmong } from '../ledger/targets.ts';
import type { Settlement } from '../ledger/targets.ts';
import { becameOwner } from '../rules/deletion.ts';
import { groupTree } from '../rules/group-reach.ts';
import { keepsAccount } from '../rules/group-removal.ts';
import type { RemovalVerdict } from '../rules/group-removal.ts';

/** What was decided about users who are taken out of groups, as settlements. */
export function settlementsOf(
  users: readonly UserId[],
  verdicts: ReadonlyMap<UserId, RemovalVerdict>,
): Settlement[] {
  return users.flatMap((user): Settlement[] => {
    const verdict = verdicts.get(user) ?? { is: 'unchanged' };
    if (verdict.is === 'refused') return refusals(new Map([[user, verdict.problem]]));
    if (verdict.is === 'unchanged') return [{ user, state: 'unchanged' }];
    return [{ user, state: 'accepted', leaves: verdict.deleted }];
  });
}

/**
 * Whom the plan would delete though by now something speaks against it: a new membership, or the platform.
 *
 * @param within as `HostLms.memberFacts` takes it
 * @param endedOf the memberships that the operation ends, of those that a user has now
 */
export async function recheckLeavers(
  { sql, host, operation, users }: PlanContext,
  within: GroupId | null,
  endedOf: (user: UserFact, facts: MemberFacts) => readonly MembershipFact[],
): Promise<Map<UserId, Problem>> {
  const leaving = await leavingAmong(sql, operation.id, users);
  if (leaving.size === 0) return new Map();
  const facts = await host.memberFacts(sql, [...leaving], within);
  const tree = groupTree(facts.groups);
  return new Map(
    facts.users.flatMap((user): [UserId, Problem][] => {
      const problem =
        user.id === facts.platform.owner
          ? becameOwner(user.id)
          : keepsAccount(user, endedOf(user, facts), tree);
      return problem ? [[user.id, problem]] : [];
    }),
  );
}
