import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import { describeError, isDatabaseError } from '../database/describe-error.ts';
import { isTransient } from '../database/transient-errors.ts';

/** How a chunk goes on without the users whom the host refuses to change. */
export interface Isolation {
  /** Whether fewer users at a time may get through. */
  splits: boolean;
  /** What the host said, without values. */
  because: string;
  problem(user: UserId): Problem;
}

/** SQLSTATE: a statement, or the wait for a lock, took longer than it may. */
const timeouts = new Set(['57014', '55P03']);

/** How often a chunk that times out is tried again as a whole. */
const patience = 3;

/**
 * Null for an error that is no answer of the host about the rows, or that may pass by itself: the activity is retried or
 * fails. A host that does not know or allow the statement at all (SQLSTATE class 42) refuses everybody.
 */
export function isolationOf(error: unknown, attempt: number): Isolation | null {
  if (!isDatabaseError(error)) return null;
  const persistent = timeouts.has(error.code) ? attempt >= patience : !isTransient(error);
  if (!persistent) return null;
  const because = describeError(error);
  return {
    because,
    splits: !error.code.startsWith('42'),
    problem: (user) => ({
      type: 'Unexpected',
      message: `user ${user}: the host refused the change: ${because}`,
    }),
  };
}
