import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { taskQueue } from '../client/task-queue.ts';
import { reach } from '../composition/reach.ts';
import type { Config } from '../config.ts';

const timeoutMs = 60_000;

/** Waits until a worker polls the task queue. @throws when none does within a minute */
export async function workerReady(config: Config): Promise<void> {
  const { temporal, namespace } = reach(config);
  const connection = await Connection.connect(temporal);
  const deadline = Date.now() + timeoutMs;
  try {
    while (Date.now() < deadline) {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
      });
      if (pollers.length > 0) return;
      await sleep(100);
    }
  } finally {
    await connection.close();
  }
  throw new Error(`no worker came up within ${timeoutMs / 1000} s; its messages are above`);
}
