import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

/** The type of the failure that an operation ended with. */
export function failureType(error: unknown): string {
  const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
  if (cause instanceof ApplicationFailure) return cause.type ?? cause.message;
  throw error;
}
