import { maxActivities, templateMarkerSchema } from '../contracts/imports.ts';
import type { TemplateMarker } from '../contracts/imports.ts';
import { columnName, parseCellRef } from './cell-ref.ts';
import { refuseFile } from './import-refused.ts';
import type { Workbook } from './read-workbook.ts';
import { readSheet } from './read-sheet.ts';
import { activityName, emailName, markerSheet, templateTitle, templateVersion } from './template-format.ts';
import type { Archive } from './xlsx-archive.ts';

/** Where the sheet with the people is, and which of its columns is which. */
export interface Layout {
  sheet: { name: string; path: string };
  headerRow: number;
  emailColumn: number;
  /** The activity columns that are still there. */
  activities: { column: number; activity: string }[];
}

const noTemplate = 'the file is not made from a template of this program: make one with import template';

/** @throws ImportRefused when the file is no template of ours, or an unknown version of one */
export async function readMarker(
  archive: Archive,
  workbook: Workbook,
  strings: readonly string[],
): Promise<{ marker: TemplateMarker; activities: string[] }> {
  const sheet = workbook.sheets.find(({ name }) => name === markerSheet);
  if (!sheet || sheet.path === '') throw refuseFile(noTemplate);
  const lines: [string, string][] = [];
  await readSheet(archive, sheet.path, strings, {
    row({ cells }) {
      if (lines.length > maxActivities + 20) throw refuseFile(noTemplate);
      const text = (column: number): string => cells.find((cell) => cell.column === column)?.text ?? '';
      lines.push([text(1), text(2)]);
    },
  });
  const [[title, version] = ['', ''], ...rest] = lines;
  if (title !== templateTitle) throw refuseFile(noTemplate);
  if (version !== templateVersion) {
    throw refuseFile(`the template has version ${version}, not ${templateVersion}: make a new one`);
  }
  return markerOf(rest);
}

function markerOf(lines: readonly [string, string][]): { marker: TemplateMarker; activities: string[] } {
  const values = new Map(lines);
  const group = values.get('group');
  const marker = templateMarkerSchema.safeParse({
    instance: values.get('instance'),
    action: values.get('action'),
    ...(group === undefined ? {} : { group }),
    includePrivateSubgroups: values.get('includePrivateSubgroups') === 'true',
  });
  if (!marker.success) throw refuseFile(`${noTemplate} (what it is for has been changed)`);
  return { marker: marker.data, activities: lines.filter(([key]) => key === 'activity').map(([, id]) => id) };
}

/** @throws ImportRefused when a column cannot be told any more */
export function layoutOf(workbook: Workbook, activities: readonly string[]): Layout {
  const email = placeOf(workbook, emailName);
  if (!email) throw refuseFile('the email column is gone: make a new template');
  const found = activities.flatMap((activity, i) => {
    const place = placeOf(workbook, activityName(i + 1));
    return place === null ? [] : [{ ...place, activity }];
  });
  const moved = found.find(({ sheet, row }) => sheet !== email.sheet || row !== email.row);
  const columns = [email, ...found].map(({ column }) => column);
  const twice = columns.find((column, i) => columns.indexOf(column) < i);
  if (moved || twice !== undefined) {
    const column = columnName(moved?.column ?? twice ?? 1);
    const message = 'the header was moved away from its column: make a new template';
    throw refuseFile(`column ${column}: ${message}`);
  }
  const { sheet, row: headerRow, column: emailColumn } = email;
  return { sheet, headerRow, emailColumn, activities: found };
}

interface Place {
  sheet: { name: string; path: string };
  row: number;
  column: number;
}

/** Where the cell of that name is; null where the cell has been deleted. */
function placeOf({ names, sheets }: Workbook, name: string): Place | null {
  const reference = names.get(name);
  if (reference === undefined) throw refuseFile(`the template's name ${name} is gone: make a new template`);
  if (reference.includes('#REF!')) return null;
  const [, quoted, plain, cell = ''] =
    /^\$?(?:'((?:[^']|'')+)'|([^'!]+))!(\$[A-Z]+\$\d+)$/.exec(reference) ?? [];
  const sheetName = quoted?.replaceAll("''", "'") ?? plain;
  const sheet = sheets.find((candidate) => candidate.name === sheetName);
  const place = parseCellRef(cell);
  if (!sheet || sheet.path === '' || !place) {
    throw refuseFile(`the template's name ${name} no longer names a cell: make a new template`);
  }
  return { sheet, ...place };
}
