import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { spansOf } from './spans.ts';
import type { Span } from './spans.ts';

/** What an operation left behind in Temporal. */
export interface Histories {
  /** Of the operation and of its chunks: each has a history of its own. */
  runs: number;
  /** Of the largest one. */
  mostEvents: number;
  mostBytes: number;
  /** Every activity and every chunk. */
  spans: Span[];
}

/** Reads the histories of a finished operation and of the workflows below it. */
export async function historiesOf(client: Client, workflowId: string): Promise<Histories> {
  const runs = await runsBelow(client, workflowId);
  const spans: Span[] = [];
  for (const run of runs) {
    const { events } = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
    spans.push(...spansOf(events ?? []));
  }
  return {
    runs: runs.length,
    mostEvents: Math.max(...runs.map((run) => run.historyLength)),
    mostBytes: Math.max(...runs.map((run) => run.historySize ?? 0)),
    spans,
  };
}

/** The list of workflows is brought up to date a moment later: what it says is taken once it does not change any more. */
async function runsBelow(client: Client, workflowId: string): Promise<WorkflowExecutionInfo[]> {
  const query = `WorkflowId = "${workflowId}" or WorkflowId starts_with "${workflowId}/"`;
  for (let before = -1; ;) {
    const found: WorkflowExecutionInfo[] = [];
    for await (const run of client.workflow.list({ query })) found.push(run);
    const settled = found.length === before && found.every((run) => run.status.name !== 'RUNNING');
    if (settled && found.length > 0) return found;
    before = found.length;
    await sleep(1_000);
  }
}
