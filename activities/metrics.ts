import type { OperationKind, OperationResult } from '../contracts/operations.ts';

/** How a run of an activity ended: it did its work, said an expected no, was cancelled, or broke. */
export type ActivityOutcome = 'ok' | 'refused' | 'cancelled' | 'failed';

/** What activities tell about themselves, to be counted; kinds, states and numbers only. */
export interface Metrics {
  activityRan(activity: string, outcome: ActivityOutcome, seconds: number): void;
  /** Once for each operation, when it is closed. */
  operationEnded(kind: OperationKind, result: OperationResult): void;
}
