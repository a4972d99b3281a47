/**
 * Starts what the inbox holds. Any number of dispatchers work on one inbox: a delivery is leased to one of them, and should two
 * have it after all (one of them was frozen for longer than its lease), the workflow ids keep them from starting anything twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../database/describe-error.ts';
import { forgetDeliveries, postponeDelivery, settleDelivery, takeDue } from '../ledger/inbox.ts';
import type { DueDelivery } from '../ledger/inbox.ts';
import { dispatch } from './dispatch.ts';
import type { DispatchDeps } from './dispatch.ts';
import { findAbandoned, follow } from './follow.ts';
import type { FollowPace } from './follow.ts';
import { givingWay } from './giving-way.ts';

export interface DispatcherDeps extends DispatchDeps {
  log: Record<'warn' | 'error', (context: object, message: string) => void>;
  /** How long a delivery is remembered. */
  retentionDays: number;
  /** For tests. */
  pace?: Partial<Pace>;
}

interface Pace extends FollowPace {
  /** How long the inbox may be left alone; whoever accepts a delivery wakes the dispatcher of the same process at once. */
  pollMs: number;
  /** How long a delivery is left to whoever took it. */
  leaseMs: number;
  /** The first wait after a failed try, and the longest; each is twice the one before. */
  firstWaitMs: number;
  mostWaitMs: number;
  /** How often Temporal is asked whether what was started is still under way. */
  lookMs: number;
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
  lookMs: 10_000,
  sweepMs: 10 * 60_000,
};

/** How many deliveries are taken at once at most, to be worked on side by side, and how many are forgotten at once. */
const batchSize = 20;
const sweepSize = 1_000;

export interface Dispatcher {
  /** A delivery was taken in that had come at this moment of `performance.now()`. */
  accepted(cameAt: number): void;
  /** There is something to dispatch. */
  wake(): void;
  /** Finishes what it has taken. */
  stop(): Promise<void>;
}

export function startDispatcher(deps: DispatcherDeps): Dispatcher {
  const pace = { ...usual, ...deps.pace };
  const stopping = new AbortController();
  let waking = new AbortController();
  const givesWay = givingWay(batchSize);
  const chores = [
    every(pace.pollMs, () => follow(deps, pace)),
    every(pace.lookMs, findAbandoned(deps)),
    every(pace.sweepMs, () => forgetDeliveries(deps.database.autocommit, deps.retentionDays, sweepSize)),
  ];
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      waking = new AbortController();
      const { size, restMs } = givesWay.share(performance.now());
      const more = await attempt(deps, () => round(deps, pace, size));
      for (const chore of chores) await attempt(deps, chore);
      if (more === true) await pause(restMs, [stopping]);
      else await pause(pace.pollMs, [stopping, waking]);
    }
  };
  const running = run();
  return {
    accepted: (cameAt) => {
      givesWay.accepted(cameAt, performance.now());
    },
    wake: () => {
      waking.abort();
    },
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** Waits so long, or until one of these is aborted. */
async function pause(ms: number, until: readonly AbortController[]): Promise<void> {
  if (ms === 0) return;
  const signal = AbortSignal.any(until.map((one) => one.signal));
  await sleep(ms, undefined, { signal }).catch(() => undefined);
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
async function round(deps: DispatcherDeps, pace: Pace, size: number): Promise<boolean> {
  const due = await takeDue(deps.database.autocommit, size, pace.leaseMs);
  const done = await Promise.all(due.map((delivery) => dispatchOne(deps, pace, delivery)));
  return due.length === size && !done.includes(false);
}

async function dispatchOne(deps: DispatcherDeps, pace: Pace, delivery: DueDelivery): Promise<boolean> {
  try {
    const outcomes = await dispatch(deps, delivery);
    await settleDelivery(deps.database.autocommit, delivery.id, outcomes);
    return true;
  } catch (error) {
    const { id, attempts } = delivery;
    const problem = describeError(error);
    deps.log.warn({ delivery: id, attempts, problem }, 'a delivery has to wait');
    const waitMs = Math.min(pace.mostWaitMs, pace.firstWaitMs * 2 ** Math.min(attempts - 1, 20));
    await postponeDelivery(deps.database.autocommit, id, waitMs, problem);
    return false;
  }
}
