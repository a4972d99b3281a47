import { CancelledFailure } from '@temporalio/activity';
import type { Dependencies } from './dependencies.ts';
import { requireDelivery, selectionOf } from './open-report.ts';
import { requireOpen } from './operation.ts';
import { columnsOf, reportFile } from './read-report.ts';
import { runReportSchema } from '../contracts/operations.ts';
import type { RunReportInput } from '../contracts/operations.ts';
import type { WrittenReport } from '../contracts/reports.ts';
import type { OperationRow } from '../ledger/operations.ts';
import type { LinkClaim } from '../reports/link.ts';
import { removeReport, reportFileName, storeReport } from '../reports/report-files.ts';

/**
 * Writes the file of a report: whole or not at all, from one snapshot of the host (P-03). Again: the same file is replaced by a
 * newer one, under the same name and until the same moment.
 *
 * @param signal breaks it off
 */
export async function writeReport(
  deps: Dependencies,
  { operation: id }: { operation: string },
  signal: AbortSignal,
): Promise<WrittenReport> {
  const { directory, expiryMs } = requireDelivery(deps);
  return deps.database.snapshot(async (sql) => {
    const operation = await requireOpen(sql, id);
    const input = runReportSchema.parse(operation.input);
    const columns = await columnsOf(sql, deps.host, selectionOf(input));
    const claim = claimOf(operation, input, expiryMs);
    const tally = { users: 0 };
    const content = reportFile(sql, deps.host, { columns, format: input.format }, tally);
    try {
      const size = await storeReport(directory, claim, content, signal);
      return { file: claim.file, ...tally, size, expiresAt: new Date(claim.expires * 1000).toISOString() };
    } catch (error) {
      throw signal.aborted ? new CancelledFailure('the report was cancelled') : error;
    }
  });
}

/** Removes what `writeReport` has written, when nobody is going to get the link. */
export async function discardReport(
  deps: Dependencies,
  { operation: id }: { operation: string },
): Promise<void> {
  const { directory, expiryMs } = requireDelivery(deps);
  const operation = await deps.database.transaction((sql) => requireOpen(sql, id));
  await removeReport(directory, claimOf(operation, runReportSchema.parse(operation.input), expiryMs));
}

/** Always the same for an operation: which file it writes, and when that ends. */
function claimOf({ id, openedAt }: OperationRow, { format }: RunReportInput, expiryMs: number): LinkClaim {
  const expires = Math.floor((Date.parse(openedAt) + expiryMs) / 1000);
  return { file: reportFileName(id, format), expires };
}
