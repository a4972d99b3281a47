import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import { insertNotes } from '../ledger/notes.ts';

/** Tells what an operation cannot put back that belongs to no user. */
export async function noteUnrestored(
  sql: Sql,
  operation: string,
  problems: ReadonlyMap<UserId, Problem>,
): Promise<void> {
  const problem = problems.get('');
  if (problem) await insertNotes(sql, operation, [{ subject: 'links and groups', message: problem.message }]);
}
