import { workflowInfo } from '@temporalio/workflow';

/** The operation that this workflow carries out, or is a part of: then the workflow that started it says which, in the memo. */
export function operationOfWorkflow(): string {
  const { parent, memo, firstExecutionRunId } = workflowInfo();
  const told: unknown = memo?.['operation'];
  return parent && typeof told === 'string' ? told : firstExecutionRunId;
}
