/**
 * Root: how deliveries are taken in. First how many a second at most, beside a bare fastify server with one insert for each, in
 * rounds by turns on the same machine; then how long each takes at a steady rate, which is what a source sees; then the same amid
 * trouble: slow clients, huge bodies and bad signatures. Each delivery must be in the inbox, and must have its one operation
 * in the end. No worker runs: what is measured is the server, with its dispatcher, PostgreSQL and Temporal. Exits with 1 when
 * a delivery is lost or a limit is missed.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { Command } from 'commander';
import { migrateReferenceHost } from '../adapters/reference/migrate.ts';
import { migrateLedger } from '../ledger/migrate.ts';
import { withClient } from './databases.ts';
import { forked } from './forked.ts';
import type { Forked } from './forked.ts';
import { withServers } from './servers.ts';
import type { Servers } from './servers.ts';
import type { Source } from './signed-deliveries.ts';
import { median } from './statistics.ts';
import type { Load, Sent } from './webhooks-sender.ts';
import type { Memory, WebhookServerSettings } from './webhooks-server.ts';
import type { Borne, Trouble } from './webhooks-trouble.ts';

/** `growth`: what the server has in the last third of a steady run, of what it has in the first. */
const limits = { ratio: 0.7, p99Ms: 100, growth: 1.25, rssMb: 300 };

const options = new Command('bench:webhooks')
  .description('Measures how webhooks are taken in.')
  .option('--rounds <n>', 'of each server, by turns', Number, 5)
  .option('--deliveries <n>', 'how many a round', Number, 5_000)
  .option('--senders <n>', 'how many are sent at the same time in a round', Number, 32)
  .option('--rate <n>', 'deliveries a second of the steady runs', Number, 1_000)
  .option('--seconds <n>', 'how long each of them takes', Number, 60)
  .option('--slow <n>', 'slow connections amid trouble', Number, 300)
  .option('--bad <n>', 'bad signatures amid trouble', Number, 10_000)
  .parse()
  .opts<Record<'rounds' | 'deliveries' | 'senders' | 'rate' | 'seconds' | 'slow' | 'bad', number>>();

const secret = randomBytes(32).toString('base64');
/** As many as a proxy in front might have. */
const steadyConnections = 64;

await withServers(async (servers) => {
  await migrateReferenceHost(servers.postgresUrl);
  await migrateLedger(servers.postgresUrl);
  await withClient(servers.postgresUrl, (sql) =>
    sql.query('create table bench_bare (id text primary key, payload jsonb not null)'),
  );
  await compare(servers);
  const bare = await withServer(servers, 'bare', (source) => send(source, steadyLoad('steady-bare')));
  tell('steady, of the bare server', bare);
  await withServer(servers, 'ours', async (source, server) => {
    await steady(servers, source, server, 'steady', null);
    await steady(servers, source, server, 'troubled', {
      ...{ seconds: options.seconds, slow: options.slow, hugePerSecond: 4, bad: options.bad },
    });
    await requireOperations(servers);
    tell('memory at the end', (await server.ask('memory')) as Memory);
  });
});

async function withServer<T>(
  { postgresUrl, temporalAddress }: Servers,
  which: WebhookServerSettings['which'],
  work: (source: Source, server: Forked) => Promise<T>,
): Promise<T> {
  const settings: WebhookServerSettings = { which, databaseUrl: postgresUrl, temporalAddress, secret };
  const server = forked('webhooks-server.ts', settings);
  try {
    return await work({ url: (await server.ask('url')) as string, secret }, server);
  } finally {
    await server.stop();
  }
}

/** One load from a sender of its own. */
async function send(source: Source, load: Load): Promise<Sent> {
  const sender = forked('webhooks-sender.ts', source);
  try {
    return (await sender.ask(load)) as Sent;
  } finally {
    await sender.stop();
  }
}

async function compare(servers: Servers): Promise<void> {
  const { deliveries, senders: connections } = options;
  const measured: Record<WebhookServerSettings['which'], Sent[]> = { bare: [], ours: [] };
  for (let round = 0; round < options.rounds; round++) {
    for (const which of ['bare', 'ours'] as const) {
      const load = { prefix: `${which}-${round}`, deliveries, connections, rate: null };
      measured[which].push(await withServer(servers, which, (source) => send(source, load)));
    }
  }
  const [bare, ours] = (['bare', 'ours'] as const).map((which) =>
    measured[which].map(({ perSecond }) => perSecond),
  );
  const ratio = Math.round((median(ours ?? []) / median(bare ?? [])) * 100) / 100;
  tell('at most a second', { bare, ours, ratio });
  require(ratio >= limits.ratio, `less than ${limits.ratio} of the bare server`);
}

function steadyLoad(prefix: string): Load {
  const { rate, seconds } = options;
  return { prefix, deliveries: rate * seconds, connections: steadyConnections, rate };
}

/** A steady run; amid trouble where there is any. */
async function steady(
  servers: Servers,
  source: Source,
  server: Forked,
  prefix: string,
  trouble: Trouble | null,
): Promise<void> {
  const { rate, seconds } = options;
  const memory: Memory[] = [];
  const looking = setInterval(() => {
    void server.ask('memory').then((one) => memory.push(one as Memory));
  }, 500);
  const troublemaker = trouble && forked('webhooks-trouble.ts', source);
  const [sent, borne] = await Promise.all([
    send(source, steadyLoad(prefix)),
    troublemaker?.ask(trouble) as Promise<Borne> | undefined,
  ]);
  clearInterval(looking);
  await troublemaker?.stop();
  const rss = memory.map(({ rssMb }) => rssMb);
  const third = Math.ceil(rss.length / 3);
  const growth = Math.round((median(rss.slice(-third)) / median(rss.slice(0, third))) * 100) / 100;
  const lost =
    rate * seconds -
    (await countRows(servers, `from lms_lifecycle.inbox where starts_with(message_id, '${prefix}-')`));
  tell(prefix, { ...sent, lost, peakMb: Math.max(...rss), growth, ...(borne && { borne }) });
  require(sent.p99Ms < limits.p99Ms, `a p99 of ${limits.p99Ms} ms or more`);
  require(lost === 0 && Object.keys(sent.refused).length === 0, 'deliveries were lost or refused');
  require(growth <= limits.growth && Math.max(...rss) <= limits.rssMb, 'the memory is not flat');
}

/** Waits until every delivery has its operation, by the inbox and by Temporal. */
async function requireOperations(servers: Servers): Promise<void> {
  const began = performance.now();
  const accepted = await countRows(servers, 'from lms_lifecycle.inbox');
  const waiting = (): Promise<number> =>
    countRows(servers, `from lms_lifecycle.inbox where state = 'received'`);
  for (let left = await waiting(), before = Infinity; left > 0 && left < before;) {
    await sleep(5_000);
    [before, left] = [left, await waiting()];
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  const started = await countRows(servers, `from lms_lifecycle.inbox_event where state = 'started'`);
  const connection = await Connection.connect({ address: servers.temporalAddress });
  const { count: workflows } = await new Client({ connection }).workflow.count();
  await connection.close();
  tell('operations', { accepted, started, workflows, restStartedInS: seconds });
  require(started === accepted && workflows === accepted, 'a delivery has no operation, or several');
}

async function countRows({ postgresUrl }: Servers, from: string): Promise<number> {
  const { rows } = await withClient(postgresUrl, (sql) =>
    sql.query<{ n: number }>(`select count(*)::int as n ${from}`),
  );
  return rows[0]?.n ?? NaN;
}

function tell(what: string, told: object): void {
  console.log(JSON.stringify({ what, ...told }));
}

function require(met: boolean, otherwise: string): void {
  if (met) return;
  console.log(otherwise);
  process.exitCode = 1;
}
