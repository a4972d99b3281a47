/**
 * Root: how long it takes to undo the deletion of many users, beside the deletion itself. The tables of the host must be as they
 * were before. Exits with 1 when they are not, or when a limit is missed.
 */
import { Command } from 'commander';
import { spanTable } from './batch-tables.ts';
import { storeUsers } from './batch-size.ts';
import { deleteByWorkflow, runWorkflow } from './batch-workflow.ts';
import type { BatchRun } from './batch-workflow.ts';
import { cloneOf, withClient, worldTemplate } from './databases.ts';
import { profiled } from './profile.ts';
import { hashesOfHost, requireSame } from './same-outcome.ts';
import { withServers } from './servers.ts';
import type { Servers } from './servers.ts';
import { loadLine, megabytes, table } from './tables.ts';
import { bundleInto } from './worker-process.ts';

const most = { ratio: 2.5, rssMb: 512, events: 2_000 };

const options = new Command('bench:undo')
  .description('Measures undoing the deletion of many users, beside the deletion.')
  .option('--users <n,n>', 'how many users, of worlds twice that size', numbers, [10_000, 100_000])
  .option('--chunk-users <n>', 'the most users of a chunk', Number, 3_000)
  .option('--window <n>', 'how many chunks are applied side by side', Number, 3)
  .option(
    '--profile <file>',
    'writes what PostgreSQL spent its time on there; times are not to be compared then',
  )
  .parse()
  .opts<{ users: number[]; chunkUsers: number; window: number; profile?: string }>();

interface Undone {
  users: number;
  took: number;
  deletionTook: number;
  maxRssMb: number;
  mostEvents: number;
}

await withServers(async (servers) => {
  const bundle = await bundleInto(servers.dir);
  const undone: Undone[] = [];
  for (const users of options.users) undone.push(await measure({ ...servers, bundle }, users));
  console.log(undoTable(undone));
  if (undone.some(missesLimit)) process.exitCode = 1;
}, options);

async function measure(servers: Servers & { bundle: string }, users: number): Promise<Undone> {
  console.log(`A world of ${users * 2} users is made …`);
  const template = await worldTemplate(servers.postgresUrl, { users: users * 2, shape: 'enterprise' });
  const copy = await cloneOf(servers.postgresUrl, template, 'bench_copy');
  const lists = await withClient(copy.url, (client) => storeUsers(client, users));
  const settings = { ...servers, ...options, databaseUrl: copy.url, host: 'reference' as const };
  const before = await hashesOfHost(copy.url);
  const deletion = await deleteByWorkflow(settings, lists);
  const [operation, warmUp] = await latestOperations(copy.url);
  const undoOf = (of: string | undefined): Promise<BatchRun> =>
    runWorkflow(settings, 'undoOperation', { operation: of, requestedBy: lists.requestedBy, maxShare: 1 });
  const undo = await profiled(servers.postgresUrl, options.profile, () => undoOf(operation));
  await undoOf(warmUp);
  requireSame(await hashesOfHost(copy.url), before);
  await copy.drop();
  const { took, maxRssMb, histories } = undo;
  console.log(spanTable(histories.spans), `${users} users, ${loadLine()}`);
  return { users, took, deletionTook: deletion.took, maxRssMb, mostEvents: histories.mostEvents };
}

function ratioOf({ took, deletionTook }: Undone): number {
  return took / deletionTook;
}

function missesLimit(run: Undone): boolean {
  return ratioOf(run) > most.ratio || run.maxRssMb > most.rssMb || run.mostEvents > most.events;
}

function undoTable(undone: readonly Undone[]): string {
  const head = [
    'users',
    'undone, users/s',
    'undoing, s',
    'deleting, s',
    `ratio (at most ${most.ratio})`,
    `worker's memory (${most.rssMb} MB)`,
    `most events (${most.events})`,
  ];
  const lines = undone.map((run) => [
    String(run.users),
    (run.users / (run.took / 1_000)).toFixed(0),
    (run.took / 1_000).toFixed(1),
    (run.deletionTook / 1_000).toFixed(1),
    ratioOf(run).toFixed(2),
    megabytes(run.maxRssMb),
    String(run.mostEvents),
  ]);
  return table(head, lines);
}

/** The deletion of the list, and before it that of those who were deleted to warm up: the last is undone first. */
async function latestOperations(url: string): Promise<string[]> {
  const { rows } = await withClient(url, (client) =>
    client.query<{ id: string }>('select id from lms_lifecycle.operation order by opened_at desc limit 2'),
  );
  return rows.map(({ id }) => id);
}

function numbers(text: string): number[] {
  return text.split(',').map(Number);
}
