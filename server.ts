#!/usr/bin/env node
/** Root: the HTTP side. Configuration -> database and Temporal's client -> routes -> server; drains on SIGTERM and SIGINT. */
import { Client, Connection } from '@temporalio/client';
import type { FastifyPluginAsync } from 'fastify';
import { standingOf } from './client/executions.ts';
import { startOnce } from './client/start-once.ts';
import { buildServer } from './composition/build-server.ts';
import { dataConverterOf } from './composition/data-converter.ts';
import { healthRoutes } from './composition/health.ts';
import { hostOf, limitsOf, supportsOf } from './composition/host.ts';
import { openLog } from './composition/log.ts';
import { openRegistry } from './composition/metrics.ts';
import { reach } from './composition/reach.ts';
import { readinessChecks } from './composition/readiness.ts';
import { tracingOf } from './composition/switch-tracing.ts';
import { reportRoutes } from './composition/report-routes.ts';
import { readConfig } from './config.ts';
import { openDatabase } from './database/pool.ts';
import { importRoutes } from './imports/http/import-routes.ts';
import { parseSettings } from './imports/parse-import.ts';
import { scimRoutes } from './webhooks/scim/scim-routes.ts';
import { webhookSide } from './webhooks/webhook-side.ts';

/** How long requests under way may still take once the process is told to stop. */
const drainMs = 20_000;

const config = readConfig();
const log = openLog(config.LMS_LOG_LEVEL);
const { databaseUrl, temporal, namespace } = reach(config);
const database = openDatabase(databaseUrl, limitsOf(config));
const host = hostOf(config);
// Connects at the first call: deliveries are accepted while Temporal is away.
const connection = Connection.lazy(temporal);

const waivedDrift = config.LMS_WAIVED_DRIFT;
const health = healthRoutes(readinessChecks({ database, host, waivedDrift, connection, namespace }));
const tracing = await tracingOf(config, log);
const client = new Client({
  connection,
  namespace,
  dataConverter: dataConverterOf(config.LMS_CODEC_KEYS),
  ...(tracing && { interceptors: { workflow: [tracing.client] } }),
});
const webhooks = webhookSide({
  database,
  log,
  keys: config.LMS_WEBHOOK_SECRETS,
  retentionDays: config.LMS_INBOX_RETENTION_DAYS,
  standing: (id) => standingOf(client, id),
  start: (request) => startOnce(client, request),
  host,
  supports: supportsOf(host),
  trace: tracing?.carrier,
});
const tokens = config.LMS_HTTP_TOKENS ?? [];
const imports: FastifyPluginAsync = (app) =>
  importRoutes(app, {
    ...{ database, host, client, tokens },
    ...{ parse: parseSettings, chunkUsers: config.LMS_CHUNK_USERS },
  });
const scim: FastifyPluginAsync = (app) =>
  scimRoutes(app, { database, host, tokens, accept: webhooks.accept });
const more = reportRoutes(config, openRegistry(database));
const app = await buildServer({
  log,
  routes: [health, webhooks.routes, imports, scim, ...more],
  traceRequests: tracing?.requests,
});
await app.listen({ port: config.LMS_HTTP_PORT, host: config.LMS_HTTP_HOST });
log.info({ host: config.LMS_ADAPTER, addresses: app.addresses() }, 'server started');

async function stop(): Promise<void> {
  setTimeout(() => {
    app.server.closeAllConnections();
  }, drainMs).unref();
  await app.close();
  await webhooks.stop();
  await connection.close();
  await database.close();
  await tracing?.close();
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
