import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { spawnChild } from '../../../dev/child-process.ts';
import type { Child } from '../../../dev/child-process.ts';
import { startTemporal } from '../../../dev/embedded-temporal.ts';
import { searchAttributeTypes } from '../../../workflows/search-attributes.ts';
import { eventually } from '../../faults/support/eventually.ts';
import { openSite } from '../../faults/support/site.ts';
import type { Site } from '../../faults/support/site.ts';
import { taskQueue } from '../../../client/task-queue.ts';
import { freshDatabase } from '../../support/fresh-database.ts';

/** A worker or a server as production runs it: the build, in a process of its own. */
export interface Root extends Child {
  /** What it has written, line by line. */
  lines: string[];
}

/** A database and a Temporal server for such processes alone: they all have the same task queue. */
export interface Instance extends Site {
  /** Starts a process; returns when it has said that it is there. */
  run(root: 'worker' | 'server', settings?: Record<string, string>): Promise<Root>;
}

export async function openInstance(): Promise<Instance> {
  const [database, temporal] = await Promise.all([
    freshDatabase(),
    startTemporal({
      binary: inject('temporalBinary'),
      headless: true,
      searchAttributes: searchAttributeTypes,
    }),
  ]);
  const site = await openSite(database.url, temporal.address, taskQueue);
  const env = { DATABASE_URL: database.url, TEMPORAL_ADDRESS: temporal.address };
  const roots: Root[] = [];
  return {
    ...site,
    run: async (name, settings = {}) => {
      const root = await runRoot(name, { ...env, ...settings });
      roots.push(root);
      return root;
    },
    close: async () => {
      for (const root of roots) await root.end(5_000);
      await site.close();
      await temporal.stop();
      await database.drop();
    },
  };
}

async function runRoot(name: 'worker' | 'server', env: Record<string, string>): Promise<Root> {
  const lines: string[] = [];
  const child = await spawnChild({
    name,
    command: process.execPath,
    args: [fileURLToPath(new URL(`../../../dist/${name}.js`, import.meta.url))],
    env,
    stopSignal: 'SIGTERM',
    log: (line) => void lines.push(line.slice(`${name}: `.length)),
  });
  const started = `${name} started`;
  await eventually(
    () => child.hasExited() || lines.some((line) => line.includes(started)),
    () => `the ${name} has not started`,
  );
  if (child.hasExited()) throw new Error(`the ${name} did not start:\n${child.lastLines()}`);
  return Object.assign(child, { lines });
}
