/**
 * Root: how fast many users are deleted through Temporal, from the start of the workflow to its result, beside
 * hand-written SQL that deletes them in chunks of the same size; with the worker's memory and the size of the histories. Exits
 * with 1 when a limit is missed. Half of each world is deleted; a million users need `NODE_OPTIONS=--max-old-space-size=16000`.
 */
import { Command } from 'commander';
import { batchTable, missedLimits, spanTable } from './batch-tables.ts';
import { measureBatch } from './batch-size.ts';
import type { BatchSize } from './batch-size.ts';
import { worldTemplate } from './databases.ts';
import { withServers } from './servers.ts';
import { loadLine } from './tables.ts';
import { bundleInto } from './worker-process.ts';

interface Options {
  users: number[];
  rounds?: number;
  chunkUsers: number;
  window: number;
  profile?: string;
}

const options = new Command('bench:batch')
  .description(
    'Measures deleting many users: against hand-written SQL, by the size of the batch, and in memory.',
  )
  .option(
    '--users <n,n>',
    'how many users to delete, of worlds twice that size',
    numbers,
    [1_000, 10_000, 100_000],
  )
  .option('--rounds <n>', 'how often each batch is deleted; by default small ones more often', Number)
  .option('--chunk-users <n>', 'the most users of a chunk', Number, 3_000)
  .option('--window <n>', 'how many chunks are applied side by side', Number, 3)
  .option(
    '--profile <file>',
    'writes what PostgreSQL spent its time on there; times are not to be compared then',
  )
  .parse()
  .opts<Options>();

await withServers(async (servers) => {
  const bundle = await bundleInto(servers.dir);
  const sizes: BatchSize[] = [];
  for (const users of options.users) {
    console.log(`A world of ${users * 2} users is made …`);
    const template = await worldTemplate(servers.postgresUrl, { users: users * 2, shape: 'enterprise' });
    const { chunkUsers, window, rounds = Math.max(1, Math.min(5, Math.floor(30_000 / users))) } = options;
    const size = await measureBatch({ ...servers, bundle }, template, { users, rounds, chunkUsers, window });
    sizes.push(size);
    console.log(spanTable(size.runs.at(-1)?.histories.spans ?? []), `${users} users, ${loadLine()}`);
  }
  console.log(batchTable(sizes));
  const missed = missedLimits(sizes);
  for (const line of missed) console.log(line);
  if (missed.length > 0) process.exitCode = 1;
}, options);

function numbers(text: string): number[] {
  return text.split(',').map(Number);
}
