import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { WorkerSettings } from './worker.ts';

/** A worker in a process of its own. */
export interface WorkerProcess {
  /** The most memory that it has had. */
  maxRssMb(): Promise<number>;
  stop(): Promise<void>;
}

/** Bundles the workflows, ours and the benchmarks', for the workers that are started with it. */
export async function bundleInto(dir: string): Promise<string> {
  const bundle = join(dir, 'bench-workflows.js');
  const workflowsPath = fileURLToPath(new URL('workflows.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  await writeFile(bundle, code);
  return bundle;
}

export function startWorker(settings: WorkerSettings): WorkerProcess {
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), {
    env: { ...process.env, BENCH_WORKER: JSON.stringify(settings) },
    execArgv: process.execArgv,
  });
  const exited = once(child, 'exit');
  return {
    async maxRssMb() {
      const answered = once(child, 'message');
      child.send('memory');
      const [{ maxRssMb }] = (await answered) as [{ maxRssMb: number }];
      return maxRssMb;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
