import type { Dependencies } from './dependencies.ts';
import { requireOpen } from './operation.ts';
import type { Attention } from '../contracts/operations.ts';
import { retryIsolated, skipIsolated, summarizeTargets } from '../ledger/attention.ts';

/** The lines that need attention, at most the first hundred. */
export async function attentionOf(
  deps: Dependencies,
  { operation }: { operation: string },
): Promise<Attention[]> {
  const { attention } = await deps.database.transaction((sql) => summarizeTargets(sql, operation));
  return attention;
}

/** Takes the users whom the host refused back into their chunks. Again: a no-op. */
export async function retryAttention(
  deps: Dependencies,
  { operation }: { operation: string },
): Promise<void> {
  await deps.database.transaction(async (sql) => {
    await requireOpen(sql, operation);
    await retryIsolated(sql, operation);
  });
}

/** Gives up what is pending for the users whom the host refused. Again: a no-op. */
export async function skipAttention(deps: Dependencies, { operation }: { operation: string }): Promise<void> {
  await deps.database.transaction(async (sql) => {
    await requireOpen(sql, operation);
    await skipIsolated(sql, operation);
  });
}
