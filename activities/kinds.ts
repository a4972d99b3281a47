import type { OperationKind } from '../contracts/operations.ts';

/** Operations on one user: what is refused for the user fails the operation (spec: interface). */
const single: Readonly<Record<OperationKind, boolean>> = {
  deleteUser: true,
  reinstateUser: true,
  deleteUsers: false,
  deleteDueUsers: false,
  removeFromGroup: false,
  undoOperation: false,
};

export function isSingle(kind: OperationKind): boolean {
  return single[kind];
}
