import { ApplicationFailure, Context } from '@temporalio/activity';
import { Refusal } from '../contracts/failures.ts';
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
      context.log.warn('activity failed', { reason: describe(error) });
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
  return ApplicationFailure.create({ message: describe(error), type, nonRetryable: !isTransient(error) });
}

/** The SQLSTATE and what it names instead of PostgreSQL's text, which may quote values. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('severity' in error) || !('code' in error)) return error.message;
  const named = ['table', 'column', 'constraint', 'routine'].flatMap((key) => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' ? [`${key} ${value}`] : [];
  });
  return [`database error ${String(error.code)}`, ...named].join(', ');
}
