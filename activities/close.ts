import type { Dependencies } from './dependencies.ts';
import { requireOperation } from './plan.ts';
import type { OperationResult, OperationState } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { countChanges, skipPending } from '../ledger/changes.ts';
import { closeOperation } from '../ledger/operations.ts';
import type { Failure } from '../ledger/operations.ts';
import { summarizeTargets } from '../ledger/targets.ts';

export interface CloseRequest {
  operation: string;
  state: OperationState;
  failure: Failure | null;
}

/** Writes how the operation ended, lets its users go, and gives the result. Again: the same result. */
export async function close(
  deps: Dependencies,
  { operation: id, state, failure }: CloseRequest,
): Promise<OperationResult> {
  return deps.database.transaction(async (sql) => {
    const operation = await requireOperation(sql, id);
    if (operation.result) return operation.result;
    const [result] = await Promise.all([
      resultOf(sql, id, state, operation.planHash ?? ''),
      state === 'previewed' ? null : skipPending(sql, id),
    ]);
    await closeOperation(sql, id, { state, result, failure });
    return result;
  });
}

async function resultOf(
  sql: Sql,
  operation: string,
  state: OperationState,
  planHash: string,
): Promise<OperationResult> {
  const [counted, { users, attention, accepted }] = await Promise.all([
    countChanges(sql, operation),
    summarizeTargets(sql, operation),
  ]);
  const shown = state === 'previewed' ? 'pending' : 'applied';
  return {
    operation,
    state,
    counts: Object.fromEntries(counted.filter((row) => row.state === shown).map(({ kind, n }) => [kind, n])),
    // A preview has done nothing yet; what it would do counts as done, so that the lines add up.
    users: { ...users, done: users.done + (state === 'previewed' ? accepted : 0) },
    attention,
    conflicts: counted.filter((row) => row.state === 'conflict').reduce((sum, { n }) => sum + n, 0),
    planHash,
  };
}
