import type { UserColumn } from '../contracts/reports.ts';
import type { Pages } from './write-csv.ts';

/** A report as one JSON document, page by page: a row is an object with the names of the columns. It is no spreadsheet: nothing is defused. */
export async function* writeJson(columns: readonly UserColumn[], pages: Pages): AsyncGenerator<string, void> {
  yield `{"report":"users","columns":${JSON.stringify(columns)},"rows":[`;
  let separator = '\n';
  for await (const page of pages) {
    for (const row of page) {
      yield separator + JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, row[i]])));
      separator = ',\n';
    }
  }
  yield '\n]}\n';
}
