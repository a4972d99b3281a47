import { ApplicationFailure } from '@temporalio/workflow';

/** An expected 'no', as people read it in the Temporal UI: without the place in the code that says it. */
export function refusal(type: string, message: string): ApplicationFailure {
  return Object.assign(ApplicationFailure.nonRetryable(message, type), { stack: '' });
}
