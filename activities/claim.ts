import type { Dependencies } from './dependencies.ts';
import { needsEverybody } from './kinds.ts';
import { requireOpen } from './operation.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Sql } from '../contracts/sql.ts';
import { skipPending } from '../ledger/changes.ts';
import { claimUsers } from '../ledger/claims.ts';
import type { HeldUser } from '../ledger/claims.ts';
import { closeOperation } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { settleTargets } from '../ledger/targets.ts';
import type { LineRange, Settlement } from '../ledger/targets.ts';

/**
 * Claims what other operations held at the first try. A holder whose workflow is gone (terminated by hand, say)
 * holds nothing any more.
 *
 * @throws Refusal OperationInProgress where nobody can be left out; in a list the line goes to attention, and once the plan is
 *   sealed, when the operation can no longer be refused
 */
export async function claimFromHolders(
  deps: Dependencies,
  { id, kind, planHash }: OperationRow,
  lines: LineRange,
  first: readonly HeldUser[],
): Promise<void> {
  const holders = new Map(first.map((held) => [held.holder, held.holderWorkflowId]));
  for (const [holder, workflowId] of holders) {
    if (!(await deps.executions.isOpen(workflowId, holder))) {
      await deps.database.transaction((sql) => abandon(sql, holder));
    }
  }
  await deps.database.transaction(async (sql) => {
    await requireOpen(sql, id);
    const settled = (await claimUsers(sql, id, lines)).map(refusal);
    const [problem] = settled.flatMap((held) => held.problem ?? []);
    if (problem && planHash === null && needsEverybody(kind))
      throw new Refusal(problem.type, problem.message);
    await settleTargets(sql, id, settled);
  });
}

function refusal({ user, holder }: HeldUser): Settlement {
  const message = `user ${user} is being changed by operation ${holder}`;
  return { user, state: 'attention', problem: { type: 'OperationInProgress', message } };
}

/** An activity of its that still runs is waited for: what that one planned or applied is then seen here. */
async function abandon(sql: Sql, operation: string): Promise<void> {
  await closeOperation(sql, operation, { state: 'cancelled', result: null, failure: null });
  await skipPending(sql, operation);
}
