/**
 * Root: how many deliveries a second the server takes in, beside a bare fastify server with one insert for each, on the same
 * machine at the same load; and that each one has its operation afterwards. No worker runs: what is measured is the server,
 * with its dispatcher, PostgreSQL and Temporal. Exits with 1 when a delivery is lost or a limit is missed.
 */
import { fork } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { migrateReferenceHost } from '../adapters/reference/migrate.ts';
import { migrateLedger } from '../ledger/migrate.ts';
import { withClient } from './databases.ts';
import { withServers } from './servers.ts';
import type { Servers } from './servers.ts';
import type { WebhookServerSettings } from './webhooks-server.ts';

const limits = { ratio: 0.5, p99Ms: 500 };

const options = new Command('bench:webhooks')
  .description('Measures how webhooks are taken in.')
  .option('--deliveries <n>', 'how many a round', Number, 5_000)
  .option('--senders <n>', 'how many are sent at the same time', Number, 32)
  .option('--rounds <n>', 'of each server, one after the other', Number, 3)
  .parse()
  .opts<{ deliveries: number; senders: number; rounds: number }>();

const secret = randomBytes(32);

interface Measured {
  perSecond: number;
  p99Ms: number;
}

await withServers(async (servers) => {
  await migrateReferenceHost(servers.postgresUrl);
  await migrateLedger(servers.postgresUrl);
  await withClient(servers.postgresUrl, (sql) =>
    sql.query('create table bench_bare (id text primary key, payload jsonb not null)'),
  );
  const measured: Record<WebhookServerSettings['which'], Measured[]> = { bare: [], ours: [] };
  for (let round = 0; round < options.rounds; round++) {
    for (const which of ['bare', 'ours'] as const) {
      measured[which].push(await withServer(servers, which, (url) => load(url, `${which}-${round}`)));
    }
  }
  const accepted = options.rounds * options.deliveries;
  const seconds = await withServer(servers, 'ours', () => untilStarted(servers.postgresUrl, accepted));
  report(measured, accepted, seconds);
});

async function withServer<T>(
  { postgresUrl, temporalAddress }: Servers,
  which: WebhookServerSettings['which'],
  work: (url: string) => Promise<T>,
): Promise<T> {
  const settings: WebhookServerSettings = {
    which,
    databaseUrl: postgresUrl,
    temporalAddress,
    secret: `whsec_${secret.toString('base64')}`,
  };
  const child = fork(fileURLToPath(new URL('webhooks-server.ts', import.meta.url)), {
    env: { ...process.env, BENCH_SERVER: JSON.stringify(settings) },
    execArgv: process.execArgv,
  });
  const exited = once(child, 'exit');
  try {
    const [url] = (await once(child, 'message')) as [string];
    return await work(url);
  } finally {
    child.disconnect();
    await exited;
  }
}

async function load(url: string, prefix: string): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.senders });
  const took: number[] = [];
  let next = 0;
  const began = performance.now();
  const sender = async (): Promise<void> => {
    for (let i = next++; i < options.deliveries; i = next++) {
      const from = performance.now();
      await deliver(agent, `${url}/webhooks/lms`, `${prefix}-${i}`);
      took.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: options.senders }, sender));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  took.sort((a, b) => a - b);
  return { perSecond: options.deliveries / seconds, p99Ms: took[Math.floor(took.length * 0.99)] ?? 0 };
}

function deliver(agent: Agent, url: string, id: string): Promise<void> {
  const body = JSON.stringify({ type: 'user.deleted', data: { user: { id: `user-${id}` } } });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 202) resolve();
        else reject(new Error(`answered ${response.statusCode ?? 0}`));
      });
    });
    sending.once('error', reject);
    sending.end(body);
  });
}

/** Waits until every delivery has its operation; how long that took. */
async function untilStarted(url: string, accepted: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    const started = await withClient(url, async (sql) => {
      const { rows } = await sql.query<{ n: number }>(
        `select count(*)::int as n from lms_lifecycle.inbox_event where state = 'started'`,
      );
      return rows[0]?.n ?? 0;
    });
    if (started >= accepted) return (performance.now() - began) / 1000;
    if (performance.now() - began > 600_000) {
      console.log(`${accepted - started} deliveries of ${accepted} have no operation`);
      process.exit(1);
    }
    await sleep(500);
  }
}

function report(measured: Record<'bare' | 'ours', Measured[]>, accepted: number, seconds: number): void {
  const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
  const of = (which: 'bare' | 'ours'): Measured => ({
    perSecond: Math.round(median(measured[which].map(({ perSecond }) => perSecond))),
    p99Ms: Math.round(median(measured[which].map(({ p99Ms }) => p99Ms))),
  });
  const [bare, ours] = [of('bare'), of('ours')];
  const ratio = Math.round((ours.perSecond / bare.perSecond) * 100) / 100;
  console.log(
    JSON.stringify({ ...options, accepted, lost: 0, bare, ours, ratio, restStartedInS: Math.round(seconds) }),
  );
  if (ratio < limits.ratio || ours.p99Ms > limits.p99Ms) {
    console.log(`less than ${limits.ratio} of the bare server, or a p99 of more than ${limits.p99Ms} ms`);
    process.exitCode = 1;
  }
}
