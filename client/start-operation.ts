import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle, WorkflowStartOptions } from '@temporalio/client';
import { priorityOf } from './priority.ts';
import { startTexts } from './start-texts.ts';
import { taskQueue as operations } from './task-queue.ts';

/** An operation to start. */
export interface StartRequest {
  /** The workflow's name. */
  workflow: string;
  input: Record<string, unknown>;
  /** What starts it, for the audit. */
  trigger: 'command-line' | 'webhook' | 'schedule' | 'http';
  /** The program that starts it, for people who read in the Temporal UI: `the command line`. */
  through: string;
  /** What makes asking again, while it is under way, the same operation; without it each start is one of its own. */
  key?: string;
  /** Where workers fetch it; only tests have queues of their own. */
  taskQueue?: string | undefined;
}

/** Starts an operation, under a fresh workflow id or the one that its key gives. */
export function startOperation(client: Client, request: StartRequest): Promise<WorkflowHandle> {
  const { workflow, key } = request;
  return startUnder(client, `${workflow}-${key ?? randomUUID()}`, request, {
    workflowIdConflictPolicy: key === undefined ? 'FAIL' : 'USE_EXISTING',
  });
}

/** Starts an operation under this workflow id, with all that is said of it to Temporal and to people. */
export function startUnder(
  client: Client,
  workflowId: string,
  { workflow, input, trigger, through, taskQueue = operations }: StartRequest,
  again: Pick<WorkflowStartOptions, 'workflowIdConflictPolicy' | 'workflowIdReusePolicy'>,
): Promise<WorkflowHandle> {
  return client.workflow.start(workflow, {
    taskQueue,
    workflowId,
    ...again,
    args: [input],
    memo: { trigger },
    priority: priorityOf({ workflow, trigger, workflowId }),
    ...startTexts(workflow, input, through),
  });
}

/** The id of the operation that a workflow carries out: that of the first run of its chain. */
export async function operationOf(handle: WorkflowHandle): Promise<string> {
  const { raw, runId } = await handle.describe();
  return raw.workflowExecutionInfo?.firstRunId ?? runId;
}
