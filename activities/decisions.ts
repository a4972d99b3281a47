import { askedDeletion, dueDeletion } from './decide-deletion.ts';
import { copying } from './decide-copy.ts';
import { reconciliation } from './decide-qualifications.ts';
import { registrationRemoval, unenrolment } from './decide-registrations.ts';
import { groupRemoval } from './decide-group-deletion.ts';
import { profileUpdate } from './decide-profiles.ts';
import { reinstatement } from './decide-reinstatement.ts';
import { linkRemoval } from './decide-links.ts';
import { removal } from './decide-removal.ts';
import { undo } from './decide-undo.ts';
import type { Decisions } from './planner.ts';
import type { OperationKind } from '../contracts/operations.ts';

/** A report changes nothing: it has a workflow of its own. */
const reporting: Decisions = {
  judge: () => Promise.reject(new Error('a report judges nobody')),
  plan: () => Promise.reject(new Error('a report changes nothing')),
};

/** An import that could not be opened decides nothing: one that could is the operation of its action (resolve-import.ts). */
const unresolved: Decisions = {
  judge: () => Promise.reject(new Error('an import is judged as the operation of its action')),
  plan: () => Promise.reject(new Error('an import is planned as the operation of its action')),
};

/** How each kind of operation decides. */
export const decisions: Readonly<Record<OperationKind, Decisions>> = {
  deleteUser: askedDeletion,
  deleteUsers: askedDeletion,
  deleteDueUsers: dueDeletion,
  removeFromGroup: removal,
  deleteGroup: groupRemoval,
  updateProfiles: profileUpdate,
  removeCoursesFromGroup: linkRemoval,
  removePathsFromGroup: linkRemoval,
  removeCoursesFromPath: linkRemoval,
  reinstateUser: reinstatement,
  unenrolUsers: unenrolment,
  removeRegistrations: registrationRemoval,
  reconcileQualifications: reconciliation,
  copyActivity: copying,
  undoOperation: undo,
  runImport: unresolved,
  runReport: reporting,
};
