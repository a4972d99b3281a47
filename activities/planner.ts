import type { Dependencies } from './dependencies.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { Problem } from '../contracts/failures.ts';
import { compareIds } from '../contracts/ids.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { settleTargets } from '../ledger/targets.ts';
import type { Actor } from '../rules/authorization.ts';

/** A chunk that is being planned, inside one snapshot. */
export interface PlanContext {
  sql: Sql;
  host: Dependencies['host'];
  operation: OperationRow;
  users: readonly UserId[];
}

/** How an operation's chunk becomes changes; settles the users that it refuses. */
export type Planner = (context: PlanContext) => Promise<PlannedChange[]>;

/** Whoever asked for the operation, as read now. */
export async function readActor({ sql, host, operation }: PlanContext): Promise<Actor> {
  const [actor] = await host.users(sql, [operation.requestedBy]);
  return actor ?? null;
}

/** Puts refused users on the attention list. */
export async function settle(
  { sql, operation }: PlanContext,
  problems: ReadonlyMap<UserId, Problem>,
): Promise<void> {
  const settled = [...problems].sort(([a], [b]) => compareIds(a, b));
  await settleTargets(
    sql,
    operation.id,
    settled.map(([user, problem]) => ({ user, state: 'attention', problem })),
  );
}
