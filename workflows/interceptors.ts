import { workflowInfo } from '@temporalio/workflow';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { operationOfWorkflow } from './operation-of-workflow.ts';

/** Whatever a workflow says in the log, it says of which operation, and of which chunk where there is one. */
export function interceptors(): WorkflowInterceptors {
  // Not at once: the memo has not been read yet.
  return { outbound: [{ getLogAttributes: (attributes, next) => next({ ...attributes, ...about() }) }] };
}

function about(): { operation: string; chunk?: number } {
  const { workflowType, memo } = workflowInfo();
  const chunk: unknown = memo?.['chunk'];
  const isChunk = workflowType === 'applyChunk' && typeof chunk === 'number';
  return { operation: operationOfWorkflow(), ...(isChunk && { chunk }) };
}
