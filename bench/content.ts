/**
 * Root: how fast content is taken from many users and given to them through Temporal, beside hand-written SQL that leaves the same
 * rows, changes and images; with the worker's memory. Exits with 1 when a limit is missed.
 */
import { Command } from 'commander';
import { migrateReferenceHost } from '../adapters/reference/migrate.ts';
import { migrateLedger } from '../ledger/migrate.ts';
import { runWorkflow } from './batch-workflow.ts';
import type { BatchRun } from './batch-workflow.ts';
import { byHand, contentCases } from './content-cases.ts';
import type { ContentCase } from './content-cases.ts';
import { contentWorld } from './content-world.sql.ts';
import { spanTable } from './batch-tables.ts';
import { cloneOf, templateOf, withClient } from './databases.ts';
import { profiled } from './profile.ts';
import { hashesOf, requireSame } from './same-outcome.ts';
import { withServers } from './servers.ts';
import { median } from './statistics.ts';
import { loadLine, megabytes, table } from './tables.ts';
import { bundleInto } from './worker-process.ts';

const most = { ratio: 2.5, rssMb: 512 };

const { users, rounds, chunkUsers, window, profile } = new Command('bench:content')
  .description('Measures taking and giving content against hand-written SQL, and the memory for it.')
  .option('--users <n>', 'how many learners', Number, 100_000)
  .option('--rounds <n>', 'how often each is measured', Number, 1)
  .option('--chunk-users <n>', 'the most users of a chunk', Number, 3_000)
  .option('--window <n>', 'how many chunks are applied side by side', Number, 3)
  .option(
    '--profile <file>',
    'writes what PostgreSQL spent its time on there; times are not to be compared then',
  )
  .parse()
  .opts<{ users: number; rounds: number; chunkUsers: number; window: number; profile?: string }>();

interface Measured {
  name: string;
  took: number;
  hand: number;
  ratio: number;
  rssMb: number;
}

await withServers(
  async (servers) => {
    const bundle = await bundleInto(servers.dir);
    const template = await templateOf(servers.postgresUrl, `bench_content_${users}`, async (url) => {
      await migrateReferenceHost(url);
      await withClient(url, async (client) => {
        await client.query('begin');
        await client.query(contentWorld.replaceAll(':users', String(users)));
        await client.query('commit');
        await client.query('vacuum analyze');
      });
      await migrateLedger(url);
    });

    /** On a copy of its own, every table of which has been read once. */
    async function onCopy<T>(
      of: ContentCase,
      work: (url: string, input: Record<string, unknown>, warmUp: Record<string, unknown>) => Promise<T>,
    ): Promise<{ result: T; hashes: Map<string, string> }> {
      const copy = await cloneOf(servers.postgresUrl, template, 'bench_copy');
      try {
        await hashesOf(copy.url);
        const input = await withClient(copy.url, (client) => of.prepare(client, users));
        const warmUp = await withClient(copy.url, (client) => of.warmUp(client, users));
        return { result: await work(copy.url, input, warmUp), hashes: await hashesOf(copy.url) };
      } finally {
        await copy.drop();
      }
    }

    const byWorkflow = (of: ContentCase): Promise<{ result: BatchRun; hashes: Map<string, string> }> =>
      onCopy(of, (databaseUrl, input, warmUp) =>
        profiled(servers.postgresUrl, profile, () =>
          runWorkflow(
            { ...servers, bundle, databaseUrl, host: 'reference', chunkUsers, window },
            of.workflow,
            { ...input, requestedBy: 'u-owner', maxShare: 1 },
            { ...warmUp, requestedBy: 'u-owner' },
          ),
        ),
      );

    async function measure(of: ContentCase): Promise<Measured> {
      const runs: BatchRun[] = [];
      const hands: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const ours = await byWorkflow(of);
        const theirs = await onCopy(of, (url, input) =>
          withClient(url, (client) => byHand(client, of, input, chunkUsers)),
        );
        requireSame(ours.hashes, theirs.hashes);
        runs.push(ours.result);
        hands.push(theirs.result);
      }
      console.log(spanTable(runs.at(-1)?.histories.spans ?? []), of.name);
      return {
        name: of.name,
        took: median(runs.map(({ took }) => took)),
        hand: median(hands),
        ratio: median(runs.map(({ took }, i) => took / (hands[i] ?? NaN))),
        rssMb: Math.max(...runs.map(({ maxRssMb }) => maxRssMb)),
      };
    }

    const measured: Measured[] = [];
    for (const of of contentCases) measured.push(await measure(of));
    const head = [
      'case',
      'users/s',
      'whole, s',
      'by hand, s',
      `ratio (at most ${most.ratio})`,
      `worker's memory (${most.rssMb} MB)`,
    ];
    const lines = measured.map(({ name, took, hand, ratio, rssMb }) => [
      name,
      (users / (took / 1_000)).toFixed(0),
      (took / 1_000).toFixed(1),
      (hand / 1_000).toFixed(1),
      ratio.toFixed(2),
      megabytes(rssMb),
    ]);
    console.log(table(head, lines), loadLine());
    for (const { name, ratio, rssMb } of measured) {
      if (ratio <= most.ratio && rssMb <= most.rssMb) continue;
      console.log(`${name}: a limit is missed`);
      process.exitCode = 1;
    }
  },
  profile === undefined ? {} : { profile },
);
