/**
 * Root: a server for the benchmark of webhooks, in a process of its own: ours, or the least that could be. Asked for its `url` it
 * answers when it listens; asked for its `memory`, with what it has.
 */
import { Client, Connection } from '@temporalio/client';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import pg from 'pg';
import pino from 'pino';
import { referenceHost } from '../adapters/reference/reference-host.ts';
import { standingOf } from '../client/executions.ts';
import { startOnce } from '../client/start-once.ts';
import { buildServer } from '../composition/build-server.ts';
import { supportsOf } from '../composition/host.ts';
import { openDatabase } from '../database/pool.ts';
import { parseSourceKeys } from '../webhooks/source-secrets.ts';
import { webhookSide } from '../webhooks/webhook-side.ts';
import { answering, settingsOfParent } from './forked.ts';

export interface WebhookServerSettings {
  which: 'bare' | 'ours';
  databaseUrl: string;
  temporalAddress: string;
  secret: string;
}

/** In megabytes. */
export interface Memory {
  rssMb: number;
  heapMb: number;
}

const connections = 20;

const listening = listen(settingsOfParent() as WebhookServerSettings);
answering((question) => (question === 'url' ? listening : memory()));

async function listen(settings: WebhookServerSettings): Promise<string> {
  const app = settings.which === 'bare' ? bare(settings) : await ours(settings);
  return app.listen({ port: 0, host: '127.0.0.1' });
}

function memory(): Memory {
  const { rss, heapUsed } = process.memoryUsage();
  return { rssMb: Math.round(rss / 1e6), heapMb: Math.round(heapUsed / 1e6) };
}

/** fastify, and one insert for each request: no signature, no schema, no operation. */
function bare({ databaseUrl }: WebhookServerSettings): FastifyInstance {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connections });
  const app = Fastify();
  app.post('/webhooks/lms', async (request, reply) => {
    await pool.query('insert into bench_bare (id, payload) values ($1, $2) on conflict do nothing', [
      request.headers['webhook-id'],
      JSON.stringify(request.body),
    ]);
    return reply.code(202).send({ accepted: true });
  });
  return app;
}

async function ours({
  databaseUrl,
  temporalAddress,
  secret,
}: WebhookServerSettings): Promise<FastifyInstance> {
  const limits = { statementTimeoutMs: 60_000, lockTimeoutMs: 30_000, maxConnections: connections };
  const client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
  const log = pino({ level: 'error' }, pino.destination(2));
  const side = webhookSide({
    database: openDatabase(databaseUrl, limits),
    log,
    keys: parseSourceKeys(`lms=whsec_${secret}`, (problem) => {
      throw new Error(problem);
    }),
    retentionDays: 90,
    standing: (id) => standingOf(client, id),
    start: (request) => startOnce(client, request),
    host: referenceHost,
    supports: supportsOf(referenceHost),
  });
  return buildServer({ log, routes: [side.routes] });
}
