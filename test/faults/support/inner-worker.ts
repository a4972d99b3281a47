import { NativeConnection, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import { createActivities } from '../../../activities/create-activities.ts';
import type { Dependencies, OperationSettings } from '../../../activities/dependencies.ts';
import type { HostLms } from '../../../adapters/host-lms.ts';
import { referenceHost } from '../../../adapters/reference/reference-host.ts';
import { temporalExecutions } from '../../../client/executions.ts';
import { openDatabase } from '../../../database/pool.ts';
import type { DatabaseLimits } from '../../../database/pool.ts';
import { quiet } from './quiet.ts';
import type { Site } from './site.ts';

export interface InnerWorkerOptions {
  /** Where its database connections go, if not straight to the site's. */
  databaseUrl?: string;
  taskQueue?: string;
  limits?: Partial<DatabaseLimits>;
  executions?: Dependencies['executions'];
  host?: HostLms;
  settings?: Partial<OperationSettings>;
}

const settings: OperationSettings = {
  approvalAbove: 100,
  approvalExpiryMs: 60_000,
  waivedDrift: [],
  chunkUsers: 3000,
  window: 3,
};

export interface InnerWorker {
  stop(): Promise<void>;
}

/** A worker in the test's own process, for faults that do not end a process. */
export async function startInnerWorker(site: Site, options: InnerWorkerOptions = {}): Promise<InnerWorker> {
  quiet();
  const { databaseUrl = site.databaseUrl, taskQueue = site.taskQueue, limits } = options;
  const defaults = { statementTimeoutMs: 60_000, lockTimeoutMs: 30_000, maxConnections: 30 };
  const database = openDatabase(databaseUrl, { ...defaults, ...limits });
  const connection = await NativeConnection.connect({ address: site.temporalAddress });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: inject('workflowBundle') },
    activities: createActivities({
      database,
      host: options.host ?? referenceHost,
      executions: options.executions ?? temporalExecutions(site.client),
      settings: { ...settings, ...options.settings },
    }),
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
