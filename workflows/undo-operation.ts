import type { OperationResult } from '../contracts/operations.ts';
import { runOperation } from './operation.ts';

/** Takes another operation back from its own record; the input is UndoOperationInput of contracts/operations. */
export function undoOperation(input: unknown): Promise<OperationResult> {
  const steps = [
    'reinstateAccounts',
    'rejoinGroups',
    'rejoinSessions',
    'rejoinSlots',
    'returnOwnership',
  ] as const;
  return runOperation({ kind: 'undoOperation', steps }, input);
}
