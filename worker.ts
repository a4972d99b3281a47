#!/usr/bin/env node
/** Root: the worker process. Configuration -> database -> adapter -> activities -> Temporal worker. */
import { existsSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from './activities/create-activities.ts';
import { temporalExecutions } from './client/executions.ts';
import { taskQueue } from './client/task-queue.ts';
import { activityLogs } from './composition/activity-logs.ts';
import { dataConverterOf } from './composition/data-converter.ts';
import { hostOf, limitsOf, migrateHost } from './composition/host.ts';
import { serveMetrics } from './composition/metrics-routes.ts';
import { openRegistry, workerMetrics } from './composition/metrics.ts';
import { recipientsOf } from './composition/recipients.ts';
import { deliveryOf, mailerOf, reportsDir } from './composition/reports.ts';
import { versioningOf } from './composition/versioning.ts';
import { readConfig } from './config.ts';
import { describeError } from './database/describe-error.ts';
import { openDatabase } from './database/pool.ts';
import { builtBundle, builtEncodedBundle } from './dev/bundle-workflows.ts';
import { isDevError } from './dev/dev-errors.ts';
import { ensureSearchAttributes } from './dev/temporal-search-attributes.ts';
import { reach } from './composition/reach.ts';
import { openLog, temporalLogger } from './composition/log.ts';
import { tracingOf, untraced } from './composition/switch-tracing.ts';
import { startSweeping } from './reports/sweeping.ts';
import { searchAttributeTypes } from './workflows/search-attributes.ts';

const config = readConfig();
const log = openLog(config.LMS_LOG_LEVEL);
const metricsPort = config.LMS_TEMPORAL_METRICS_PORT;
Runtime.install({
  logger: temporalLogger(log),
  telemetryOptions: {
    // What its native part says comes as lines of the same log.
    logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
    ...(metricsPort !== undefined && {
      metrics: { prometheus: { bindAddress: `127.0.0.1:${metricsPort}` } },
    }),
  },
});

const { databaseUrl, temporal, namespace } = reach(config);
await migrateHost(config, databaseUrl);
const database = openDatabase(databaseUrl, limitsOf(config));
const connection = await Connection.connect(temporal);
await ensureSearchAttributes(connection, namespace, searchAttributeTypes).catch((error: unknown) => {
  if (!isDevError(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
const nativeConnection = await NativeConnection.connect(temporal);
const dataConverter = dataConverterOf(config.LMS_CODEC_KEYS);
const client = new Client({ connection, namespace, dataConverter });
const bundle = dataConverter.failureConverterPath ? builtEncodedBundle : builtBundle;
if (!existsSync(bundle)) throw new Error(`${bundle} is missing: npm run build`);
const tracing = await tracingOf(config, log);

const mailer = mailerOf(config);
const registry = openRegistry(database);
const worker = await Worker.create({
  connection: nativeConnection,
  namespace,
  taskQueue,
  workflowBundle: { codePath: bundle },
  dataConverter,
  interceptors: { activity: [...(tracing?.activities ?? []), activityLogs] },
  sinks: tracing?.sinks ?? untraced,
  activities: createActivities({
    database,
    host: hostOf(config),
    executions: temporalExecutions(client),
    reports: deliveryOf(config, mailer),
    recipients: recipientsOf(config, namespace, mailer),
    metrics: workerMetrics(registry),
    settings: {
      approvalAbove: config.LMS_APPROVAL_ABOVE,
      approvalExpiryMs: config.LMS_APPROVAL_EXPIRY_S * 1000,
      waivedDrift: config.LMS_WAIVED_DRIFT,
      chunkUsers: config.LMS_CHUNK_USERS,
      window: config.LMS_CHUNK_WINDOW,
    },
  }),
  ...versioningOf(config),
  maxCachedWorkflows: 200,
  // What a killed worker held goes to another one after this, instead of ten seconds.
  stickyQueueScheduleToStartTimeout: '2 seconds',
  // As often as activities beat, so that a short stall does not look like a dead worker.
  maxHeartbeatThrottleInterval: '1 second',
  maxConcurrentActivityTaskExecutions: 20,
  // On SIGTERM: finish the step that runs; what is left goes to another worker, or to the next start.
  shutdownGraceTime: '20 seconds',
});
const shown = await serveMetrics(registry, config.LMS_METRICS_PORT);
const sweeping = startSweeping(reportsDir(config), {
  removed: (files) => log.debug({ files }, 'expired reports removed'),
  failed: (error) => log.error({ reason: describeError(error) }, 'expired reports could not be removed'),
});
log.info({ taskQueue, namespace, host: config.LMS_ADAPTER }, 'worker started');
await worker.run();
sweeping.stop();
await shown?.close();
mailer?.close();
await nativeConnection.close();
await connection.close();
await database.close();
await tracing?.close();
