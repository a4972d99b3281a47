import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { Handle, Site } from './site.ts';

/** Takes a workflow back to its beginning, as the button of that name in the Temporal UI does. */
export async function reset(
  { client }: Site,
  { workflowId, firstExecutionRunId }: Handle,
): Promise<WorkflowHandle> {
  const request = temporal.api.workflowservice.v1.ResetWorkflowExecutionRequest.fromObject({
    namespace: 'default',
    workflowExecution: { workflowId, runId: firstExecutionRunId },
    reason: 'by hand',
    // The first workflow task.
    workflowTaskFinishEventId: 3,
    requestId: randomUUID(),
  });
  const { runId } = await client.workflowService.resetWorkflowExecution(request);
  return client.workflow.getHandle(workflowId, runId);
}
