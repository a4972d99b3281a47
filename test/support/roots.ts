import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { inject } from 'vitest';
import { spawnChild } from '../../dev/child-process.ts';
import type { Child } from '../../dev/child-process.ts';
import { ensureSearchAttributes, searchAttributesUsable } from '../../dev/temporal-search-attributes.ts';
import { eventually } from '../faults/support/eventually.ts';
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
  // The server takes up a new namespace a moment later.
  const registered = () =>
    ensureSearchAttributes(connection, name, searchAttributeTypes).then(
      () => true,
      () => false,
    );
  await eventually(registered, () => 'the namespace cannot be used');
  const usable = () => searchAttributesUsable(connection, name, searchAttributeTypes);
  await eventually(usable, () => 'the search attributes cannot be used');
  return {
    name,
    client: new Client({ connection, namespace: name }),
    close: () => connection.close(),
  };
}

/** A root as it was built, in a process of its own, with everything that it says. */
export interface Root {
  child: Child;
  lines: string[];
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
  const hasStarted = (): boolean => lines.some((line) => line.includes(`${name} started`));
  const problem = (): string => `the ${name} has not started:\n${child.lastLines()}`;
  await eventually(() => child.hasExited() || hasStarted(), problem);
  if (!hasStarted()) throw new Error(problem());
  return { child, lines };
}
