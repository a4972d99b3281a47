import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { ActivityOutcome, Metrics } from './metrics.ts';
import { Refusal } from '../contracts/failures.ts';
import { describeError } from '../database/describe-error.ts';
import { isTransient } from '../database/transient-errors.ts';

/** Well below the heartbeat timeout (workflows/activity-options.ts), so that a dead worker is noticed and a slow one is not. */
const heartbeatEveryMs = 1_000;

/**
 * An activity's edge: heartbeats while it runs, measures it, turns a refusal into an ApplicationFailure of its type, and lets
 * only transient errors be retried. What PostgreSQL says about row values stays out of the history.
 */
export function atTheEdge<Input, Output>(
  activity: (input: Input) => Promise<Output>,
  metrics?: Metrics,
): (input: Input) => Promise<Output> {
  return async (input) => {
    const context = Context.current();
    const timer = setInterval(() => {
      context.heartbeat();
    }, heartbeatEveryMs);
    const began = performance.now();
    const ran = (outcome: ActivityOutcome): void =>
      metrics?.activityRan(context.info.activityType, outcome, (performance.now() - began) / 1000);
    try {
      const output = await activity(input);
      ran('ok');
      return output;
    } catch (error) {
      ran(outcomeOf(error));
      if (error instanceof CancelledFailure) throw error;
      context.log.warn('activity failed', { reason: describeError(error) });
      throw asFailure(error);
    } finally {
      clearInterval(timer);
    }
  };
}

function outcomeOf(error: unknown): ActivityOutcome {
  if (error instanceof CancelledFailure) return 'cancelled';
  return error instanceof Refusal ? 'refused' : 'failed';
}

function asFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  // Whoever reads it in the Temporal UI has no use for the place in the code that says it.
  if (error instanceof Refusal)
    return Object.assign(ApplicationFailure.nonRetryable(error.message, error.type), { stack: '' });
  const type = error instanceof Error ? error.name : 'Error';
  return ApplicationFailure.create({
    message: describeError(error),
    type,
    nonRetryable: !isTransient(error),
  });
}
