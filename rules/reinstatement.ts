/**
 * What reinstating a deleted user brings back (D-20), from the record of the deletion.
 *
 * - Only a platform admin, the platform owner or the system may. The account and its seat come back, logins and tokens do
 *   not; a deletion date is cleared unless it lies ahead.
 * - Of the rest what the operator chose: `memberships` (with their old roles and `since`, and with them a place in every
 *   dynamic session of whose audience the group is, G-08), `slots` (upcoming, not full, of sessions in which the user has a
 *   place), `ownership` (main positions that the successor of then still holds, who goes back to the front of the
 *   co-list if promoted from it; co-positions).
 * - What can no longer be restored is listed, not guessed. Without a record only the account comes back.
 */
import type { ChangeKind, PlannedChange, Reason } from '../contracts/changes.ts';
import { textOf } from '../contracts/changes.ts';
import type { AudienceFact } from '../contracts/facts.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Restorable } from '../contracts/operations.ts';
import type { AppliedChange, Obstacle } from '../contracts/undo.ts';
import { joinSession } from './transitions.ts';
import { inverse, notRestorable, whyNot } from './undo.ts';

/** Under which choice each kind of change comes back. */
const choices: Partial<Record<ChangeKind, Restorable>> = {
  'membership.remove': 'memberships',
  'session.leave': 'memberships',
  'slot.leave': 'slots',
  'ownership.transfer': 'ownership',
  'co-role.remove': 'ownership',
};

/** The changes of the deletion that are to be taken back, given what the operator chose; the account's is always. */
export function chosenChanges<T extends Pick<AppliedChange, 'kind'>>(
  changes: readonly T[],
  restore: readonly Restorable[],
): T[] {
  return changes.filter(({ kind }) => {
    const choice = choices[kind];
    return kind === 'account.retire' || (choice !== undefined && restore.includes(choice));
  });
}

export interface Reinstatement {
  changes: PlannedChange[];
  /** What cannot be restored; null when everything can. */
  problem: Problem | null;
}

/**
 * @param chosen the changes of the deletion that are to be taken back; empty without a record
 * @param obstacles what hinders one of them, by its id
 * @param audiences dynamic sessions without the user, by the groups of their audiences
 */
export function planReinstatement(
  user: UserId,
  chosen: readonly AppliedChange[],
  obstacles: ReadonlyMap<string, Obstacle>,
  audiences: readonly AudienceFact[],
): Reinstatement {
  const retired = chosen.find(({ kind }) => kind === 'account.retire');
  const back = chosen.filter(({ id, kind }) => kind !== 'account.retire' && !obstacles.has(id));
  const joined = joinedSessions(user, chosen, back, audiences);
  const came = new Set(joined.map(({ item }) => textOf(item, 'session')));
  const lost = chosen.flatMap((change) => {
    const obstacle = obstacles.get(change.id);
    const restored = change.kind === 'session.leave' && came.has(textOf(change.item, 'session'));
    if (obstacle === undefined || obstacle === 'already' || change === retired || restored) return [];
    return [whyNot(change, obstacle)];
  });
  return {
    changes: [
      reinstate(user, retired),
      ...back.filter(({ kind }) => kind !== 'session.leave').map(comesBack),
      ...joined,
    ],
    problem: lost.length === 0 ? null : notRestorable(user, lost),
  };
}

function reinstate(user: UserId, retired: AppliedChange | undefined): PlannedChange {
  return {
    step: 'reinstateAccounts',
    kind: 'account.reinstate',
    user,
    item: {},
    before: { status: 'deleted' },
    after: { status: 'active', clearSchedule: true, logins: false },
    reason: because('the reinstatement was asked for'),
    ...(retired ? { undoes: retired.id } : {}),
  };
}

function comesBack(change: AppliedChange): PlannedChange {
  const taken = { ...inverse(change), reason: because(`was lost by the deletion (change ${change.id})`) };
  const promoted = change.kind === 'ownership.transfer' && change.before?.['position'] !== null;
  return promoted ? { ...taken, after: { ...taken.after, position: 'front' } } : taken;
}

/** A place in every dynamic session of the groups that come back, also where the session is new (reading of G-08). */
function joinedSessions(
  user: UserId,
  chosen: readonly AppliedChange[],
  back: readonly AppliedChange[],
  audiences: readonly AudienceFact[],
): PlannedChange[] {
  const groups = new Set(
    back.filter(({ kind }) => kind === 'membership.remove').map(({ item }) => textOf(item, 'group')),
  );
  const sessions = new Set(audiences.filter(({ group }) => groups.has(group)).map(({ session }) => session));
  return [...sessions].map((session) => {
    const left = chosen.find(({ kind, item }) => kind === 'session.leave' && item['session'] === session);
    return { ...joinSession(user, session), ...(left ? { undoes: left.id } : {}) };
  });
}

function because(text: string): Reason {
  return { rule: 'D-20', because: text };
}
