/** What becomes of the operations that deliveries have led to. */
import { nextWorkflowId } from '../client/webhook-workflow-id.ts';
import { dueRetries, noteAbandoned, noteEnded, noteRetried, underWay } from '../ledger/inbox-follow.ts';
import type { EventKey } from '../ledger/inbox-follow.ts';
import type { DispatchDeps } from './dispatch.ts';

/** How operations that another one stood in the way of are tried again. */
export interface FollowPace {
  /** The first wait, and the longest; each is twice the one before. */
  firstRetryMs: number;
  mostRetryMs: number;
  /** For more than a week, which is how long a plan may wait for approval. */
  maxTries: number;
}

/** Settles events whose operations are over, and starts those again that another one stood in the way of. */
export async function follow(
  deps: DispatchDeps,
  { firstRetryMs: firstMs, mostRetryMs: mostMs, maxTries }: FollowPace,
): Promise<void> {
  const retries = await deps.database.transaction(async (sql) => {
    await noteEnded(sql, { firstMs, mostMs, maxTries });
    return dueRetries(sql);
  });
  for (const retry of retries) {
    const { source, kind, input } = retry;
    const workflowId = nextWorkflowId(retry.workflowId, retry.tries);
    const through = `the webhook of ${source}, once more`;
    await deps.start({ workflow: kind, input, trigger: 'webhook', through, workflowId });
    await noteRetried(deps.database.autocommit, retry, workflowId);
  }
}

/** How many workflows are asked after at once. */
const lookSize = 20;

/**
 * Settles events whose workflow is over although the ledger knows of no end: somebody has terminated it, and will not want it
 * started again. Each call looks at some of those that are under way, and the next one at those after them.
 */
export function findAbandoned(deps: DispatchDeps): () => Promise<void> {
  let last: EventKey | null = null;
  return async () => {
    const events = await underWay(deps.database.autocommit, last, lookSize);
    const standings = await Promise.all(events.map(({ workflowId }) => deps.standing(workflowId)));
    const abandoned = events.filter((_, i) => standings[i] !== 'running');
    if (abandoned.length > 0) await noteAbandoned(deps.database.autocommit, abandoned);
    last = events.length < lookSize ? null : (events.at(-1) ?? null);
  };
}
