/**
 * Root: how fast deleting is, beside hand-written SQL and beside an empty workflow, and how much memory a worker
 * takes. Everything is started for it (PostgreSQL with durable settings, Temporal) in a directory of its own. Absolute times
 * depend on the machine and what else it does; the ratios are of runs that took turns.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { startPostgres } from '../dev/embedded-postgres.ts';
import { startTemporal } from '../dev/embedded-temporal.ts';
import { binaryCacheDir, binaryCacheDirs, defaultStateDir } from '../dev/state-dir.ts';
import { findTemporal } from '../dev/temporal-binary.ts';
import { searchAttributeTypes } from '../workflows/search-attributes.ts';
import { compareChunks } from './compare-chunks.ts';
import { cloneOf, worldTemplate } from './databases.ts';
import { chunkTable, temporalTable } from './tables.ts';
import { throughTemporal } from './through-temporal.ts';

const options = new Command('bench:delete')
  .description('Measures deleting users: against hand-written SQL, against an empty workflow, and in memory.')
  .option('--world-users <n>', 'how many users the world has', Number, 100_000)
  .option('--rounds <n>', 'how often each chunk is deleted in each way', Number, 5)
  .option('--singles <n>', 'how many single users are deleted through Temporal', Number, 30)
  .parse()
  .opts<{ worldUsers: number; rounds: number; singles: number }>();

const dir = await mkdtemp(join(tmpdir(), 'lms-lifecycle-bench-'));
const postgres = await startPostgres({ dataDir: join(dir, 'postgres') });
const temporal = await startTemporal({
  binary: await temporalBinary(),
  headless: true,
  searchAttributes: searchAttributeTypes,
});
try {
  console.log(`A world of ${options.worldUsers} users is made …`);
  const template = await worldTemplate(postgres.url, options.worldUsers);
  // The guard lets an operation change a fifth of the users; a small world has chunks of a tenth at most.
  const most = Math.floor(options.worldUsers / 10);
  const sizes = [...new Set([1, 100, 3_000].map((size) => Math.min(size, most)))];
  const chunks = [];
  for (const users of sizes) {
    chunks.push(await compareChunks(postgres.url, template, { users, rounds: options.rounds }));
  }
  console.log(chunkTable(chunks));
  const copy = await cloneOf(postgres.url, template, 'bench_workflows');
  const where = { databaseUrl: copy.url, temporalAddress: temporal.address, dir };
  const chunk = Math.max(...sizes);
  console.log(temporalTable(await throughTemporal(where, { rounds: options.singles, chunk }), chunk));
} finally {
  await temporal.stop();
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}

function temporalBinary(): Promise<string> {
  const stateDir = defaultStateDir(process.env);
  return findTemporal({
    explicit: process.env['TEMPORAL_CLI'],
    cacheDirs: binaryCacheDirs(stateDir, process.env),
    installDir: binaryCacheDir(stateDir),
    log: console.error,
  });
}
