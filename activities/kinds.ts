import type { OperationKind } from '../contracts/operations.ts';

/**
 * What it means that a user cannot be dealt with: the one user of a single user's operation fails it (spec: interface); in a
 * list the line goes to attention; where an operation is about everybody who has a link, nobody can be left out, because
 * the link is gone for them too.
 */
type Scope = 'single' | 'list' | 'everybody';

const scopes: Readonly<Record<OperationKind, Scope>> = {
  deleteUser: 'single',
  reinstateUser: 'single',
  deleteUsers: 'list',
  deleteDueUsers: 'list',
  removeFromGroup: 'list',
  undoOperation: 'list',
  updateProfiles: 'list',
  deleteGroup: 'everybody',
  removeCoursesFromGroup: 'everybody',
  removePathsFromGroup: 'everybody',
  removeCoursesFromPath: 'everybody',
};

export function isSingle(kind: OperationKind): boolean {
  return scopes[kind] === 'single';
}

/** Whether a user whom another operation holds keeps the whole operation from beginning. */
export function needsEverybody(kind: OperationKind): boolean {
  return scopes[kind] !== 'list';
}
