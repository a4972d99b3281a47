import type { Client, WorkflowHandle } from '@temporalio/client';
import { eventually } from './eventually.ts';
import type { Handle, Site } from './site.ts';

/** One run of a workflow that continues as new: how long its history became. */
export interface RunHistory {
  runId: string;
  events: number;
  bytes: number;
}

/** All runs of an operation, from the first to the last. */
export async function runsOf(
  { client }: Site,
  { workflowId, firstExecutionRunId }: Handle,
): Promise<RunHistory[]> {
  const runs: RunHistory[] = [];
  for (let runId: string | undefined = firstExecutionRunId; runId !== undefined;) {
    const handle: WorkflowHandle = client.workflow.getHandle(workflowId, runId);
    const { historyLength, historySize = 0 } = await handle.describe();
    runs.push({ runId, events: historyLength, bytes: historySize });
    runId = await continuedAs(handle);
  }
  return runs;
}

async function continuedAs(handle: WorkflowHandle): Promise<string | undefined> {
  const { events } = await handle.fetchHistory();
  return events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
}

/** Returns as soon as the history has been cut once more than when it was called. */
export async function untilCut({ client }: Site, { workflowId }: Handle): Promise<void> {
  const before = await currentRun(client, workflowId);
  const isCut = async (): Promise<boolean> => (await currentRun(client, workflowId)) !== before;
  await eventually(isCut, () => 'the history is not cut', 120_000);
}

async function currentRun(client: Client, workflowId: string): Promise<string> {
  return (await client.workflow.getHandle(workflowId).describe()).runId;
}
