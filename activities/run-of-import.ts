import type { Dependencies } from './dependencies.ts';
import type { ImportRun } from '../ledger/imports.ts';

/**
 * Of the operations that were to run an import the one that did, or that is about to; null when it may be run: an import is run
 * once.
 */
export async function runOfImport(
  { executions }: Pick<Dependencies, 'executions'>,
  runs: readonly ImportRun[],
): Promise<ImportRun | null> {
  for (const run of runs) {
    if (run.state === 'done' || (await executions.isOpen(run.workflowId, run.id))) return run;
  }
  return null;
}
