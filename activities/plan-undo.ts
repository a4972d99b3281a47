import { readActor, settle } from './planner.ts';
import type { PlanContext, Planner } from './planner.ts';
import { textOf } from '../contracts/changes.ts';
import type { MembershipFact, UserFact } from '../contracts/facts.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import type { Obstacle } from '../contracts/undo.ts';
import { undoableChanges } from '../ledger/changes.ts';
import type { ChangeRow } from '../ledger/changes.ts';
import { findOperation } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { settleTargets } from '../ledger/targets.ts';
import { deletionForbidden, isPlatformAdmin } from '../rules/authorization.ts';
import { planUndo } from '../rules/undo.ts';
import type { UndoPlan } from '../rules/undo.ts';

/** Plans to take back what the other operation did to these users, and lists what cannot be taken back. */
export const planUndoOf: Planner = async (context) => {
  const { sql, host, operation, users } = context;
  const original = operation.undoes === null ? null : await findOperation(sql, operation.undoes);
  if (!original) throw new Error(`operation ${operation.id} names no operation to undo`);
  const changes = await undoableChanges(sql, original.id, users);
  const concerned = [...new Set(changes.map((change) => change.user))];
  const refused = await undoForbidden(context, original, concerned, changes);
  const plan = await undoPlan(
    sql,
    host,
    changes.filter((change) => !refused.has(change.user)),
  );
  await settle(context, refused);
  await settle(context, plan.problems);
  const changed = new Set(plan.changes.map((change) => change.user));
  const untouched = users.filter(
    (user) => !changed.has(user) && !refused.has(user) && !plan.problems.has(user),
  );
  await settleTargets(sql, operation.id, [
    ...untouched.map((user) => ({ user, state: 'unchanged' as const })),
    ...[...changed].map((user) => ({ user, state: 'accepted' as const })),
  ]);
  return plan.changes;
};

async function undoPlan(
  sql: Sql,
  host: PlanContext['host'],
  changes: readonly ChangeRow[],
): Promise<UndoPlan> {
  const found = await host.undoObstacles(sql, changes);
  return planUndo(changes, new Map<string, Obstacle>(found.map(({ id, obstacle }) => [id, obstacle])));
}

/**
 * Platform admins may undo everything; whoever asked for the operation may too, where it would be allowed in the world
 * of then with the roles of today (rules A): the groups are those that the operation took the user out of.
 */
async function undoForbidden(
  context: PlanContext,
  original: OperationRow,
  users: readonly UserId[],
  changes: readonly ChangeRow[],
): Promise<Map<UserId, Problem>> {
  const actor = await readActor(context);
  const platform = await context.host.platform(context.sql);
  if (isPlatformAdmin(actor, platform)) return new Map();
  if (original.requestedBy !== context.operation.requestedBy) {
    throw new Refusal(
      'NotAuthorized',
      `only a platform admin or whoever asked for operation ${original.id} may undo it`,
    );
  }
  const memberships = membershipsOfThen(changes);
  const refused = new Map<UserId, Problem>();
  for (const user of users) {
    const then: UserFact = { id: user, living: true, memberships: memberships.get(user) ?? [] };
    const problem = deletionForbidden(actor, then, platform);
    if (problem && original.kind === 'deleteUser') throw new Refusal(problem.type, problem.message);
    if (problem) refused.set(user, problem);
  }
  return refused;
}

function membershipsOfThen(changes: readonly ChangeRow[]): Map<UserId, MembershipFact[]> {
  const memberships = new Map<UserId, MembershipFact[]>();
  for (const { kind, item, user } of changes) {
    if (kind !== 'membership.remove') continue;
    const held = { user, group: textOf(item, 'group'), role: roleOf(item['role']), since: 0 };
    memberships.set(user, [...(memberships.get(user) ?? []), held]);
  }
  return memberships;
}

/** Whatever is not known as a learner's role counts as more than that. */
function roleOf(role: unknown): 'learner' | 'admin' {
  return role === 'learner' ? 'learner' : 'admin';
}
