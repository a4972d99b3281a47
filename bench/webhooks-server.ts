/** Root: a server for the benchmark of webhooks, in a process of its own: ours, or the least that could be. */
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

export interface WebhookServerSettings {
  which: 'bare' | 'ours';
  databaseUrl: string;
  temporalAddress: string;
  secret: string;
}

const settings = JSON.parse(process.env['BENCH_SERVER'] ?? '{}') as WebhookServerSettings;
const connections = 20;

/** fastify, and one insert for each request: no signature, no schema, no operation. */
function bare(): FastifyInstance {
  const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: connections });
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

async function ours(): Promise<FastifyInstance> {
  const { databaseUrl, temporalAddress, secret } = settings;
  const limits = { statementTimeoutMs: 60_000, lockTimeoutMs: 30_000, maxConnections: connections };
  const client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
  const log = pino({ level: 'error' }, pino.destination(2));
  const side = webhookSide({
    database: openDatabase(databaseUrl, limits),
    log,
    keys: parseSourceKeys(`lms=${secret}`, (problem) => {
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

const app = settings.which === 'bare' ? bare() : await ours();
const address = await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.(address);
process.once('disconnect', () => process.exit());
