import type { Dependencies } from './dependencies.ts';
import type { OpenRequest } from './open.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Sql } from '../contracts/sql.ts';
import { skipPending } from '../ledger/changes.ts';
import { closeOperation } from '../ledger/operations.ts';
import { claimUsers, settleTargets, summarizeTargets } from '../ledger/targets.ts';
import type { HeldUser } from '../ledger/targets.ts';

/**
 * Claims what other operations held at the first try. A holder whose workflow is gone (terminated by hand, say)
 * holds nothing any more.
 *
 * @throws Refusal OperationInProgress for a single user; in a list the line goes to attention
 */
export async function claimFromHolders(
  deps: Dependencies,
  request: OpenRequest,
  first: readonly HeldUser[],
): Promise<void> {
  const holders = new Map(first.map((held) => [held.holder, held.holderWorkflowId]));
  for (const [holder, workflowId] of holders) {
    if (!(await deps.executions.isOpen(workflowId, holder))) {
      await deps.database.transaction((sql) => abandon(sql, holder));
    }
  }
  const held = await deps.database.transaction((sql) => claimUsers(sql, request.operation));
  if (held.length === 0) return;
  await deps.database.transaction(async (sql) => {
    const settled = held.map(({ user, holder }) => ({
      user,
      state: 'attention' as const,
      problem: {
        type: 'OperationInProgress' as const,
        message: `user ${user} is being changed by operation ${holder}`,
      },
    }));
    await settleTargets(sql, request.operation, settled);
    const { attention } = await summarizeTargets(sql, request.operation);
    const refusal = attention[0];
    if (refusal && request.kind === 'deleteUser') throw new Refusal(refusal.type, refusal.message);
  });
}

/** An activity of its that still runs is waited for: what that one planned or applied is then seen here. */
async function abandon(sql: Sql, operation: string): Promise<void> {
  await closeOperation(sql, operation, { state: 'cancelled', result: null, failure: null });
  await skipPending(sql, operation);
}
