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
import type { ChangeKind, JsonObject, PlannedChange, Step } from '../contracts/changes.ts';
import type { FailureType, Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { AppliedChange, Obstacle } from '../contracts/undo.ts';

export interface UndoPlan {
  changes: PlannedChange[];
  /** Per user, what cannot be restored and why. */
  problems: Map<UserId, Problem>;
}

interface Inverse {
  kind: ChangeKind;
  step: Step;
}

const inverses: Partial<Record<ChangeKind, Inverse>> = {
  'account.retire': { kind: 'account.reinstate', step: 'reinstateAccounts' },
  'membership.remove': { kind: 'membership.add', step: 'rejoinGroups' },
  'session.leave': { kind: 'session.join', step: 'rejoinSessions' },
  'slot.leave': { kind: 'slot.join', step: 'rejoinSlots' },
  'ownership.transfer': { kind: 'ownership.transfer', step: 'returnOwnership' },
  'co-role.remove': { kind: 'co-role.add', step: 'returnOwnership' },
};

const because: Record<Exclude<Obstacle, 'already'>, string> = {
  gone: 'no longer exists',
  'moved-on': 'was changed by somebody else since',
  begun: 'has begun',
  'slot-full': 'is full',
  'no-place': 'belongs to a session in which the user has no place',
  'not-in-audience': 'has an audience that no longer holds the user',
  'email-taken': 'another living account has the email now',
  'no-seat': 'no seat is free',
};

/** @throws when a change of a kind that has no inverse is among them: such an operation is not undoable */
export function planUndo(
  changes: readonly AppliedChange[],
  obstacles: ReadonlyMap<string, Obstacle>,
): UndoPlan {
  const problems = new Map<UserId, Problem>();
  for (const change of changes) {
    const obstacle = obstacles.get(change.id);
    if (change.kind === 'account.retire' && obstacle && obstacle !== 'already') {
      problems.set(change.user, accountProblem(change.user, obstacle));
    }
  }
  const kept = changes.filter((change) => !problems.has(change.user));
  const listed = new Map<UserId, string[]>();
  const planned: PlannedChange[] = [];
  for (const change of kept) {
    const obstacle = obstacles.get(change.id);
    if (obstacle === undefined) planned.push(inverse(change));
    else if (obstacle !== 'already') {
      const text = `${describe(change)} ${because[obstacle]}`;
      listed.set(change.user, [...(listed.get(change.user) ?? []), text]);
    }
  }
  for (const [user, texts] of listed) problems.set(user, notRestorable(user, texts));
  return { changes: planned, problems };
}

/** The line for what could not be put back. */
export function notRestorable(user: UserId, what: readonly string[]): Problem {
  return { type: 'NotRestorable', message: `user ${user}: not restored: ${what.join('; ')}` };
}

/** A change in a few words, by ids only. */
export function describe({ kind, item }: Pick<AppliedChange, 'kind' | 'item'>): string {
  const parts = Object.values(item).map(String);
  return parts.length === 0 ? kind : `${kind} of ${parts.join(' ')}`;
}

function accountProblem(user: UserId, obstacle: Exclude<Obstacle, 'already'>): Problem {
  const types: Partial<Record<Obstacle, FailureType>> = { 'email-taken': 'EmailTaken', 'no-seat': 'NoSeat' };
  return {
    type: types[obstacle] ?? 'NotRestorable',
    message: `user ${user}: the account ${because[obstacle]}`,
  };
}

function inverse(change: AppliedChange): PlannedChange {
  const back = inverses[change.kind];
  if (!back) throw new Error(`a change of kind ${change.kind} has no inverse`);
  return {
    ...back,
    user: change.user,
    item: change.item,
    ...swapped(change),
    reason: { rule: 'X-08', because: `takes back change ${change.id}` },
    undoes: change.id,
  };
}

function swapped({ kind, before, after }: AppliedChange): {
  before: JsonObject | null;
  after: JsonObject | null;
} {
  if (kind === 'account.retire') {
    const clearSchedule = after?.['deletionKind'] === 'automatic';
    return { before: { status: 'deleted' }, after: { status: 'active', clearSchedule } };
  }
  if (kind !== 'ownership.transfer') return { before: after, after: before };
  return {
    before: { main: after?.['main'] ?? null, position: null },
    after: { main: before?.['main'] ?? null, position: before?.['position'] ?? null },
  };
}
