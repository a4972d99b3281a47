import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { taskQueue } from './task-queue.ts';

/** An operation to start. */
export interface StartRequest {
  /** The workflow's name. */
  workflow: string;
  input: Record<string, unknown>;
  /** What starts it, for the audit. */
  trigger: 'command-line' | 'webhook' | 'schedule';
  /** One line for the Temporal UI; ids only. */
  summary: string;
}

/** Starts an operation under a fresh workflow id. */
export function startOperation(
  client: Client,
  { workflow, input, trigger, summary }: StartRequest,
): Promise<WorkflowHandle> {
  return client.workflow.start(workflow, {
    taskQueue,
    workflowId: `${workflow}-${randomUUID()}`,
    args: [input],
    memo: { trigger },
    staticSummary: summary,
  });
}
