import type { Dependencies } from './dependencies.ts';
import { chunkHash } from './plan-hash.ts';
import { planDeletionOf, planDeletionRest, planUndoOf } from './planners.ts';
import type { Planner } from './planners.ts';
import type { OperationKind } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { insertPlan, plannedHash } from '../ledger/changes.ts';
import type { PlanPlace } from '../ledger/changes.ts';
import { findOperation } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { usersOfChunk } from '../ledger/targets.ts';

/** A chunk of an operation. */
export interface ChunkRef {
  operation: string;
  chunk: number;
}

interface KindOfOperation {
  planner: Planner;
  /** Finds what is left to do once the plan has been applied; null where a plan is made only once. */
  rest: Planner | null;
}

const kinds: Record<OperationKind, KindOfOperation> = {
  deleteUser: { planner: planDeletionOf, rest: planDeletionRest },
  undoOperation: { planner: planUndoOf, rest: null },
};

/**
 * Reads the facts of a chunk in one snapshot, lets the rules decide, and writes the plan as pending changes in the
 * same transaction. A chunk that has been planned already stays as it is.
 *
 * @throws Refusal whatever the rules refuse a single user's operation for
 */
export async function plan(deps: Dependencies, { operation: id, chunk }: ChunkRef): Promise<void> {
  await deps.database.snapshot(async (sql) => {
    const place: PlanPlace = { operation: id, chunk, round: 1 };
    if ((await plannedHash(sql, place)) !== null) return;
    const operation = await requireOperation(sql, id);
    const users = await usersOfChunk(sql, id, chunk, ['open']);
    const changes = await kinds[operation.kind].planner({ sql, host: deps.host, operation, users });
    await insertPlan(sql, place, chunkHash(changes), changes);
  });
}

/**
 * Plans what is left of a chunk after its plan has been applied: nothing, unless the host changed meanwhile.
 *
 * @returns how many changes were found, and whether they were written as this round's plan; where somebody
 *   approved a plan by its hash they are not, because nobody has seen them
 */
export async function planRest(
  deps: Dependencies,
  { operation: id, chunk, round }: PlanPlace,
): Promise<{ changes: number; users: string[]; bound: boolean }> {
  return deps.database.snapshot(async (sql) => {
    const operation = await requireOperation(sql, id);
    const { rest } = kinds[operation.kind];
    const bound = operation.approvedBy !== null || operation.input['planHash'] !== undefined;
    if (rest === null) return { changes: 0, users: [], bound };
    const users = await usersOfChunk(sql, id, chunk, ['accepted']);
    const changes = await rest({ sql, host: deps.host, operation, users });
    const planned = await plannedHash(sql, { operation: id, chunk, round });
    if (!bound && planned === null) await insertPlan(sql, { operation: id, chunk, round }, chunkHash(changes), changes);
    return {
      changes: changes.length,
      users: [...new Set(changes.map((change) => change.user))],
      bound,
    };
  });
}

/** @throws when the operation was never opened, which is a bug */
export async function requireOperation(sql: Sql, id: string): Promise<OperationRow> {
  const operation = await findOperation(sql, id);
  if (!operation) throw new Error(`operation ${id} is not in the ledger`);
  return operation;
}
