import type { OperationContext } from './planner.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import { insertNotes } from '../ledger/notes.ts';

/** Tells what cannot be put back that belongs to no user. */
export async function noteUnrestored(
  { sql, operation }: Pick<OperationContext, 'sql'> & { operation: { id: string } },
  problems: ReadonlyMap<UserId, Problem>,
): Promise<void> {
  const problem = problems.get('');
  if (problem)
    await insertNotes(sql, operation.id, [{ subject: 'links and groups', message: problem.message }]);
}
