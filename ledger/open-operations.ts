import type { OperationKind, OperationState } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';

/** How many operations of a kind are in a state that is not final. */
export interface OpenCount {
  kind: OperationKind;
  state: OperationState;
  n: number;
}

export async function countOpenOperations(sql: Sql): Promise<OpenCount[]> {
  const { rows } = await sql.query<OpenCount>(
    `select kind, state, count(*)::int as n from lms_lifecycle.operation where closed_at is null group by kind, state`,
  );
  return rows;
}
