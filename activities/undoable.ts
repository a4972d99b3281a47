import type { Dependencies } from './dependencies.ts';
import { Refusal } from '../contracts/failures.ts';
import { finalStates } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';

/** @throws Refusal NotFound, NotUndoable, OperationInProgress */
export async function requireUndoable(
  { executions }: Pick<Dependencies, 'executions'>,
  original: OperationRow | null,
): Promise<void> {
  if (!original) throw new Refusal('NotFound', 'input.operation: there is no such operation');
  if (original.undoes !== null)
    throw new Refusal('NotUndoable', `operation ${original.id} is an undo itself`);
  if (!finalStates.includes(original.state) && (await executions.isOpen(original.workflowId, original.id))) {
    throw new Refusal('OperationInProgress', `operation ${original.id} is still under way`);
  }
}
