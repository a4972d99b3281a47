import { deletionRest, recheck } from './decide-deletion.ts';
import { readActor, refusals, settle } from './planner.ts';
import type { Decisions, OperationContext, PlanContext } from './planner.ts';
import { undoForbidden } from './undo-rights.ts';
import { noteUnrestored } from './note-unrestored.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Obstacle } from '../contracts/undo.ts';
import { undoableChanges, undoableFrame } from '../ledger/changes.ts';
import type { ChangeRow } from '../ledger/changes.ts';
import { findOperation } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { leavingAmong } from '../ledger/targets.ts';
import type { Settlement } from '../ledger/targets.ts';
import { planUndo } from '../rules/undo.ts';
import type { UndoPlan } from '../rules/undo.ts';

/** Takes back what another operation did, as far as the world still allows. */
export const undo: Decisions = { judge, plan, settledByPlan: true, frame, recheck: recheckRetired, rest };

async function judge(context: PlanContext): Promise<Settlement[]> {
  const original = await undoneBy(context);
  const changes = await undoableChanges(context.sql, original.id, context.users);
  const refused = await undoForbidden(context, await readActor(context), original, changes);
  const concerned = new Set(changes.map((change) => change.user).filter((user) => !refused.has(user)));
  const untouched = context.users.filter((user) => !concerned.has(user) && !refused.has(user));
  const retired = new Set(
    changes.filter(({ kind }) => kind === 'account.reinstate').map((change) => change.user),
  );
  return [
    ...refusals(refused),
    ...[...concerned].map((user) => ({ user, state: 'accepted' as const, leaves: retired.has(user) })),
    ...untouched.map((user) => ({ user, state: 'unchanged' as const })),
  ];
}

async function plan(context: PlanContext): Promise<PlannedChange[]> {
  const { sql, operation, users } = context;
  const original = await undoneBy(context);
  const [own, frame] = await Promise.all([
    undoableChanges(sql, original.id, users),
    operation.input['users'] === undefined ? undoableFrame(sql, original.id) : [],
  ]);
  const { changes, problems } = await undoPlan(context, own, frame);
  await settle(context, problems);
  return changes;
}

/** Undoing a reinstatement deletes again: the platform owner is not deleted by that either (D-14). */
async function recheckRetired(context: PlanContext): Promise<Map<UserId, Problem>> {
  const leaving = await leavingAmong(context.sql, context.operation.id, context.users);
  return recheck({ ...context, users: [...leaving] });
}

/** ... and what such a user still holds, because the successor of then is gone, passes on. */
async function rest(context: PlanContext): Promise<PlannedChange[]> {
  const leaving = await leavingAmong(context.sql, context.operation.id, context.users);
  const gone = (await context.host.users(context.sql, [...leaving])).filter((user) => !user.living);
  return gone.length === 0 ? [] : deletionRest({ ...context, users: gone.map((user) => user.id) });
}

/** What was changed beside the users; what can no longer be put back of it is told. */
async function frame(context: OperationContext): Promise<PlannedChange[]> {
  const original = await undoneBy(context);
  await undoForbidden(context, await readActor(context), original, []);
  const { changes, problems } = await undoPlan(context, await undoableFrame(context.sql, original.id), []);
  await noteUnrestored(context.sql, context.operation.id, problems);
  return changes;
}

async function undoneBy({ sql, operation }: OperationContext): Promise<OperationRow> {
  const original = operation.undoes === null ? null : await findOperation(sql, operation.undoes);
  if (!original) throw new Error(`operation ${operation.id} names no operation to undo`);
  return original;
}

/**
 * @param frame what the same undo puts back beside the users, and before them: as the groups that they come back into
 */
async function undoPlan(
  { sql, host }: OperationContext,
  changes: readonly ChangeRow[],
  frame: readonly ChangeRow[],
): Promise<UndoPlan> {
  const found = await host.undoObstacles(sql, [...changes, ...frame]);
  return planUndo(changes, new Map<string, Obstacle>(found.map(({ id, obstacle }) => [id, obstacle])));
}
