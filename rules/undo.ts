/**
 * What taking an operation back changes (X-08, with D-20's order: account first, ownership last).
 *
 * - Every applied change that nothing hinders is taken back: its before and after change places. Who was
 *   promoted from a co-list goes back to the place held then.
 * - Where the account itself cannot come back (another one has the email, no seat is free, it was deleted anew),
 *   nothing of that user comes back.
 * - What the world no longer allows is listed, not guessed. What is as before already is nothing to do.
 * - Undoing an automatic deletion clears a deletion date that does not lie ahead (as in D-20).
 */
import type { ChangeKind, PlannedChange, Step } from '../contracts/changes.ts';
import type { FailureType, Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { AppliedChange, Obstacle } from '../contracts/undo.ts';

export interface UndoPlan {
  changes: PlannedChange[];
  /** Per user, what cannot be restored and why. */
  problems: Map<UserId, Problem>;
}

const inverseKinds: Readonly<Record<ChangeKind, ChangeKind>> = {
  'account.retire': 'account.reinstate',
  'account.reinstate': 'account.retire',
  'membership.remove': 'membership.add',
  'membership.add': 'membership.remove',
  'session.leave': 'session.join',
  'session.join': 'session.leave',
  'slot.leave': 'slot.join',
  'slot.join': 'slot.leave',
  'ownership.transfer': 'ownership.transfer',
  'group.delete': 'group.add',
  'group.add': 'group.delete',
  'group.move': 'group.move',
  'profile.update': 'profile.update',
  'link.remove': 'link.add',
  'link.add': 'link.remove',
  'access.revoke': 'access.grant',
  'access.grant': 'access.revoke',
  'registration.add': 'registration.remove',
  'registration.remove': 'registration.add',
  'registration.unenrol': 'registration.reenrol',
  'registration.reenrol': 'registration.unenrol',
  'activity.copy': 'activity.remove',
  'activity.remove': 'activity.copy',
  'co-role.remove': 'co-role.add',
  'co-role.add': 'co-role.remove',
};

const inverseSteps: Readonly<Record<Step, Step>> = {
  updateProfiles: 'updateProfiles',
  deleteGroups: 'restoreGroups',
  restoreGroups: 'deleteGroups',
  removeLinks: 'restoreLinks',
  restoreLinks: 'removeLinks',
  transferOwnership: 'returnOwnership',
  leaveSlots: 'joinSlots',
  leaveSessions: 'joinSessions',
  leaveGroups: 'joinGroups',
  deassignContent: 'assignContent',
  assignContent: 'deassignContent',
  unenrol: 'reenrol',
  reenrol: 'unenrol',
  removeRegistrations: 'deassignContent',
  enrolQualified: 'deassignContent',
  copyActivities: 'removeCopies',
  removeCopies: 'copyActivities',
  retireAccounts: 'reinstateAccounts',
  reinstateAccounts: 'retireAccounts',
  joinGroups: 'leaveGroups',
  joinSessions: 'leaveSessions',
  joinSlots: 'leaveSlots',
  returnOwnership: 'transferOwnership',
};

const because: Record<Exclude<Obstacle, 'already'>, string> = {
  gone: 'no longer exists',
  'moved-on': 'was changed by somebody else since',
  'user-deleted': 'belongs to a user who has been deleted since',
  begun: 'has begun',
  'slot-full': 'is full',
  'no-place': 'belongs to a session in which the user has no place',
  'not-in-audience': 'has an audience that no longer holds the user',
  'email-taken': 'another living account has the email now',
  'no-seat': 'no seat is free',
};

export function planUndo(
  changes: readonly AppliedChange[],
  obstacles: ReadonlyMap<string, Obstacle>,
): UndoPlan {
  const hindered = changes.filter(({ id }) => obstacles.has(id));
  const lost = new Set(
    hindered
      .filter((change) => isAccount(change) && obstacles.get(change.id) !== 'already')
      .map(({ user }) => user),
  );
  return {
    changes: changes.filter(({ id, user }) => !obstacles.has(id) && !lost.has(user)).map(inverse),
    problems: notRestored(hindered, obstacles),
  };
}

/**
 * Per user, why something cannot be put back, or has not been; an account that stays away says it all.
 *
 * @param missing changes that are not taken back; one without an obstacle has met somebody else's change meanwhile
 */
export function notRestored(
  missing: readonly AppliedChange[],
  obstacles: ReadonlyMap<string, Obstacle>,
): Map<UserId, Problem> {
  const problems = new Map<UserId, Problem>();
  const listed = new Map<UserId, string[]>();
  for (const change of missing) {
    const obstacle = obstacles.get(change.id) ?? 'moved-on';
    if (obstacle === 'already') continue;
    if (isAccount(change)) problems.set(change.user, accountProblem(change.user, obstacle));
    else listed.set(change.user, [...(listed.get(change.user) ?? []), whyNot(change, obstacle)]);
  }
  for (const [user, texts] of listed) {
    if (!problems.has(user)) problems.set(user, notRestorable(user, texts));
  }
  return problems;
}

/** The line for what could not be put back. */
export function notRestorable(user: UserId, what: readonly string[]): Problem {
  const whose = user === '' ? '' : `user ${user}: `;
  return { type: 'NotRestorable', message: `${whose}not restored: ${what.join('; ')}` };
}

/** A change in a few words, by ids only. */
function describe({ kind, item }: Pick<AppliedChange, 'kind' | 'item'>): string {
  const parts = Object.values(item).map(String);
  return parts.length === 0 ? kind : `${kind} of ${parts.join(' ')}`;
}

/** Why one change cannot be taken back, in words. */
export function whyNot(change: AppliedChange, obstacle: Exclude<Obstacle, 'already'>): string {
  return `${describe(change)} ${because[obstacle]}`;
}

function isAccount({ kind }: AppliedChange): boolean {
  return kind === 'account.retire' || kind === 'account.reinstate';
}

export function accountProblem(user: UserId, obstacle: Exclude<Obstacle, 'already'>): Problem {
  const types: Partial<Record<Obstacle, FailureType>> = { 'email-taken': 'EmailTaken', 'no-seat': 'NoSeat' };
  return {
    type: types[obstacle] ?? 'NotRestorable',
    message: `user ${user}: the account ${because[obstacle]}`,
  };
}

/** The change that takes another one back. */
export function inverse(change: AppliedChange): PlannedChange {
  return {
    step: inverseSteps[change.step],
    kind: inverseKinds[change.kind],
    user: change.user,
    item: change.item,
    ...swapped(change),
    reason: { rule: 'X-08', because: `takes back change ${change.id}` },
    undoes: change.id,
  };
}

function swapped({ kind, before, after }: AppliedChange): Pick<PlannedChange, 'before' | 'after'> {
  if (kind !== 'account.retire') return { before: after, after: before };
  const clearSchedule = after?.['deletionKind'] === 'automatic';
  return { before: { status: 'deleted' }, after: { status: 'active', clearSchedule } };
}
