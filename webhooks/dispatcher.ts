/**
 * Starts what the inbox holds. Any number of dispatchers work on one inbox: a delivery is leased to one of them, and should two
 * have it after all (one of them was frozen for longer than its lease), the workflow ids keep them from starting anything twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { webhookWorkflowId } from '../client/start-once.ts';
import { describeError } from '../database/describe-error.ts';
import { forgetDeliveries, postponeDelivery, settleDelivery, takeDue } from '../ledger/inbox.ts';
import type { DueDelivery } from '../ledger/inbox.ts';
import { dueRetries, noteEnded, noteRetried } from '../ledger/inbox-follow.ts';
import { dispatch } from './dispatch.ts';
import type { DispatchDeps } from './dispatch.ts';

export interface DispatcherDeps extends DispatchDeps {
  log: Record<'warn' | 'error', (context: object, message: string) => void>;
  /** How long a delivery is remembered. */
  retentionDays: number;
  /** For tests. */
  pace?: Partial<Pace>;
}

interface Pace {
  /** How long the inbox may be left alone; whoever accepts a delivery wakes the dispatcher of the same process at once. */
  pollMs: number;
  /** How long a delivery is left to whoever took it. */
  leaseMs: number;
  /** The first wait after a failed try, and the longest; each is twice the one before. */
  firstWaitMs: number;
  mostWaitMs: number;
  /** The same for operations that another one stood in the way of, and how often they are tried: for more than a week, which is how
   * long a plan may wait for approval. */
  firstRetryMs: number;
  mostRetryMs: number;
  maxTries: number;
  /** How often the inbox is looked through for what can be forgotten. */
  sweepMs: number;
}

const usual: Pace = {
  pollMs: 1_000,
  leaseMs: 10_000,
  firstWaitMs: 500,
  mostWaitMs: 30_000,
  firstRetryMs: 1_000,
  mostRetryMs: 60 * 60_000,
  maxTries: 200,
  sweepMs: 10 * 60_000,
};

/** How many deliveries are taken at once, to be worked on side by side, and how many are forgotten at once. */
const batchSize = 20;
const sweepSize = 1_000;

export interface Dispatcher {
  /** Something was accepted. */
  wake(): void;
  /** Finishes what it has taken. */
  stop(): Promise<void>;
}

export function startDispatcher(deps: DispatcherDeps): Dispatcher {
  const pace = { ...usual, ...deps.pace };
  const stopping = new AbortController();
  let waking = new AbortController();
  const chores = [
    every(pace.pollMs, () => follow(deps, pace)),
    every(pace.sweepMs, () =>
      deps.database.transaction((sql) => forgetDeliveries(sql, deps.retentionDays, sweepSize)),
    ),
  ];
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      waking = new AbortController();
      const more = await attempt(deps, () => round(deps, pace));
      for (const chore of chores) await attempt(deps, chore);
      if (more === true) continue;
      const signal = AbortSignal.any([waking.signal, stopping.signal]);
      await sleep(pace.pollMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    wake: () => {
      waking.abort();
    },
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** Does something when it is asked to, but no more often than this. */
function every(ms: number, work: () => Promise<unknown>): () => Promise<unknown> {
  let doneAt = -Infinity;
  return () => {
    if (performance.now() - doneAt < ms) return Promise.resolve();
    doneAt = performance.now();
    return work();
  };
}

/** A step that fails is told of, and tried again in the next round. */
async function attempt<T>({ log }: DispatcherDeps, step: () => Promise<T>): Promise<T | null> {
  try {
    return await step();
  } catch (error) {
    log.error({ problem: describeError(error) }, 'the inbox could not be worked on');
    return null;
  }
}

/** Dispatches a batch; whether there may be more. */
async function round(deps: DispatcherDeps, pace: Pace): Promise<boolean> {
  const due = await deps.database.transaction((sql) => takeDue(sql, batchSize, pace.leaseMs));
  const done = await Promise.all(due.map((delivery) => dispatchOne(deps, pace, delivery)));
  return due.length === batchSize && !done.includes(false);
}

async function dispatchOne(deps: DispatcherDeps, pace: Pace, delivery: DueDelivery): Promise<boolean> {
  try {
    const outcomes = await dispatch(deps, delivery);
    await deps.database.transaction((sql) => settleDelivery(sql, delivery.id, outcomes));
    return true;
  } catch (error) {
    const { id, attempts } = delivery;
    const problem = describeError(error);
    deps.log.warn({ delivery: id, attempts, problem }, 'a delivery has to wait');
    const waitMs = Math.min(pace.mostWaitMs, pace.firstWaitMs * 2 ** Math.min(attempts - 1, 20));
    await deps.database.transaction((sql) => postponeDelivery(sql, id, waitMs, problem));
    return false;
  }
}

/** Looks what became of the operations, and starts those again that another one stood in the way of. */
async function follow(deps: DispatcherDeps, pace: Pace): Promise<void> {
  const { firstRetryMs: firstMs, mostRetryMs: mostMs, maxTries } = pace;
  const retries = await deps.database.transaction(async (sql) => {
    await noteEnded(sql, { firstMs, mostMs, maxTries });
    return dueRetries(sql);
  });
  for (const retry of retries) {
    const { source, messageId, part, tries, kind, input } = retry;
    const workflowId = webhookWorkflowId(source, messageId, part, tries + 1);
    const through = `the webhook of ${source}, once more`;
    await deps.start({ workflow: kind, input, trigger: 'webhook', through, workflowId });
    await deps.database.transaction((sql) => noteRetried(sql, retry, workflowId));
  }
}
