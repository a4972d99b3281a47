import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { entriesOf } from '../activities/user-refs.ts';
import { storeList } from '../ledger/lists.ts';
import { someUsers } from './deletion.ts';
import { requireDone } from './outcome.ts';
import type { Servers } from './servers.ts';
import { median } from './statistics.ts';
import { bundleInto, startWorker } from './worker-process.ts';

/** What a real worker takes, in milliseconds and megabytes. */
export interface ThroughTemporal {
  deleteUser: number;
  empty: number;
  ratio: number;
  /** The most memory of the worker's process: after single users, and after the chunk. */
  rssOfSinglesMb: number;
  rssOfChunkMb: number;
}

const taskQueue = 'bench';
const warmUps = 5;

/** Deletes single users beside empty workflows, in turns, and then a chunk, all with one worker process. */
export async function throughTemporal(
  { temporalAddress, dir }: Servers,
  databaseUrl: string,
  { rounds, chunk }: { rounds: number; chunk: number },
): Promise<ThroughTemporal> {
  const bundle = await bundleInto(dir);
  const of = { host: 'reference', chunkUsers: 3_000, window: 3 } as const;
  const worker = startWorker({ databaseUrl, temporalAddress, taskQueue, bundle, ...of });
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  const sql = new pg.Client(databaseUrl);
  await sql.connect();
  try {
    const users = await someUsers(sql, warmUps + rounds + chunk);
    const { rows } = await sql.query<{ owner: string }>('select owner_id as owner from lms.platform');
    const requestedBy = rows[0]?.owner ?? '';
    const pairs = [];
    for (const user of users.splice(0, warmUps + rounds))
      pairs.push(await deleteBesideEmpty(client, { user: { id: user }, requestedBy }));
    const measured = pairs.slice(warmUps);
    const rssOfSinglesMb = await worker.maxRssMb();
    await deleteChunk(client, sql, users, requestedBy);
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

/** Deletes a user, and then runs a workflow of as many activities as that took: a user who holds little takes fewer. */
async function deleteBesideEmpty(
  client: Client,
  input: object,
): Promise<{ deleteUser: number; empty: number }> {
  const deletion = await run(client, 'deleteUser', { ...input, includePrivateSubgroups: true });
  requireDone(deletion.result);
  const { events } = await client.workflow.getHandle(deletion.workflowId).fetchHistory();
  const scheduled = (events ?? []).filter((event) => event.activityTaskScheduledEventAttributes);
  const empty = await run(client, 'empty', scheduled.length);
  return { deleteUser: deletion.took, empty: empty.took };
}

async function deleteChunk(
  client: Client,
  sql: pg.Client,
  users: string[],
  requestedBy: string,
): Promise<void> {
  const list = randomUUID();
  await storeList(sql, list, 'bench', entriesOf(users));
  const input = { list, requestedBy, includePrivateSubgroups: true, maxShare: 1 };
  requireDone((await run(client, 'deleteUsers', input)).result);
}

async function run(client: Client, workflow: string, argument: unknown) {
  const workflowId = `${workflow}-${randomUUID()}`;
  const since = performance.now();
  const result: unknown = await client.workflow.execute(workflow, {
    workflowId,
    taskQueue,
    args: [argument],
  });
  return { workflowId, result, took: performance.now() - since };
}
