import { userColumns } from '../contracts/reports.ts';
import type { ReportCell, ReportRow, ReportValue, UserColumn } from '../contracts/reports.ts';
import { localMinutes } from './local-minute.ts';

/** What stands between the parts of a list. */
const between = '; ';

/**
 * How rows of these columns become cells: instants as local minutes of the platform's time zone, lists as one text, and what
 * there is nothing to say about as empty text.
 *
 * @throws RangeError when there is no such time zone
 */
export function rowFormatter(
  columns: readonly UserColumn[],
  timeZone: string,
): (row: ReportRow) => ReportCell[] {
  const minute = localMinutes(timeZone);
  const kinds = columns.map((column) => userColumns[column].kind);
  return ({ values }) => {
    if (values.length !== kinds.length) throw new Error('the host gave a row of another width');
    return kinds.map((kind, i) => {
      const value = values[i] ?? null;
      return kind === 'instant' && typeof value === 'number' ? minute(value) : cellOf(value);
    });
  };
}

function cellOf(value: ReportValue): ReportCell {
  if (value === null) return '';
  return typeof value === 'object' ? value.join(between) : value;
}

/** The titles, as the first row. */
export function headerOf(columns: readonly UserColumn[]): string[] {
  return columns.map((column) => userColumns[column].title);
}
