import type { UserId } from './ids.ts';

/**
 * What can happen to a host row, in the words of spec and interface. The inverses that only an
 * undo or a reinstatement makes stand beside what they invert.
 */
export const changeKinds = [
  'ownership.transfer',
  'co-role.remove',
  'co-role.add',
  'slot.leave',
  'slot.join',
  'session.leave',
  'session.join',
  'membership.remove',
  'membership.add',
  'group.delete',
  'group.add',
  'group.move',
  'profile.update',
  'link.remove',
  'link.add',
  'access.revoke',
  'access.grant',
  'registration.add',
  'registration.remove',
  'registration.unenrol',
  'registration.reenrol',
  'activity.copy',
  'activity.remove',
  'account.retire',
  'account.reinstate',
] as const;
export type ChangeKind = (typeof changeKinds)[number];

/**
 * The steps in which changes are applied; each is an activity of that name. Removal runs from
 * ownership to account, so that nothing is ever owned by a retired account; an undo runs back.
 */
export const steps = [
  'updateProfiles',
  'removeLinks',
  'transferOwnership',
  'leaveSlots',
  'leaveSessions',
  'leaveGroups',
  'deassignContent',
  'unenrol',
  'removeRegistrations',
  'enrolQualified',
  'copyActivities',
  'retireAccounts',
  'deleteGroups',
  'restoreGroups',
  'reinstateAccounts',
  'joinGroups',
  'joinSessions',
  'joinSlots',
  'assignContent',
  'reenrol',
  'removeCopies',
  'returnOwnership',
  'restoreLinks',
] as const;
export type Step = (typeof steps)[number];

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A member of a change's item, before or after as text; empty when it is not there. */
export function textOf(members: JsonObject | null, name: string): string {
  const value = members?.[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** One rung of a chain that was looked at before the one that was taken, and why it failed. */
export interface FailedRung {
  rule: string;
  because: string;
}

/** Why a change is made: the rule, the sentence, and for a chain the rungs that failed before. */
export interface Reason {
  rule: string;
  because: string;
  failed?: FailedRung[];
  /** What would have spoken against it, and does not count (C-12). */
  though?: string;
}

/**
 * One change that a plan holds, before it has an id: what people read, compare and undo.
 * `item` is the host key that together with `kind` and `user` names the row(s); `before` is what the
 * row must still look like for the change to be applied; `after` is what it becomes.
 *
 * | kind | item | before | after |
 * | --- | --- | --- | --- |
 * | ownership.transfer | `{ type, id }`, type `course`, `path` or `session` | `{ main, position }` | `{ main, position }` |
 * | co-role.remove / add | `{ type, id }` | `{ position }` / null | null / `{ position }` |
 * | slot.leave / join | `{ slot, session }` | `{}` / null | null / `{}` |
 * | session.leave / join | `{ session }` | `{}` / null | null / `{}` |
 * | ownership.transfer | `{ type, id }`, type `course` or `path` | `{ ownerGroup }` | `{ ownerGroup }` |
 * | membership.remove / add | `{ group, role }` | `{ since }` / null | null / `{ since }` |
 * | link.remove / add | `{ type, holder, activity }`, type `groupCourse`, `groupPath`, `pathCourse` or `audience` | `{ position }` / null | null / `{ position }` |
 * | group.delete / add | `{ group }` | `{ parent }` / null | null / `{ parent }` |
 * | group.move | `{ group }` | `{ parent }` | `{ parent }` |
 * | profile.update | `{}` | the attributes, null where there is none | the attributes, null where one goes |
 * | access.revoke / grant | `{ activity }` | `{ access, method, status }` / `{ access }` | `{ access }` |
 * | registration.add / remove | `{ activity }` | null / as after | `{ method, status, access, listedAs, progress }` / null |
 * | registration.remove for good (R-03) | `{ activity }` | `{ method, status, history }`: how many rows there are of each kind | null |
 * | registration.unenrol / reenrol | `{ activity }` | `{ access, listedAs }` | `{ access, listedAs }` |
 * | activity.copy / remove | `{ activity, course }`: the original, and where its copy goes | null / `{ owner }` | `{ owner }` / null |
 * | account.retire / reinstate | `{}` | `{ status }` | `{ status, deletionKind, deletedBy, deletedAt }` |
 *
 * A change that is about no user in particular has the user `''`, and is in chunk 0 of its operation. A membership.add whose
 * `since` is null begins when it is applied.
 *
 * In an ownership.transfer `before.position` is the successor's place in the co-list (null when the
 * successor is not promoted from it), `after.position` the place that the former main holder takes in the co-list
 * (always null when deleting; in an undo the two change places; `front` in a reinstatement, D-20). `user` is the deleted
 * holder, also in the undo. account.reinstate's `after` is `{ status, clearSchedule, logins }`: whether a deletion date that
 * does not lie ahead goes, and whether login sessions come back (without it they do). `deletedAt` is null for a manual
 * deletion: the moment of applying it is recorded (D-19). An account.retire that undoes a reinstatement restores what
 * was recorded of the deletion.
 */
export interface PlannedChange {
  step: Step;
  kind: ChangeKind;
  user: UserId;
  item: JsonObject;
  before: JsonObject | null;
  after: JsonObject | null;
  reason: Reason;
  /** In an undo: the id of the change that this one reverts. */
  undoes?: string;
}

/** A change's life: states only move forward (ledger). */
export type ChangeState = 'pending' | 'applied' | 'conflict' | 'skipped';
