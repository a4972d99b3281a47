import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import pg from 'pg';
import type { OperationResult } from '../contracts/operations.ts';
import { deletionSteps, openDeletion, someUsers } from './deletion.ts';
import { median } from './statistics.ts';
import type { WorkerSettings } from './worker.ts';

/** What a real worker takes, in milliseconds and megabytes. */
export interface ThroughTemporal {
  deleteUser: number;
  empty: number;
  ratio: number;
  /** The most memory of the worker's process: after single users, and after the chunk. */
  rssOfSinglesMb: number;
  rssOfChunkMb: number;
}

/** open, plan, seal, the steps, verify and close. */
const activitiesOfDeletion = 5 + deletionSteps.length;
const taskQueue = 'bench';

/** Deletes single users beside empty workflows, in turns, and then a chunk, all with one worker process. */
export async function throughTemporal(
  where: { databaseUrl: string; temporalAddress: string; dir: string },
  { rounds, chunk }: { rounds: number; chunk: number },
): Promise<ThroughTemporal> {
  const bundle = join(where.dir, 'bench-workflows.js');
  const workflowsPath = fileURLToPath(new URL('workflows.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  await writeFile(bundle, code);
  const worker = startWorker({ ...where, taskQueue, bundle });
  const connection = await Connection.connect({ address: where.temporalAddress });
  const client = new Client({ connection });
  const sql = new pg.Client(where.databaseUrl);
  await sql.connect();
  try {
    const warmUps = 5;
    const users = await someUsers(sql, warmUps + rounds + chunk);
    const { rows } = await sql.query<{ owner: string }>('select owner_id as owner from lms.platform');
    const requestedBy = rows[0]?.owner ?? '';
    const pairs: { deleteUser: number; empty: number }[] = [];
    for (const user of users.splice(0, warmUps + rounds)) {
      const input = { user: { id: user }, requestedBy, includePrivateSubgroups: true };
      pairs.push({
        empty: await timed(() => run(client, 'empty', activitiesOfDeletion)),
        deleteUser: await timed(async () => requireDone(await run(client, 'deleteUser', input))),
      });
    }
    const measured = pairs.slice(warmUps);
    const rssOfSinglesMb = await worker.maxRssMb();
    const operation = randomUUID();
    await openDeletion(sql, operation, users);
    await run(client, 'deleteChunk', operation);
    return {
      deleteUser: median(measured.map((pair) => pair.deleteUser)),
      empty: median(measured.map((pair) => pair.empty)),
      ratio: median(measured.map((pair) => pair.deleteUser / pair.empty)),
      rssOfSinglesMb,
      rssOfChunkMb: await worker.maxRssMb(),
    };
  } finally {
    await sql.end();
    await connection.close();
    await worker.stop();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return performance.now() - since;
}

function run(client: Client, workflow: string, argument: unknown): Promise<unknown> {
  return client.workflow.execute(workflow, {
    workflowId: `${workflow}-${randomUUID()}`,
    taskQueue,
    args: [argument],
  });
}

function requireDone(result: unknown): void {
  const { state, conflicts } = result as OperationResult;
  if (state !== 'done' || conflicts > 0)
    throw new Error(`the deletion ended as ${state} with ${conflicts} conflicts`);
}

function startWorker(settings: WorkerSettings) {
  const env = { ...process.env, BENCH_WORKER: JSON.stringify(settings) };
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), {
    env,
    execArgv: process.execArgv,
  });
  return {
    async maxRssMb(): Promise<number> {
      child.send('memory');
      const [{ maxRssMb }] = (await once(child, 'message')) as [{ maxRssMb: number }];
      return maxRssMb;
    },
    async stop(): Promise<void> {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
