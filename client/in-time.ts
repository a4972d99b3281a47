import type { Client } from '@temporalio/client';

/** How long Temporal may take to answer. */
const timeoutMs = 10_000;

/** Asks Temporal, and gives up after ten seconds: for callers that have other work to do. @throws when it did not answer */
export function inTime<T>(client: Client, ask: () => Promise<T>): Promise<T> {
  return client.connection.withDeadline(Date.now() + timeoutMs, ask);
}
