import { Refusal } from '../contracts/failures.ts';
import type { Sql } from '../contracts/sql.ts';
import { findOperation, keepOpen } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';

/** A chunk of an operation. */
export interface ChunkRef {
  operation: string;
  chunk: number;
}

/** @throws when the operation was never opened, which is a bug */
export async function requireOperation(sql: Sql, id: string): Promise<OperationRow> {
  const operation = await findOperation(sql, id);
  if (!operation) throw new Error(`operation ${id} is not in the ledger`);
  return operation;
}

/**
 * An operation that is still under way, and stays so until the caller's transaction ends. One that was stopped by hand has been
 * closed when another took its users over: it must neither plan nor change anything any more.
 *
 * @throws Refusal Unexpected when it has been closed
 */
export async function requireOpen(sql: Sql, id: string): Promise<OperationRow> {
  const [operation, open] = await Promise.all([requireOperation(sql, id), keepOpen(sql, id)]);
  if (!open) throw new Refusal('Unexpected', `operation ${id} has been closed`);
  return operation;
}
