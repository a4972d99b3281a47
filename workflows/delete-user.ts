import type { OperationResult } from '../contracts/operations.ts';
import { runOperation } from './operation.ts';

/** Deletes one user (rules D); the input is DeleteUserInput of contracts/operations. */
export function deleteUser(input: unknown): Promise<OperationResult> {
  const steps = [
    'transferOwnership',
    'leaveSlots',
    'leaveSessions',
    'leaveGroups',
    'retireAccounts',
  ] as const;
  return runOperation({ kind: 'deleteUser', steps }, input);
}
