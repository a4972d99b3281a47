import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startTemporal } from '../../dev/embedded-temporal.ts';
import { instanceId } from '../../ledger/imports.ts';
import { searchAttributeTypes } from '../../workflows/search-attributes.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { runs } from '../support/runs.ts';
import { newSecret, signed } from '../webhooks/support/sender.ts';
import { somePort, startServer } from '../webhooks/support/server-process.ts';
import type { ServerProcess } from '../webhooks/support/server-process.ts';

/** No worker is here: what counts is which workflows there are. */
const source = `lms-${randomUUID().slice(0, 8)}`;
const secret = newSecret();
const senders = 6;
const perSender = 15;
/** Starting a server again takes seconds. */
const kills = runs(4) - 1;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let sql: pg.Client;
let connection: Connection;
let client: Client;
let server: ServerProcess;
let port: number;

function start(temporal: string = inject('temporalAddress')): Promise<ServerProcess> {
  return startServer(port, {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal,
    LMS_WEBHOOK_SECRETS: `${source}=${secret}`,
  });
}

beforeAll(async () => {
  database = await freshDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
  connection = await Connection.connect({ address: inject('temporalAddress') });
  client = new Client({ connection });
  port = await somePort();
}, 120_000);

afterAll(async () => {
  for await (const { workflowId } of client.workflow.list({ query: ours })) {
    await client.workflow.getHandle(workflowId).terminate();
  }
  await connection.close();
  await sql.end();
  await database.drop();
});

const ours = `WorkflowId STARTS_WITH "webhook:${source}:"`;

/** Sends a delivery again and again until it is accepted, as a source does. */
async function deliver(messageId: string): Promise<string> {
  const body = JSON.stringify({ type: 'user.deleted', data: { user: { id: messageId } } });
  for (;;) {
    const request = { method: 'POST', headers: signed(secret, messageId, body), body };
    const answer = await fetch(`http://127.0.0.1:${port}/webhooks/${source}`, request).catch(() => null);
    if (answer?.status === 202) return messageId;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function deliverMany(prefix: string): Promise<string[]> {
  const accepted: string[] = [];
  await Promise.all(
    Array.from({ length: senders }, async (_, sender) => {
      for (let i = 0; i < perSender; i++) accepted.push(await deliver(`${prefix}-${sender}-${i}`));
    }),
  );
  return accepted;
}

async function untilAllStarted(prefix: string, count: number): Promise<void> {
  const started = async (): Promise<unknown> => {
    const { rows } = await sql.query(
      `select count(*)::int as n from lms_lifecycle.inbox where source = $1 and starts_with(message_id, $2) and state = 'started' and payload is null`,
      [source, prefix],
    );
    return rows[0];
  };
  await expect.poll(started, { timeout: 60_000, interval: 100 }).toEqual({ n: count });
}

/** How often each workflow was run, by the message that it comes from. */
async function executions(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for await (const { workflowId } of client.workflow.list({ query: ours })) {
    const message = workflowId.split(':')[2] ?? '';
    found.set(message, (found.get(message) ?? 0) + 1);
  }
  return found;
}

it('X-05 a server killed under load: every delivery that was accepted has exactly one operation', async () => {
  server = await start();
  const sending = deliverMany('kill');
  for (let killed = 0; killed < kills; killed++) {
    const before = await accepted();
    await expect.poll(accepted, { timeout: 30_000, interval: 10 }).toBeGreaterThan(before + 15);
    await server.kill();
    server = await start();
  }
  const messages = await sending;
  expect(messages).toHaveLength(senders * perSender);
  await untilAllStarted('kill', messages.length);
  const expected = new Map(messages.map((message) => [message, 1]));
  await expect.poll(executions, { timeout: 20_000, interval: 500 }).toEqual(expected);
  expect(await server.stop()).toContain('0');
}, 120_000);

it('X-05 while Temporal is away deliveries are accepted, and each has exactly one operation when it is back', async () => {
  const temporalPort = await somePort();
  server = await start(`127.0.0.1:${temporalPort}`);
  const ready = await fetch(new URL('/readyz', server.url));
  expect([ready.status, await ready.json()]).toMatchObject([
    503,
    { checks: { database: { ok: true }, temporal: { ok: false } } },
  ]);
  const before = await accepted();
  const messages = await Promise.all(Array.from({ length: 5 }, (_, i) => deliver(`away-${i}`)));
  expect(await accepted()).toBe(before + 5);
  const temporal = await startTemporal({
    binary: inject('temporalBinary'),
    port: temporalPort,
    headless: true,
    searchAttributes: searchAttributeTypes,
  });
  await untilAllStarted('away', 5);
  const there = await Connection.connect({ address: temporal.address });
  const workflows = new Client({ connection: there }).workflow;
  const instance = (await instanceId(sql)).slice(0, 8);
  for (const message of messages) {
    const { status } = await workflows.getHandle(`webhook:${source}:${message}:0@${instance}`).describe();
    expect(status.name).toBe('RUNNING');
  }
  await there.close();
  await server.stop();
  await temporal.stop();
}, 120_000);

async function accepted(): Promise<number> {
  const { rows } = await sql.query<{ n: number }>('select count(*)::int as n from lms_lifecycle.inbox');
  return rows[0]?.n ?? 0;
}
