import { stringify } from 'csv-stringify/sync';
import type { ReportCell } from '../contracts/reports.ts';
import { defuse } from './defuse.ts';

/** Rows, page by page. */
export type Pages = AsyncIterable<readonly (readonly ReportCell[])[]>;

/** A report as CSV, page by page (P-03): UTF-8, commas, line feeds, a header; no cell is a formula (P-04). */
export async function* writeCsv(header: readonly string[], pages: Pages): AsyncGenerator<string, void> {
  yield stringify([header.map(defuse)]);
  for await (const page of pages) yield stringify(page.map((row) => row.map(plain)));
}

/** Numbers that the host counted are digits and need no defusing; a negative one would begin like a formula. */
function plain(cell: ReportCell): string {
  return defuse(String(cell));
}
