import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, rootCause } from '@temporalio/workflow';
import type { OperationState } from '../contracts/operations.ts';
import type { Failure } from './lifecycle.ts';

/** How the operation ends after an error. An expected failure keeps its type; any other is a bug's. */
export function ending(error: unknown): { state: OperationState; failure: Failure } {
  const cause = innermost(error);
  if (!(cause instanceof ApplicationFailure)) {
    return { state: 'failed', failure: { type: 'Unexpected', message: rootCause(error) ?? 'unknown' } };
  }
  const type = cause.type ?? 'Unexpected';
  return { state: endStates[type] ?? 'failed', failure: { type, message: cause.message } };
}

/** What an activity threw, in this workflow or in one of its chunks. */
function innermost(error: unknown): unknown {
  const wraps = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return wraps && error.cause ? innermost(error.cause) : error;
}

const endStates: Readonly<Partial<Record<string, OperationState>>> = {
  ApprovalRejected: 'rejected',
  ApprovalExpired: 'expired',
};
