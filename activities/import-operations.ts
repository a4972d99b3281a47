import type { ImportAction } from '../contracts/imports.ts';
import type { OperationKind } from '../contracts/operations.ts';

/** The operation that carries out an import's action. */
export const importOperations: Readonly<Record<ImportAction, OperationKind>> = {
  'unenrol-users': 'unenrolUsers',
  'remove-registrations': 'removeRegistrations',
  'delete-users': 'deleteUsers',
  'remove-from-group': 'removeFromGroup',
};
