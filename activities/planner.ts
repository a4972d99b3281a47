import type { Dependencies } from './dependencies.ts';
import { isSystems } from './kinds.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { Problem } from '../contracts/failures.ts';
import { compareIds, systemActor } from '../contracts/ids.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { settleTargets } from '../ledger/targets.ts';
import type { Settlement } from '../ledger/targets.ts';
import type { Actor } from '../rules/authorization.ts';

/** An operation that is being decided on, inside one snapshot. */
export interface OperationContext {
  sql: Sql;
  host: Dependencies['host'];
  operation: OperationRow;
}

/** Some of its users, all of one chunk. */
export interface PlanContext extends OperationContext {
  users: readonly UserId[];
}

/** How an operation decides about a chunk of its users. */
export interface Decisions {
  /**
   * Whom it changes, whom not, and why; before anybody's changes are planned, because successors depend on it (D-13). Without it
   * the plan decides.
   */
  judge?: (context: PlanContext) => Promise<Settlement[]>;
  /** The changes of the users whom `judge` has accepted; without `judge`, of all. */
  plan: (context: PlanContext) => Promise<PlannedChange[]>;
  /** Set where the plan settles lines: without `judge` it decides who is accepted, and whom it does not change is unchanged. */
  settledByPlan?: true;
  /** What the operation changes beside its users, as links: planned and applied as chunk 0. */
  frame?: (context: OperationContext) => Promise<PlannedChange[]>;
  /** What is left of that once it has been applied. An operation that has this applies its frame last, others first. */
  frameRest?: (context: OperationContext) => Promise<PlannedChange[]>;
  /** Whom the plan must not be applied to any more; asked before a chunk's first change. */
  recheck?: (context: PlanContext) => Promise<Map<UserId, Problem>>;
  /** What is left to do after the plan has been applied: nothing, unless the host has changed meanwhile. */
  rest?: (context: PlanContext) => Promise<PlannedChange[]>;
  /** Set where `rest` is asked about those of whom nothing was planned too: what the operation takes may have come to them since. */
  untouched?: 'again';
}

/** Who asks: the user as read now, or the system where a schedule or webhook started the operation. */
export async function readActor({ sql, host, operation }: OperationContext): Promise<Actor> {
  if (actsAsSystem(operation)) return systemActor;
  const [actor] = await host.users(sql, [operation.requestedBy]);
  return actor ?? null;
}

function actsAsSystem({ requestedBy, trigger, kind }: OperationRow): boolean {
  if (requestedBy !== systemActor) return false;
  return isSystems(kind) || trigger === 'schedule' || trigger === 'webhook';
}

/** Puts refused users on the attention list. */
export async function settle(
  { sql, operation }: OperationContext,
  problems: ReadonlyMap<UserId, Problem>,
): Promise<void> {
  await settleTargets(sql, operation.id, refusals(problems));
}

/** Problems as settlements, in the order of the users' ids. */
export function refusals(problems: ReadonlyMap<UserId, Problem>): Settlement[] {
  const sorted = [...problems].sort(([a], [b]) => compareIds(a, b));
  return sorted.map(([user, problem]) => ({ user, state: 'attention', problem }));
}
