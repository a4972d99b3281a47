/**
 * The worker of the benchmark, a process of its own: the root's settings and activities, with the benchmark's workflows
 * in its bundle. Asked for anything, it answers with the most memory that it has ever had.
 */
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import { referenceHost } from '../adapters/reference/reference-host.ts';
import { temporalExecutions } from '../client/executions.ts';
import { openDatabase } from '../database/pool.ts';

/** What the parent hands over, as JSON in the environment: it holds a password. */
export interface WorkerSettings {
  databaseUrl: string;
  temporalAddress: string;
  taskQueue: string;
  bundle: string;
}

/** The activity that the empty workflow is made of. */
export interface Nothing {
  nothing(): Promise<void>;
}

/** Runs in the child only; the workflows import this file for its types. */
async function main(given: string): Promise<void> {
  const { databaseUrl, temporalAddress: address, taskQueue, bundle } = JSON.parse(given) as WorkerSettings;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const nothing: Nothing = { nothing: () => Promise.resolve() };
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    workflowBundle: { codePath: bundle },
    activities: {
      ...createActivities({
        database: openDatabase(databaseUrl, {
          statementTimeoutMs: 300_000,
          lockTimeoutMs: 30_000,
          maxConnections: 20,
        }),
        host: referenceHost,
        executions: temporalExecutions(client),
        settings: { approvalAbove: Number.MAX_SAFE_INTEGER, approvalExpiryMs: 60_000, waivedDrift: [] },
      }),
      ...nothing,
    },
    maxCachedWorkflows: 200,
    maxConcurrentActivityTaskExecutions: 20,
  });
  process.on('message', () => process.send?.({ maxRssMb: process.resourceUsage().maxRSS / 1024 }));
  process.on('disconnect', () => process.exit(0));
  await worker.run();
}

const given = process.env['BENCH_WORKER'];
if (given !== undefined) await main(given);
