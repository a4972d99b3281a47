import type { Dependencies } from './dependencies.ts';
import { isEndTold } from './notices.ts';
import { requireOperation } from './operation.ts';
import type { OperationResult, OperationState } from '../contracts/operations.ts';
import type { WrittenReport } from '../contracts/reports.ts';
import type { Sql } from '../contracts/sql.ts';
import { summarizeTargets } from '../ledger/attention.ts';
import { countChanges, skipPending } from '../ledger/changes.ts';
import { listNotes } from '../ledger/notes.ts';
import { closeOperation } from '../ledger/operations.ts';
import type { Failure } from '../ledger/operations.ts';
import { settleLeftovers } from '../ledger/targets.ts';

export interface CloseRequest {
  operation: string;
  state: OperationState;
  failure: Failure | null;
  /** What went wrong beside the users. */
  warnings: string[];
  report?: WrittenReport;
  /** Whether people have been told that it waits. */
  told: boolean;
}

/** The result, and whether people are told of it. */
export type Closed = OperationResult & { isTold?: boolean };

/** Writes how the operation ended, lets its users go, and gives the result. Again: the same result. */
export async function close(
  deps: Dependencies,
  { operation: id, state, failure, warnings, report, told }: CloseRequest,
): Promise<Closed> {
  const { operation, result, isNew } = await deps.database.transaction(async (sql) => {
    const operation = await requireOperation(sql, id);
    if (operation.result) return { operation, result: operation.result, isNew: false };
    if (state !== 'previewed') {
      await skipPending(sql, id);
      await settleLeftovers(sql, id);
    }
    const notes = await listNotes(sql, id);
    const told = notes.map(({ subject, message }) => `${subject}: ${message}`);
    const result = {
      ...(await resultOf(sql, id, state)),
      warnings: [...told, ...warnings],
      planHash: operation.planHash ?? '',
      ...(report && { report }),
    };
    await closeOperation(sql, id, { state, result, failure });
    return { operation, result, isNew: true };
  });
  if (isNew) deps.metrics?.operationEnded(operation.kind, result);
  return isEndTold(deps, operation, { result, failure, told }) ? { ...result, isTold: true } : result;
}

async function resultOf(
  sql: Sql,
  operation: string,
  state: OperationState,
): Promise<Omit<OperationResult, 'warnings' | 'planHash'>> {
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
  };
}
