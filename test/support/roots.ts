import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { inject } from 'vitest';
import { spawnChild } from '../../dev/child-process.ts';
import type { Child } from '../../dev/child-process.ts';
import { ensureSearchAttributes, searchAttributesUsable } from '../../dev/temporal-search-attributes.ts';
import { searchAttributeTypes } from '../../workflows/search-attributes.ts';

/** A namespace of the tests' Temporal server for workers of production, which all have the same task queue. */
export interface OwnNamespace {
  name: string;
  client: Client;
  close(): Promise<void>;
}

export async function openNamespace(): Promise<OwnNamespace> {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const name = `test-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace: name,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  await eventually(() => ensureSearchAttributes(connection, name, searchAttributeTypes).then(() => true));
  await eventually(() => searchAttributesUsable(connection, name, searchAttributeTypes));
  return {
    name,
    client: new Client({ connection, namespace: name }),
    close: () => connection.close(),
  };
}

/** The server takes up a new namespace a moment later. */
async function eventually(work: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const done = await work().catch((error: unknown) => {
      if (Date.now() > deadline) throw error;
      return false;
    });
    if (done) return;
    if (Date.now() > deadline) throw new Error('the namespace does not come to be usable');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A root as it was built, in a process of its own, with everything that it says. */
export interface Root {
  child: Child;
  lines: string[];
  /** Returns when it has said this. */
  said(words: string): Promise<void>;
}

/** Starts `dist/NAME.js` in a namespace; returns when it has started. */
export async function startRoot(
  name: 'worker' | 'server',
  namespace: string,
  env: Record<string, string>,
): Promise<Root> {
  const lines: string[] = [];
  const child = await spawnChild({
    name,
    command: process.execPath,
    args: [fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url))],
    env: { TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: namespace, ...env },
    stopSignal: 'SIGTERM',
    log: (line) => void lines.push(line),
  });
  const said = async (words: string): Promise<void> => {
    const deadline = Date.now() + 60_000;
    while (!lines.some((line) => line.includes(words))) {
      if (child.hasExited() || Date.now() > deadline)
        throw new Error(`the ${name} has not said '${words}':\n${child.lastLines()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await said(`${name} started`);
  return { child, lines, said };
}
