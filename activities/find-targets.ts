import type { Dependencies } from './dependencies.ts';
import type { HostLms } from '../adapters/host-lms.ts';
import { Refusal } from '../contracts/failures.ts';
import type { UserRef } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { finalStates } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { changedUsers, insertTargets } from '../ledger/targets.ts';
import type { Target } from '../ledger/targets.ts';

/** The one user that the input names. @throws Refusal NotFound */
export async function targetUser(sql: Sql, host: HostLms, operation: string, ref: UserRef): Promise<void> {
  const [found] = await host.findUsers(sql, [asReference(ref)]);
  if (!found) throw new Refusal('NotFound', 'input.user: there is no such user');
  const target: Target = {
    line: 1,
    chunk: 1,
    user: found.id,
    ref: typeof ref === 'string' ? ref : (('id' in ref ? ref.id : undefined) ?? ref.email ?? null),
    state: found.living ? 'open' : 'unchanged',
    problem: null,
  };
  await insertTargets(sql, operation, [target]);
}

/** An id wins over an email; a bare string may be either. */
function asReference(ref: UserRef): { id?: string; email?: string } {
  if (typeof ref === 'string') return { id: ref, email: ref };
  return 'id' in ref ? { id: ref.id } : { email: ref.email };
}

/** @throws Refusal NotFound, NotUndoable, OperationInProgress */
export async function requireUndoable(
  { executions }: Pick<Dependencies, 'executions'>,
  original: OperationRow | null,
): Promise<OperationRow> {
  if (!original) throw new Refusal('NotFound', 'input.operation: there is no such operation');
  if (original.undoes !== null)
    throw new Refusal('NotUndoable', `operation ${original.id} is an undo itself`);
  if (!finalStates.includes(original.state) && (await executions.isOpen(original.workflowId, original.id))) {
    throw new Refusal('OperationInProgress', `operation ${original.id} is still under way`);
  }
  return original;
}

/** The users whom an operation changed. */
export async function targetChanged(sql: Sql, operation: string, original: OperationRow): Promise<void> {
  const users = await changedUsers(sql, original.id);
  const targets = users.map((user, i): Target => ({
    line: i + 1,
    chunk: 1,
    user,
    ref: user,
    state: 'open',
    problem: null,
  }));
  await insertTargets(sql, operation, targets);
}
