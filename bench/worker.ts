/**
 * The worker of the benchmarks, a process of its own: the root's settings and activities, with the benchmarks' workflows
 * in its bundle. Asked for anything, it answers with the most memory that it has ever had.
 */
import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import { moodleHost } from '../adapters/moodle/moodle-host.ts';
import { referenceHost } from '../adapters/reference/reference-host.ts';
import { temporalExecutions } from '../client/executions.ts';
import { openDatabase } from '../database/pool.ts';

/** What the parent hands over, as JSON in the environment: it holds a password. */
export interface WorkerSettings {
  databaseUrl: string;
  temporalAddress: string;
  taskQueue: string;
  bundle: string;
  host: 'reference' | 'moodle';
  chunkUsers: number;
  window: number;
}

/** The activity that the empty workflow is made of. */
export interface Nothing {
  nothing(): Promise<void>;
}

/** Runs in the child only; the workflows import this file for its types. */
async function main(settings: WorkerSettings): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
  const address = settings.temporalAddress;
  const client = new Client({ connection: await Connection.connect({ address }) });
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue: settings.taskQueue,
    workflowBundle: { codePath: settings.bundle },
    activities: activities(settings, client),
    maxCachedWorkflows: 200,
    stickyQueueScheduleToStartTimeout: '2 seconds',
    maxHeartbeatThrottleInterval: '1 second',
    maxConcurrentActivityTaskExecutions: 20,
  });
  process.on('message', () => process.send?.({ maxRssMb: maxRssMb() }));
  process.on('disconnect', () => process.exit(0));
  await worker.run();
}

function activities({ databaseUrl, host, chunkUsers, window }: WorkerSettings, client: Client) {
  const limits = { statementTimeoutMs: 300_000, lockTimeoutMs: 30_000, maxConnections: 20 };
  const nothing: Nothing = { nothing: () => Promise.resolve() };
  return {
    ...createActivities({
      database: openDatabase(databaseUrl, limits),
      host: host === 'reference' ? referenceHost : moodleHost({ tablePrefix: 'mdl_', policy: 'rules' }),
      executions: temporalExecutions(client),
      settings: {
        approvalAbove: Number.MAX_SAFE_INTEGER,
        approvalExpiryMs: 60_000,
        waivedDrift: [],
        chunkUsers,
        window,
      },
    }),
    ...nothing,
  };
}

/** On Linux a child's `maxRSS` is at least what its parent had when it was forked; what the program itself had is elsewhere. */
function maxRssMb(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

const given = process.env['BENCH_WORKER'];
if (given !== undefined) await main(JSON.parse(given) as WorkerSettings);
