import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { Refusal } from '../contracts/failures.ts';
import { describeError } from '../database/describe-error.ts';
import { isTransient } from '../database/transient-errors.ts';

/** Well below the heartbeat timeout (workflows/activity-options.ts), so that a dead worker is noticed and a slow one is not. */
const heartbeatEveryMs = 1_000;

/**
 * An activity's edge: heartbeats while it runs, turns a refusal into an ApplicationFailure of its type, and lets
 * only transient errors be retried. What PostgreSQL says about row values stays out of the history.
 */
export function atTheEdge<Input, Output>(
  activity: (input: Input) => Promise<Output>,
): (input: Input) => Promise<Output> {
  return async (input) => {
    const context = Context.current();
    const timer = setInterval(() => {
      context.heartbeat();
    }, heartbeatEveryMs);
    try {
      return await activity(input);
    } catch (error) {
      if (error instanceof CancelledFailure) throw error;
      context.log.warn('activity failed', { reason: describeError(error) });
      throw asFailure(error);
    } finally {
      clearInterval(timer);
    }
  };
}

function asFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof Refusal) return ApplicationFailure.nonRetryable(error.message, error.type);
  const type = error instanceof Error ? error.name : 'Error';
  return ApplicationFailure.create({
    message: describeError(error),
    type,
    nonRetryable: !isTransient(error),
  });
}
