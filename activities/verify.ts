import type { Dependencies } from './dependencies.ts';
import { planRest, requireOperation } from './plan.ts';
import type { ChunkRef } from './plan.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import { listConflicts } from '../ledger/changes.ts';
import { settleChunk, settleTargets } from '../ledger/targets.ts';
import { describe, notRestorable } from '../rules/undo.ts';

/** How often what newly appeared is planned and applied before the rest goes to the attention list. */
const lastRound = 5;

/**
 * Plans the chunk again, as this round, and settles it in the same snapshot. An empty plan means that it is done, and its users are settled; what newly
 * appeared is for the caller to apply. Where the host does not come to rest it goes to attention instead.
 *
 * @returns whether there is another round to apply
 */
export async function verify(
  deps: Dependencies,
  { operation, chunk, round }: ChunkRef & { round: number },
): Promise<{ again: boolean }> {
  return deps.database.snapshot(async (sql) => {
    const left = await planRest(sql, deps.host, { operation, chunk, round });
    if (left.length > 0 && round < lastRound) return { again: true };
    const problems = new Map<UserId, Problem>(left.map((user) => [user, restless(user)]));
    for (const [user, problem] of await unrestored(sql, operation, chunk)) problems.set(user, problem);
    const settled = [...problems].map(([user, problem]) => ({ user, state: 'attention' as const, problem }));
    await settleTargets(sql, operation, settled);
    await settleChunk(sql, operation, chunk);
    return { again: false };
  });
}

function restless(user: UserId): Problem {
  return { type: 'PlanChanged', message: `user ${user}: the host kept changing while the plan was applied` };
}

/** In an undo, a row that somebody else has changed since is something that could not be restored. */
async function unrestored(sql: Sql, id: string, chunk: number): Promise<Map<UserId, Problem>> {
  const { undoes } = await requireOperation(sql, id);
  if (undoes === null) return new Map();
  const byUser = new Map<UserId, string[]>();
  for (const change of await listConflicts(sql, id, chunk)) {
    const text = `${describe(change)} was changed by somebody else since`;
    byUser.set(change.user, [...(byUser.get(change.user) ?? []), text]);
  }
  return new Map([...byUser].map(([user, texts]) => [user, notRestorable(user, texts)]));
}
