/**
 * Root: how fast deleting is, beside hand-written SQL and beside an empty workflow, and how much memory a worker
 * takes. Everything is started for it (PostgreSQL with durable settings, Temporal) in a directory of its own. Absolute times
 * depend on the machine and what else it does; the ratios are of runs that took turns.
 */
import { Command } from 'commander';
import { compareChunks } from './compare-chunks.ts';
import { cloneOf, worldTemplate } from './databases.ts';
import { withServers } from './servers.ts';
import { chunkTable, loadLine, temporalTable } from './tables.ts';
import { throughTemporal } from './through-temporal.ts';

const options = new Command('bench:delete')
  .description('Measures deleting users: against hand-written SQL, against an empty workflow, and in memory.')
  .option('--world-users <n>', 'how many users the world has', Number, 100_000)
  .option('--rounds <n>', 'how often each chunk is deleted in each way', Number, 5)
  .option('--singles <n>', 'how many single users are deleted through Temporal', Number, 30)
  .parse()
  .opts<{ worldUsers: number; rounds: number; singles: number }>();

await withServers(async (servers) => {
  console.log(`A world of ${options.worldUsers} users is made …`);
  const template = await worldTemplate(servers.postgresUrl, { users: options.worldUsers });
  // Of a small world not more than a tenth is deleted at once.
  const most = Math.floor(options.worldUsers / 10);
  const sizes = [...new Set([1, 100, 3_000].map((size) => Math.min(size, most)))];
  const chunks = [];
  for (const users of sizes) {
    chunks.push(await compareChunks(servers.postgresUrl, template, { users, rounds: options.rounds }));
  }
  console.log(chunkTable(chunks));
  const copy = await cloneOf(servers.postgresUrl, template, 'bench_workflows');
  const chunk = Math.max(...sizes);
  const measured = await throughTemporal(servers, copy.url, { rounds: options.singles, chunk });
  console.log(temporalTable(measured, chunk));
  console.log(loadLine());
});
