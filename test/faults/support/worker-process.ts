/** Run as a process of its own: a worker as production has it, from the sources, on the task queue of a test. */
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../../activities/create-activities.ts';
import { temporalExecutions } from '../../../client/executions.ts';
import { hostOf, limitsOf } from '../../../composition/host.ts';
import { reach } from '../../../composition/reach.ts';
import { recipientsOf } from '../../../composition/recipients.ts';
import { mailerOf } from '../../../composition/reports.ts';
import { readConfig } from '../../../config.ts';
import { openDatabase } from '../../../database/pool.ts';
import { quiet } from './quiet.ts';

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
}

const config = readConfig();
quiet();
const { databaseUrl, temporal, namespace } = reach(config);
const connection = await Connection.connect(temporal);
const worker = await Worker.create({
  connection: await NativeConnection.connect(temporal),
  namespace,
  taskQueue: required('TEST_TASK_QUEUE'),
  workflowBundle: { codePath: required('TEST_WORKFLOW_BUNDLE') },
  activities: createActivities({
    database: openDatabase(databaseUrl, {
      ...limitsOf(config),
      // Many operations are held up at once, each in a transaction of its own.
      maxConnections: 60,
      idleInTransactionTimeoutMs: Number(required('TEST_IDLE_IN_TRANSACTION_MS')),
    }),
    host: hostOf(config),
    executions: temporalExecutions(new Client({ connection, namespace })),
    recipients: recipientsOf(config, namespace, mailerOf(config)),
    settings: {
      approvalAbove: config.LMS_APPROVAL_ABOVE,
      approvalExpiryMs: config.LMS_APPROVAL_EXPIRY_S * 1000,
      waivedDrift: [],
      chunkUsers: config.LMS_CHUNK_USERS,
      window: config.LMS_CHUNK_WINDOW,
    },
  }),
  maxCachedWorkflows: 200,
  // A killed worker's workflows stay reserved for it for so long (10 seconds by default): the tests need not wait.
  stickyQueueScheduleToStartTimeout: '2 seconds',
  maxHeartbeatThrottleInterval: '1 second',
  shutdownGraceTime: '1 second',
});
const running = worker.run();
console.log('ready');
await running;
process.exit(0);
