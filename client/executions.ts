import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

/** Tells whether the workflow of an operation is still under way, from Temporal itself. */
export function temporalExecutions(client: Client): {
  isOpen(workflowId: string, operation: string): Promise<boolean>;
} {
  return {
    async isOpen(workflowId, operation) {
      // An operation goes on in the later runs of its chain (continued as new, or reset): only the latest can be open.
      const latest = await describe(client, workflowId);
      return latest?.status.name === 'RUNNING' && latest.raw.workflowExecutionInfo?.firstRunId === operation;
    },
  };
}

async function describe(client: Client, workflowId: string) {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    // A server that is away or busy says nothing about the workflow: the activity that asks tries again.
    throw ApplicationFailure.retryable('Temporal could not be asked about a workflow', 'TemporalUnavailable');
  }
}
