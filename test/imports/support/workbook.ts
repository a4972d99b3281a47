import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import type { TemplateMarker } from '../../../contracts/imports.ts';
import { columnName } from '../../../imports/cell-ref.ts';
import { writeTemplate } from '../../../imports/write-template.ts';
import type { TemplateActivity } from '../../../imports/write-template.ts';

/** The parts of an xlsx file by path. */
export type Parts = Record<string, string>;

/** A cell as XML, or a text that becomes one. */
export type CellValue = string | { xml: string };

/** A row: its cells from column A on, and further attributes. */
export interface FilledRow {
  cells: readonly CellValue[];
  row?: number;
  attributes?: string;
}

export const sheetPath = 'xl/worksheets/sheet1.xml';
export const markerPath = 'xl/worksheets/sheet2.xml';

export const courses: TemplateActivity[] = [
  { id: 'c-1', title: 'Selling' },
  { id: 'c-2', title: 'Buying' },
];

/** A template as `import template` makes it. */
export function templateOf(
  marker: Partial<TemplateMarker> = {},
  activities: readonly TemplateActivity[] = courses,
): Promise<Buffer> {
  const made = { instance: 'here', action: 'unenrol-users', includePrivateSubgroups: false } as const;
  return writeTemplate({ ...made, ...marker }, activities);
}

/** @param wanted which parts; others may be damaged */
export function unpack(file: Uint8Array, wanted = /./): Parts {
  const parts = Object.entries(unzipSync(file, { filter: ({ name }) => wanted.test(name) }));
  return Object.fromEntries(parts.map(([path, bytes]) => [path, strFromU8(bytes)]));
}

export function pack(parts: Parts): Buffer {
  const bytes = Object.entries(parts).map(([path, text]) => [path, strToU8(text)] as const);
  return Buffer.from(zipSync(Object.fromEntries(bytes), { level: 1 }));
}

/** Changes one part of a file by replacing a text that must be there. */
export function edited(file: Uint8Array, path: string, from: string | RegExp, to: string): Buffer {
  const parts = unpack(file);
  const before = parts[path] ?? '';
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${path} does not hold ${String(from)}`);
  return pack({ ...parts, [path]: after });
}

/** A template with rows below its header, as a spreadsheet program saves it. */
export function filled(template: Uint8Array, rows: readonly (readonly CellValue[] | FilledRow)[]): Buffer {
  return edited(template, sheetPath, '</sheetData>', `${rowsXml(rows)}</sheetData>`);
}

export function rowsXml(rows: readonly (readonly CellValue[] | FilledRow)[], first = 2): string {
  let next = first;
  return rows
    .map((given) => {
      const { cells, row = next, attributes = '' } = isFilled(given) ? given : { cells: given };
      next = row + 1;
      const xml = cells.map((cell, i) => cellXml(cell, `${columnName(i + 1)}${row}`)).join('');
      return `<row r="${row}" ${attributes}>${xml}</row>`;
    })
    .join('');
}

function isFilled(row: readonly CellValue[] | FilledRow): row is FilledRow {
  return 'cells' in row;
}

function cellXml(cell: CellValue, ref: string): string {
  if (typeof cell !== 'string') return cell.xml.replaceAll('REF', ref);
  return cell === ''
    ? ''
    : `<c r="${ref}" t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** A cell with a number, which is what dates are too. */
export function number(value: number): CellValue {
  return { xml: `<c r="REF"><v>${value}</v></c>` };
}

/** A cell with a formula and its last result. */
export function formula(text: string, result: string): CellValue {
  return { xml: `<c r="REF" t="str"><f>${text}</f><v>${result}</v></c>` };
}

/** The parts side by side, not packed: a byte of the file is a byte of a part. */
export function zipStored(parts: Parts): Buffer {
  const bytes = Object.entries(parts).map(([path, text]) => [path, strToU8(text)] as const);
  return Buffer.from(zipSync(Object.fromEntries(bytes), { level: 0 }));
}

const centralSignature = Buffer.from('504b0102', 'hex');
const endSignature = Buffer.from('504b0506', 'hex');

/** Where the directory of an archive has a part's entry. */
function centralOffset(file: Buffer, path: string): number {
  for (let at = file.indexOf(centralSignature); at >= 0; at = file.indexOf(centralSignature, at + 4)) {
    const name = file.subarray(at + 46, at + 46 + file.readUInt16LE(at + 28)).toString();
    if (name === path) return at;
  }
  throw new Error(`the archive has no ${path}`);
}

/** A part's entry in the directory of an archive. */
export function centralEntry(file: Buffer, path: string): Buffer {
  const at = centralOffset(file, path);
  const length = 46 + file.readUInt16LE(at + 28) + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  return file.subarray(at, at + length);
}

/** An archive whose directory claims that a part unpacks to so many bytes. */
export function claiming(file: Buffer, path: string, bytes: number): Buffer {
  const changed = Buffer.from(file);
  changed.writeUInt32LE(bytes, centralOffset(changed, path) + 24);
  return changed;
}

/** An archive with further entries in its directory. */
export function withDirectory(file: Buffer, entries: readonly Buffer[]): Buffer {
  const end = file.lastIndexOf(endSignature);
  const more = Buffer.concat(entries);
  const tail = Buffer.from(file.subarray(end));
  const count = tail.readUInt16LE(8) + entries.length;
  tail.writeUInt16LE(count, 8);
  tail.writeUInt16LE(count, 10);
  tail.writeUInt32LE(tail.readUInt32LE(12) + more.length, 12);
  return Buffer.concat([file.subarray(0, end), more, tail]);
}
