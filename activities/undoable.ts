import { isLinkRemoval } from './decide-links.ts';
import type { Dependencies } from './dependencies.ts';
import { isIrreversible } from './kinds.ts';
import { Refusal } from '../contracts/failures.ts';
import { countChanges } from '../ledger/changes.ts';
import { finalStates } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';

/**
 * @param partly whether only what the operation did to some of its users is to be undone
 * @throws Refusal NotFound, NotUndoable, OperationInProgress; InvalidInput where users cannot come back without the links
 */
export async function requireUndoable(
  { executions, database, host }: Pick<Dependencies, 'executions' | 'database' | 'host'>,
  original: OperationRow | null,
  partly: boolean,
): Promise<void> {
  if (!original) throw new Refusal('NotFound', 'input.operation: there is no such operation');
  if (original.undoes !== null)
    throw new Refusal('NotUndoable', `operation ${original.id} is an undo itself`);
  if (partly && isLinkRemoval(original.kind) && host.content?.followsMemberships) {
    const problem = `enrolments on the ${host.name} host need the link that operation ${original.id} took away: undo it as a whole`;
    throw new Refusal('InvalidInput', `input.users: ${problem}`);
  }
  if (!finalStates.includes(original.state) && (await executions.isOpen(original.workflowId, original.id))) {
    throw new Refusal('OperationInProgress', `operation ${original.id} is still under way`);
  }
  if (!isIrreversible(original.kind)) return;
  const counted = await database.transaction((sql) => countChanges(sql, original.id));
  if (counted.some(({ kind, state }) => kind === 'registration.remove' && state === 'applied')) {
    throw new Refusal('NotUndoable', `what operation ${original.id} has removed is gone for good`);
  }
}
