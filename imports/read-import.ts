import type { ParsedImport } from '../contracts/imports.ts';
import { columnName } from './cell-ref.ts';
import type { ImportLimits } from './import-limits.ts';
import { ImportRefused } from './import-refused.ts';
import { layoutOf, readMarker } from './read-marker.ts';
import type { Layout } from './read-marker.ts';
import { readPeople } from './read-people.ts';
import { readSharedStrings } from './read-shared-strings.ts';
import { readWorkbook } from './read-workbook.ts';
import type { Workbook } from './read-workbook.ts';
import { markerSheet } from './template-format.ts';
import { openArchive } from './xlsx-archive.ts';

/**
 * Reads a filled template; runs in a thread of its own (parse-import.ts), because the file is a stranger's.
 *
 * @throws ImportRefused when nothing of it can be imported
 */
export async function readImport(bytes: Buffer, limits: ImportLimits): Promise<ParsedImport> {
  const archive = await openArchive(bytes, limits);
  const workbook = await readWorkbook(archive);
  const strings = await readSharedStrings(archive, workbook.sharedStrings);
  const { marker, activities } = await readMarker(archive, workbook, strings);
  const layout = layoutOf(workbook, activities);
  refuseOtherSheets(workbook, layout);
  const { rows, problems } = await readPeople(archive, layout, strings, limits);
  return {
    marker,
    sheet: layout.sheet.name,
    emailColumn: columnName(layout.emailColumn),
    headerRow: layout.headerRow,
    columns: layout.activities.map(({ column, activity }) => ({ column: columnName(column), activity })),
    rows,
    problems: { count: problems.count, first: problems.first },
  };
}

/** People on a sheet that is not looked at would be left out without a word. */
function refuseOtherSheets({ sheets }: Workbook, layout: Layout): void {
  const others = sheets.filter(({ name }) => name !== markerSheet && name !== layout.sheet.name);
  if (others.length === 0) return;
  const message = 'the sheet is not one of the template: delete it';
  const first = others.map(({ name }) => ({ sheet: name, row: null, column: null, message }));
  throw new ImportRefused({ count: first.length, first });
}
