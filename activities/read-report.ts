import type { Dependencies } from './dependencies.ts';
import { Refusal } from '../contracts/failures.ts';
import type { ReportCell, ReportFormat, UserColumn } from '../contracts/reports.ts';
import type { Sql } from '../contracts/sql.ts';
import { chooseColumns } from '../reports/choose-columns.ts';
import { headerOf, rowFormatter } from '../reports/format-row.ts';
import { writeCsv } from '../reports/write-csv.ts';
import { writeJson } from '../reports/write-json.ts';
import { writeXlsx } from '../reports/write-xlsx.ts';
import { findSavedReport, savedReportNames } from '../ledger/saved-reports.ts';

/** How many users are in memory at a time. */
const pageUsers = 2_000;

/** Which columns a report has: named here, or saved before (P-02); neither: all that the host knows. */
export type Selection = { columns: readonly string[] } | { saved: string } | 'users';

/** @throws Refusal NotFound when nothing is saved under that name, InvalidInput when there is no such column */
export async function columnsOf(
  sql: Sql,
  host: Dependencies['host'],
  selection: Selection,
): Promise<UserColumn[]> {
  const { columns } = host.reports;
  if (selection === 'users') return [...columns];
  if ('columns' in selection) return chooseColumns(selection.columns, columns);
  const saved = await findSavedReport(sql, selection.saved);
  if (saved) return chooseColumns(saved.columns, columns);
  const names = await savedReportNames(sql);
  const there = names.length === 0 ? 'nothing is saved' : `saved are ${names.join(', ')}`;
  throw new Refusal(
    'NotFound',
    `report: nothing is saved under ${JSON.stringify(selection.saved)}: ${there}`,
  );
}

/** What a report has come to so far. */
export interface ReportTally {
  users: number;
}

/**
 * The report as the bytes of a file, while it is read: a page of users is in memory at a time (P-03).
 *
 * @param sql a snapshot, so that the report is of one moment, which stays open until the end
 * @param tally is brought up to date on the way
 * @throws when not every user was read, and what the format refuses
 */
export async function* reportFile(
  sql: Sql,
  host: Dependencies['host'],
  { columns, format }: { columns: readonly UserColumn[]; format: ReportFormat | 'json' },
  tally: ReportTally,
): AsyncGenerator<string | Buffer, void> {
  const pages = cellsOf(sql, host, columns, tally);
  switch (format) {
    case 'csv':
      return yield* writeCsv(headerOf(columns), pages);
    case 'xlsx':
      return yield* writeXlsx(headerOf(columns), pages);
    case 'json':
      return yield* writeJson(columns, pages);
  }
}

async function* cellsOf(
  sql: Sql,
  host: Dependencies['host'],
  columns: readonly UserColumn[],
  tally: ReportTally,
): AsyncGenerator<ReportCell[][], void> {
  const { timeZone } = await host.platform(sql);
  const format = rowFormatter(columns, timeZone);
  const expected = await host.reports.count(sql);
  let after: string | null = null;
  for (;;) {
    const rows = await host.reports.users(sql, columns, after, pageUsers);
    yield rows.map(format);
    tally.users += rows.length;
    after = rows.at(-1)?.user ?? after;
    if (rows.length < pageUsers) break;
  }
  if (tally.users !== expected) {
    throw new Error(`only ${tally.users} of ${expected} users were read: the report is not complete`);
  }
}
