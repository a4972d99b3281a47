import type { Sql } from '../contracts/sql.ts';
import { findOperation } from '../ledger/operations.ts';
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
