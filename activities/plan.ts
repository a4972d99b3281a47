import type { Dependencies } from './dependencies.ts';
import { chunkHash } from './plan-hash.ts';
import { planDeletionOf, planDeletionRest } from './plan-deletion.ts';
import { planUndoOf } from './plan-undo.ts';
import type { Planner } from './planner.ts';
import type { HostLms } from '../adapters/host-lms.ts';
import type { UserId } from '../contracts/ids.ts';
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
    const [planned, operation, users] = await Promise.all([
      plannedHash(sql, place),
      requireOperation(sql, id),
      usersOfChunk(sql, id, chunk, ['open']),
    ]);
    if (planned !== null) return;
    const changes = await kinds[operation.kind].planner({ sql, host: deps.host, operation, users });
    await insertPlan(sql, place, chunkHash(changes), changes);
  });
}

/**
 * Plans what is left of a chunk after its plan has been applied: nothing, unless the host changed meanwhile. What
 * newly appeared belongs to what was asked for (a deleted user is in no group, D-01; a successor who was deleted
 * meanwhile is passed over, D-13), so it is planned whether or not the plan was bound to a hash.
 *
 * @returns the users who have something left; their changes are written as this round's plan
 */
export async function planRest(sql: Sql, host: HostLms, place: PlanPlace): Promise<UserId[]> {
  const [planned, operation, users] = await Promise.all([
    plannedHash(sql, place),
    requireOperation(sql, place.operation),
    usersOfChunk(sql, place.operation, place.chunk, ['accepted']),
  ]);
  const { rest } = kinds[operation.kind];
  if (rest === null) return [];
  const changes = await rest({ sql, host, operation, users });
  if (planned === null) await insertPlan(sql, place, chunkHash(changes), changes);
  return [...new Set(changes.map((change) => change.user))];
}

/** @throws when the operation was never opened, which is a bug */
export async function requireOperation(sql: Sql, id: string): Promise<OperationRow> {
  const operation = await findOperation(sql, id);
  if (!operation) throw new Error(`operation ${id} is not in the ledger`);
  return operation;
}
