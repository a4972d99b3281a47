import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { spawnChild } from '../../../dev/child-process.ts';
import type { Child } from '../../../dev/child-process.ts';

/** Where a worker finds what it works on. */
export interface Workplace {
  databaseUrl: string;
  temporalAddress: string;
  taskQueue: string;
}

export interface WorkerProcess {
  pid: number;
  hasExited(): boolean;
  /** SIGKILL; returns when it is dead. */
  kill(): Promise<void>;
  /** SIGSTOP: as if its machine had been suspended. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  stop(): Promise<void>;
}

const entry = fileURLToPath(new URL('./worker-process.ts', import.meta.url));

/** Starts a worker as a process of its own; returns when it takes tasks. */
export async function startWorker(
  workplace: Workplace,
  settings: Record<string, string> = {},
): Promise<WorkerProcess> {
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((settle) => (ready = settle));
  const child = await spawnChild({
    name: 'worker',
    command: process.execPath,
    args: ['--import', 'tsx', entry],
    env: {
      DATABASE_URL: workplace.databaseUrl,
      TEMPORAL_ADDRESS: workplace.temporalAddress,
      TEST_TASK_QUEUE: workplace.taskQueue,
      TEST_WORKFLOW_BUNDLE: inject('workflowBundle'),
      // A step that is held up by the test waits for that, and not in vain.
      LMS_LOCK_TIMEOUT_S: '120',
      TEST_IDLE_IN_TRANSACTION_MS: '60000',
      ...settings,
    },
    stopSignal: 'SIGTERM',
    log: (line) => {
      if (line === 'worker: ready') ready();
    },
  });
  const died = child.exited.then((how) => {
    throw new Error(`the worker did not start (${how}):\n${child.lastLines()}`);
  });
  await Promise.race([isReady, died]);
  died.catch(() => undefined);
  return asWorker(child);
}

function asWorker(child: Child): WorkerProcess {
  return {
    pid: child.pid,
    hasExited: () => child.hasExited(),
    kill: async () => {
      child.signal('SIGKILL');
      await child.exited;
    },
    freeze: () => child.signal('SIGSTOP'),
    thaw: () => child.signal('SIGCONT'),
    stop: () => child.end(5_000),
  };
}
