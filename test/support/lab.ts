import { randomUUID } from 'node:crypto';
import { Client, Connection, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { DataConverter } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Logger } from '@temporalio/worker';
import pg from 'pg';
import { inject } from 'vitest';
import { createActivities } from '../../activities/create-activities.ts';
import type { OperationSettings } from '../../activities/dependencies.ts';
import type { Metrics } from '../../activities/metrics.ts';
import type { Recipients } from '../../activities/notices.ts';
import type { ReportDelivery } from '../../activities/report-delivery.ts';
import type { HostLms } from '../../adapters/host-lms.ts';
import { dumpWorld } from '../../adapters/reference/dump-world.ts';
import { loadWorld } from '../../adapters/reference/load-world.ts';
import { referenceHost } from '../../adapters/reference/reference-host.ts';
import { temporalExecutions } from '../../client/executions.ts';
import { untraced } from '../../composition/switch-tracing.ts';
import type { OperationResult } from '../../contracts/operations.ts';
import type { Sql } from '../../contracts/sql.ts';
import type { World } from '../../contracts/world.ts';
import { openDatabase } from '../../database/pool.ts';
import { entriesOf } from '../../activities/user-refs.ts';
import { storeList } from '../../ledger/lists.ts';
import { listChanges } from '../../ledger/changes.ts';
import type { ChangeRow } from '../../ledger/changes.ts';
import { urlAs } from './database-role.ts';
import { freshDatabase } from './fresh-database.ts';

export type { ChangeRow } from '../../ledger/changes.ts';

/** How an operation failed, as a caller sees it. */
export class OperationFailed extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** A workflow under way. */
export interface Running {
  workflowId: string;
  /** @throws OperationFailed */
  result(): Promise<OperationResult>;
  /** Sends an Update, for example `update('approve', { by, planHash })`. @throws OperationFailed when it is refused */
  update<R = unknown>(name: string, argument?: unknown): Promise<R>;
  query<R = unknown>(name: string, argument?: unknown): Promise<R>;
}

/**
 * A real reference host in its own database, with a real Temporal server and worker. One per test file:
 * `const lab = await openLab()` in beforeAll, `await lab.close()` in afterAll.
 */
export interface Lab {
  /** Replaces the world (and empties the ledger). */
  load(world: World): Promise<void>;
  dump(): Promise<World>;
  start(workflow: string, input: unknown): Promise<Running>;
  /** Starts and waits. @throws OperationFailed */
  run(workflow: string, input: unknown): Promise<OperationResult>;
  /** Stores a list of users, as the command line does with a file; its id. */
  storeList(refs: readonly string[]): Promise<string>;
  /** All changes of an operation in plan order. */
  changes(operation: string): Promise<ChangeRow[]>;
  sql: Sql;
  databaseUrl: string;
  client: Client;
  taskQueue: string;
  close(): Promise<void>;
}

const settings: OperationSettings = {
  approvalAbove: 100,
  approvalExpiryMs: 7 * 24 * 60 * 60 * 1000,
  waivedDrift: [],
  chunkUsers: 3000,
  window: 3,
};

/** What a worker has beside its database and settings. */
export interface WorkerParts {
  host?: HostLms;
  reports?: ReportDelivery | undefined;
  recipients?: Recipients;
  metrics?: Metrics;
  /** Takes everything that the worker says; a test file has one for all its labs. */
  logger?: Logger;
  /** How payloads are encoded, by the worker and by the lab's client. */
  dataConverter?: DataConverter;
  /** Instead of the bundle that all tests share. */
  workflowBundle?: string;
  /** How many steps run at the same time; by default as many as Temporal's SDK has. */
  slots?: number;
}

export async function openLab(
  overrides: Partial<OperationSettings> = {},
  parts: WorkerParts = {},
): Promise<Lab> {
  const fresh = await freshDatabase();
  const sql = new pg.Client(fresh.url);
  await sql.connect();
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const client = new Client({ connection, ...encoded(parts) });
  const taskQueue = `test-${randomUUID()}`;
  const given = { ...settings, ...overrides };
  const worker = await startWorker(fresh.url, taskQueue, client, given, parts.host ?? referenceHost, parts);

  const lab: Lab = {
    sql,
    databaseUrl: fresh.url,
    client,
    taskQueue,
    load: (world) => reload(sql, world),
    dump: () => dumpWorld(sql),
    start: async (workflow, input) => {
      const workflowId = `${workflow}-${randomUUID()}`;
      return running(await client.workflow.start(workflow, { workflowId, taskQueue, args: [input] }));
    },
    run: async (workflow, input) => (await lab.start(workflow, input)).result(),
    storeList: async (refs) => {
      const id = randomUUID();
      await storeList(sql, id, 'test', entriesOf([...refs]));
      return id;
    },
    changes: (operation) => listChanges(sql, operation, 0, 100_000),
    close: async () => {
      await worker.stop();
      await connection.close();
      await sql.end();
      await fresh.drop();
    },
  };
  return lab;
}

/** A worker in this process, on a task queue of its own. Its database role may no more than in production. */
export async function startWorker(
  databaseUrl: string,
  taskQueue: string,
  client: Client,
  operationSettings: OperationSettings = settings,
  host: HostLms = referenceHost,
  parts: WorkerParts = {},
): Promise<{ stop(): Promise<void> }> {
  quiet(parts.logger);
  const database = openDatabase(urlAs(databaseUrl, 'worker'), {
    statementTimeoutMs: 60_000,
    lockTimeoutMs: 30_000,
    maxConnections: 10,
  });
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const activities = createActivities({
    database,
    host,
    executions: temporalExecutions(client),
    settings: operationSettings,
    reports: parts.reports,
    recipients: parts.recipients,
    metrics: parts.metrics,
  });
  const workflowBundle = { codePath: parts.workflowBundle ?? inject('workflowBundle') };
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle,
    activities,
    maxCachedWorkflows: 50,
    sinks: untraced,
    ...(parts.slots !== undefined && { maxConcurrentActivityTaskExecutions: parts.slots }),
    ...encoded(parts),
  });
  const running = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await running;
      await connection.close();
      await database.close();
    },
  };
}

function encoded({ dataConverter }: WorkerParts): { dataConverter?: DataConverter } {
  return dataConverter ? { dataConverter } : {};
}

let installed = false;
function quiet(logger?: Logger): void {
  if (installed) return;
  Runtime.install({
    logger: logger ?? new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: logger ? 'DEBUG' : 'ERROR', forward: {} } },
  });
  installed = true;
}

/** The ledger refuses to be emptied; only here, as a superuser with its triggers off, is it. */
async function reload(sql: pg.Client, world: World): Promise<void> {
  await sql.query('begin');
  await sql.query('set local session_replication_role = replica');
  for (const table of [
    'row_image',
    'change',
    'operation_chunk',
    'operation_target',
    'operation_note',
    'claim',
    'operation',
  ]) {
    await sql.query(`delete from lms_lifecycle.${table}`);
  }
  await sql.query('set local session_replication_role = origin');
  await loadWorld(sql, world, { replace: true });
  await sql.query('commit');
}

export function running(handle: WorkflowHandle): Running {
  return {
    workflowId: handle.workflowId,
    result: () => asFailed(() => handle.result() as Promise<OperationResult>),
    update: <R>(name: string, argument?: unknown) =>
      asFailed(() => handle.executeUpdate<R, [unknown]>(name, { args: [argument] })),
    query: (name, argument) => handle.query(name, ...(argument === undefined ? [] : [argument])),
  };
}

async function asFailed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failed = error instanceof WorkflowFailedError || error instanceof WorkflowUpdateFailedError;
    if (failed && error.cause instanceof ApplicationFailure) {
      throw new OperationFailed(error.cause.type ?? '', error.cause.message);
    }
    throw error;
  }
}
