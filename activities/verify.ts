import type { Dependencies } from './dependencies.ts';
import { planRest } from './plan.ts';
import type { ChunkRef } from './plan.ts';
import { conflictsByUser } from '../ledger/changes.ts';
import { settleTargets, settleChunk } from '../ledger/targets.ts';
import { describe, notRestorable } from '../rules/undo.ts';

/** How often what newly appeared is planned and applied before it goes to the attention list. */
const lastRound = 5;

/**
 * Plans the chunk again (round 2 and on). An empty plan means that it is done, and its users are settled. What newly
 * appeared is planned as another round for the caller to apply, or goes to attention where the plan was
 * bound to a hash or the host does not come to rest.
 *
 * @returns whether there is another round to apply
 */
export async function verify(
  deps: Dependencies,
  { operation, chunk, round }: ChunkRef & { round: number },
): Promise<{ again: boolean }> {
  const rest = await planRest(deps, { operation, chunk, round });
  const again = rest.changes > 0 && !rest.bound && round < lastRound;
  if (again) return { again };
  await deps.database.transaction(async (sql) => {
    const left = rest.users.map((user) => ({
      user,
      state: 'attention' as const,
      problem: { type: 'PlanChanged' as const, message: `user ${user}: the host changed while the plan was applied` },
    }));
    await settleTargets(sql, operation, left);
    const unrestored = await conflictsByUser(sql, operation, chunk, 'undoOperation');
    const listed = [...unrestored].map(([user, changes]) => ({
      user,
      state: 'attention' as const,
      problem: notRestorable(user, changes.map((change) => `${describe(change)} was changed by somebody else`)),
    }));
    await settleTargets(sql, operation, listed);
    await settleChunk(sql, operation, chunk);
  });
  return { again: false };
}
