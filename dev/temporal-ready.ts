import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { Child } from './child-process.ts';
import { devError, isDevError, remedyFor, systemErrorInText } from './dev-errors.ts';
import { ensureSearchAttributes, searchAttributesUsable } from './temporal-search-attributes.ts';
import type { SearchAttributes } from './temporal-search-attributes.ts';

interface Wanted {
  namespace?: string | undefined;
  searchAttributes: SearchAttributes;
}

const startTimeoutMs = 60_000;

/**
 * Returns when the server really serves: it answers, the namespace is there, the search attributes are
 * registered and can be used. DevErrors: NO_START and those of a system error that its log tells
 * (EADDRINUSE, ENOSPC, …), SEARCH_ATTRIBUTE.
 */
export async function untilTemporalReady(child: Child, address: string, options: Wanted): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  let last: unknown;
  while (!child.hasExited() && Date.now() < deadline) {
    try {
      if (await isReady(address, options)) return;
    } catch (error) {
      if (isDevError(error)) throw error;
      last = error;
    }
    await sleep(100);
  }
  throw await notStarted(child, last);
}

async function isReady(
  address: string,
  { namespace = 'default', searchAttributes }: Wanted,
): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: '2s' });
  try {
    return await connection.withDeadline(Date.now() + 10_000, async () => {
      await connection.workflowService.describeNamespace({ namespace });
      await ensureSearchAttributes(connection, namespace, searchAttributes);
      return searchAttributesUsable(connection, namespace, searchAttributes);
    });
  } finally {
    await connection.close();
  }
}

async function notStarted(child: Child, last: unknown): Promise<Error> {
  const how = child.hasExited() ? await child.exited : `not ready after ${startTimeoutMs / 1000} seconds`;
  const code = systemErrorInText(child.lastLines()) ?? 'NO_START';
  const remedy =
    remedyFor(code, '') ?? 'If its data are of no value, begin anew: start --fresh (which deletes them).';
  return devError(code, `The Temporal server did not start (${how}):\n${child.lastLines()}`, remedy, last);
}
