import { Refusal } from '../contracts/failures.ts';
import type { ReportCell } from '../contracts/reports.ts';
import { columnName, maxSheetRow } from '../imports/cell-ref.ts';
import { isDangerous } from './defuse.ts';
import type { Pages } from './write-csv.ts';
import { rootParts, sheetName, workbookParts } from './xlsx-parts.ts';
import { escapeXml } from './xml.ts';
import { zip } from './zip.ts';
import type { ZipEntry } from './zip.ts';

/** As long as Excel lets a text in a cell be. */
const longestText = 32_767;

/**
 * A report as xlsx, page by page (P-03); where one sheet is full, another one follows. Every text is a cell of text, never a
 * formula, and one that looks like a formula is marked as quoted, so that it stays text when somebody edits it (P-04).
 *
 * @param rowsPerSheet with the header
 * @throws Refusal InvalidInput when a text is longer than a cell may be: nothing is cut off silently
 */
export async function* writeXlsx(
  header: readonly string[],
  pages: Pages,
  rowsPerSheet: number = maxSheetRow,
): AsyncGenerator<Buffer, void> {
  const rows = new Cursor(pages);
  await rows.advance();
  // Content is read when its turn comes, so that by then `more` tells whether another sheet is needed.
  yield* zip(parts());
  function* parts(): Generator<ZipEntry, void> {
    let sheets = 0;
    do {
      sheets += 1;
      yield { name: `xl/worksheets/${sheetName(sheets)}`, content: sheet(header, rows, rowsPerSheet) };
    } while (rows.more);
    yield* workbookParts(sheets);
    yield* rootParts(sheets);
  }
}

/** Rows one after the other, and whether there is another one. */
class Cursor {
  readonly #pages: AsyncIterator<readonly (readonly ReportCell[])[]>;
  #page: readonly (readonly ReportCell[])[] = [];
  #at = 0;
  more = true;

  constructor(pages: Pages) {
    this.#pages = pages[Symbol.asyncIterator]();
  }

  /** The rows that are at hand, at most so many; there are some while there is `more`. */
  async take(limit: number): Promise<readonly (readonly ReportCell[])[]> {
    const taken = this.#page.slice(this.#at, this.#at + limit);
    this.#at += taken.length;
    await this.advance();
    return taken;
  }

  /** Fetches the next page that has rows. */
  async advance(): Promise<void> {
    while (this.more && this.#at >= this.#page.length) {
      const next = await this.#pages.next();
      this.more = next.done !== true;
      this.#page = next.done === true ? [] : next.value;
      this.#at = 0;
    }
  }
}

async function* sheet(
  header: readonly string[],
  rows: Cursor,
  rowsPerSheet: number,
): AsyncGenerator<string, void> {
  const columns = header.map((_, i) => columnName(i + 1));
  yield '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>';
  yield rowXml(columns, header, 1, 'header');
  let last = 1;
  while (rows.more && last < rowsPerSheet) {
    const taken = await rows.take(rowsPerSheet - last);
    yield taken.map((row, i) => rowXml(columns, row, last + i + 1)).join('');
    last += taken.length;
  }
  yield '</sheetData></worksheet>';
}

/** The cell formats of `xlsx-parts.ts`. */
const styles = { text: 1, quoted: 2, header: 3 } as const;

function rowXml(
  columns: readonly string[],
  row: readonly ReportCell[],
  number: number,
  style?: keyof typeof styles,
): string {
  const cells = row.map((cell, i) => cellXml(`${columns[i] ?? ''}${number}`, cell, style));
  return `<row r="${number}">${cells.join('')}</row>`;
}

function cellXml(ref: string, cell: ReportCell, style?: keyof typeof styles): string {
  if (typeof cell === 'number' && Number.isFinite(cell)) return `<c r="${ref}"><v>${cell}</v></c>`;
  const text = String(cell);
  if (text === '') return '';
  if (text.length > longestText) {
    const problem = `cell ${ref} has ${text.length} characters, and a cell of xlsx at most ${longestText}: take csv`;
    throw new Refusal('InvalidInput', `format: ${problem}`);
  }
  const format = styles[style ?? (isDangerous(text) ? 'quoted' : 'text')];
  return `<c r="${ref}" s="${format}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(text)}</t></is></c>`;
}
