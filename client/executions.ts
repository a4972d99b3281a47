import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { inTime } from './in-time.ts';

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

/** Where a workflow stands; `unknown` when Temporal never had it, or has forgotten it. */
export type Standing = 'running' | 'over' | 'unknown';

/** Where the latest run of a workflow stands. @throws when Temporal cannot be asked */
export async function standingOf(client: Client, workflowId: string): Promise<Standing> {
  const latest = await inTime(client, () => describe(client, workflowId));
  if (latest === null) return 'unknown';
  return latest.status.name === 'RUNNING' ? 'running' : 'over';
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
