/**
 * Root: how fast users of a Moodle site are deleted through Temporal, undo record included, beside Moodle's own loop. The
 * site is a small real one, whose schema and rows are not part of this project, with generated users like its own.
 */
import { Command } from 'commander';
import { deleteByWorkflow } from './batch-workflow.ts';
import type { BatchRun } from './batch-workflow.ts';
import { spanTable } from './batch-tables.ts';
import { cloneOf, withClient } from './databases.ts';
import { siteTemplate, storeSiteUsers } from './moodle-site.ts';
import { missedSiteLimits, siteTable } from './moodle-tables.ts';
import { profiled } from './profile.ts';
import { withServers } from './servers.ts';
import { loadLine } from './tables.ts';
import { bundleInto } from './worker-process.ts';

const options = new Command('bench:moodle')
  .description("Measures deleting users of a Moodle site, against Moodle's own loop.")
  .option('--moodle <dir>', 'where its schema.sql and small-world.sql lie', process.env['LMS_MOODLE_SAMPLE'])
  .option('--users <n>', 'how many users to delete, of a site with twice as many', Number, 2_000)
  .option('--rounds <n>', 'how often', Number, 3)
  .option('--chunk-users <n>', 'the most users of a chunk', Number, 1_000)
  .option('--window <n>', 'how many chunks are applied side by side', Number, 3)
  .option(
    '--profile <file>',
    'writes what PostgreSQL spent its time on there; times are not to be compared then',
  )
  .parse()
  .opts<{
    moodle?: string;
    users: number;
    rounds: number;
    chunkUsers: number;
    window: number;
    profile?: string;
  }>();

const { users, moodle: sample } = options;
if (sample === undefined) throw new Error('--moodle DIR or LMS_MOODLE_SAMPLE must name a directory');
/** So many are deleted before the clock starts. */
const warmUp = 300;

await withServers(async (servers) => {
  const bundle = await bundleInto(servers.dir);
  console.log(`A Moodle site of ${users * 2} users is made …`);
  const template = await siteTemplate(servers.postgresUrl, sample, warmUp + users * 2);
  const runs: (BatchRun & { images: number })[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const copy = await cloneOf(servers.postgresUrl, template, 'bench_copy');
    const lists = await withClient(copy.url, (client) => storeSiteUsers(client, { warmUp, users }));
    const settings = { ...servers, ...options, bundle, databaseUrl: copy.url, host: 'moodle' as const };
    const run = await profiled(servers.postgresUrl, options.profile, () => deleteByWorkflow(settings, lists));
    const images = await withClient(copy.url, async (client) => {
      return (await client.query('select from lms_lifecycle.row_image')).rowCount ?? 0;
    });
    runs.push({ ...run, images: images / (warmUp + users) });
    await copy.drop();
  }
  const [last] = runs.slice(-1);
  console.log(spanTable(last?.histories.spans ?? []), loadLine());
  console.log(siteTable(users, runs));
  const missed = missedSiteLimits(users, runs);
  for (const line of missed) console.log(line);
  if (missed.length > 0) process.exitCode = 1;
}, options);
