import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { OperationResult } from '../contracts/operations.ts';
import { historiesOf } from './histories.ts';
import type { Histories } from './histories.ts';
import { requireDone } from './outcome.ts';
import { startWorker } from './worker-process.ts';
import type { WorkerSettings } from './worker.ts';

/** Lists of users that are stored in the ledger; the first one is deleted before the clock starts. */
export interface StoredLists {
  warmUp: string;
  list: string;
  requestedBy: string;
}

/** What deleting a list of users took, from the start of the workflow to its result. */
export interface BatchRun {
  took: number;
  changes: number;
  /** The most memory that the worker has ever had. */
  maxRssMb: number;
  histories: Histories;
}

/** Deletes the users of a stored list with `deleteUsers`, with a worker of its own that has already done so once. */
export function deleteByWorkflow(
  settings: Omit<WorkerSettings, 'taskQueue'>,
  { warmUp, list, requestedBy }: StoredLists,
): Promise<BatchRun> {
  const input = { requestedBy, includePrivateSubgroups: true, maxShare: 1 };
  return runWorkflow(settings, 'deleteUsers', { ...input, list }, { ...input, list: warmUp });
}

/** Runs one workflow with a worker of its own, after another one of the same that warms it up. */
export async function runWorkflow(
  settings: Omit<WorkerSettings, 'taskQueue'>,
  workflow: string,
  input: object,
  warmUp?: object,
): Promise<BatchRun> {
  const taskQueue = `bench-${randomUUID()}`;
  const worker = startWorker({ ...settings, taskQueue });
  const connection = await Connection.connect({ address: settings.temporalAddress });
  const client = new Client({ connection });
  try {
    if (warmUp) await executed(client, taskQueue, workflow, warmUp);
    const { workflowId, took, changes } = await timed(client, taskQueue, workflow, input);
    const maxRssMb = await worker.maxRssMb();
    return { took, changes, maxRssMb, histories: await historiesOf(client, workflowId) };
  } finally {
    await connection.close();
    await worker.stop();
  }
}

async function timed(
  client: Client,
  taskQueue: string,
  workflow: string,
  input: object,
): Promise<{ workflowId: string; took: number; changes: number }> {
  const since = performance.now();
  const { workflowId, result } = await executed(client, taskQueue, workflow, input);
  const took = performance.now() - since;
  requireDone(result);
  const counts = Object.values((result as OperationResult).counts);
  return { workflowId, took, changes: counts.reduce((sum, n) => sum + n, 0) };
}

async function executed(
  client: Client,
  taskQueue: string,
  workflow: string,
  input: object,
): Promise<{ workflowId: string; result: unknown }> {
  const workflowId = `${workflow}-${randomUUID()}`;
  return {
    workflowId,
    result: await client.workflow.execute(workflow, { workflowId, taskQueue, args: [input] }),
  };
}
