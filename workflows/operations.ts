import type { OperationResult } from '../contracts/operations.ts';
import type { Carried } from './lifecycle.ts';
import { runOperation } from './operation.ts';

/*
 * The workflows by the names under which they are started (spec: interface). Each takes one object, whose schema is that of
 * its name in contracts/operations; the second argument is what a run hands on to the next one of the same operation.
 */

/** Deletes one user (rules D). */
export function deleteUser(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('deleteUser', input, carried);
}

/** Deletes many users, chunk by chunk (D-17, D-18). */
export function deleteUsers(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('deleteUsers', input, carried);
}

/** Deletes the users whose automatic deletion date has come (D-19); run by the schedule. */
export function deleteDueUsers(input?: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('deleteDueUsers', input ?? {}, carried);
}

/** Removes users from a group and the subgroups that this reaches (rules G). */
export function removeFromGroup(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('removeFromGroup', input, carried);
}

/** Takes courses from a group (C-09). */
export function removeCoursesFromGroup(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('removeCoursesFromGroup', input, carried);
}

/** Takes paths from a group (C-10). */
export function removePathsFromGroup(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('removePathsFromGroup', input, carried);
}

/** Takes courses from a path (C-11). */
export function removeCoursesFromPath(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('removeCoursesFromPath', input, carried);
}

/** Deletes a group, with its subgroups and members as asked (G-11). */
export function deleteGroup(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('deleteGroup', input, carried);
}

/** Updates profiles, and who is in which smart group by them (C-04, C-05). */
export function updateProfiles(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('updateProfiles', input, carried);
}

/** Brings a deleted user back (D-20). */
export function reinstateUser(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('reinstateUser', input, carried);
}

/** Runs what the check of an upload has shown, as the operation of its action (I-07). */
export function runImport(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('runImport', input, carried);
}

/** Unenrols users: what they are registered for stays listed, access ends. */
export function unenrolUsers(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('unenrolUsers', input, carried);
}

/** Removes registrations with all their history, for good. */
export function removeRegistrations(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('removeRegistrations', input, carried);
}

/** Enrols whoever lacks what a qualification requires; run by the schedule and by webhooks. */
export function reconcileQualifications(input?: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('reconcileQualifications', input ?? {}, carried);
}

/** Copies an activity of a course for a new owner (D-12). */
export function copyActivity(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('copyActivity', input, carried);
}

/** Takes another operation back from its own record. */
export function undoOperation(input: unknown, carried?: Carried): Promise<OperationResult> {
  return runOperation('undoOperation', input, carried);
}
