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
  unenrolUsers: 'list',
  removeRegistrations: 'list',
  reconcileQualifications: 'list',
  copyActivity: 'single',
  updateProfiles: 'list',
  deleteGroup: 'everybody',
  runImport: 'list',
  runReport: 'list',
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

/** Whether the lines name registrations, a user and an activity each, rather than users. */
export function isAboutRegistrations(kind: OperationKind): boolean {
  return kind === 'unenrolUsers' || kind === 'removeRegistrations';
}

/** Whether the operation is the LMS's own: without a person who asks it runs as the system, and waits for nobody's approval. */
export function isSystems(kind: OperationKind): boolean {
  return kind === 'deleteDueUsers' || kind === 'reconcileQualifications';
}

/** Whether what the operation removes can never be brought back. */
export function isIrreversible(kind: OperationKind): boolean {
  return kind === 'removeRegistrations';
}
