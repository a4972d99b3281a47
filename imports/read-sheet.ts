import { columnName, maxColumn, maxSheetRow, parseCellRef } from './cell-ref.ts';
import type { CellRef } from './cell-ref.ts';
import { refuseFile } from './import-refused.ts';
import { cut, maxCellText } from './read-shared-strings.ts';
import { readXml } from './read-xml.ts';
import type { Archive } from './xlsx-archive.ts';

/** A cell with something in it. */
export interface SheetCell extends CellRef {
  /** Whether its value is a text, is computed, or is neither: a number, a date, a truth value, an error. */
  kind: 'text' | 'formula' | 'other';
  /** The text; of a formula the last result, which is not to be trusted. */
  text: string;
}

/** A row with something in it. */
export interface SheetRow {
  row: number;
  hidden: boolean;
  cells: SheetCell[];
}

/** What is heard of a sheet while it is read. */
export interface SheetHandlers {
  row(row: SheetRow): void;
  /** As `A1:B2`. */
  merged?(range: string): void;
  /** Columns that are not shown, both included. */
  hiddenColumns?(first: number, last: number): void;
}

/**
 * Reads a sheet row by row; memory does not grow with it.
 *
 * @throws ImportRefused for what is damaged, and whatever the handlers throw
 */
export async function readSheet(
  archive: Archive,
  path: string,
  strings: readonly string[],
  handlers: SheetHandlers,
): Promise<void> {
  const reader = new SheetReader(path, strings, handlers);
  await readXml(archive, path, reader);
}

interface OpenCell extends CellRef {
  type: string;
  formula: boolean;
  value: string;
}

class SheetReader {
  readonly #path: string;
  readonly #strings: readonly string[];
  readonly #handlers: SheetHandlers;
  #row: SheetRow = { row: 0, hidden: false, cells: [] };
  #column = 0;
  #cell: OpenCell | null = null;
  /** Whether what is read is a cell's value or text, and not part of how a text is pronounced. */
  #inValue = false;
  #phonetic = 0;

  constructor(path: string, strings: readonly string[], handlers: SheetHandlers) {
    this.#path = path;
    this.#strings = strings;
    this.#handlers = handlers;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'c') this.#openCell(attributes['r'], attributes['t'] ?? 'n');
    else if (name === 'v' || name === 't') this.#inValue = true;
    else if (name === 'rPh') this.#phonetic++;
    else if (name === 'f' && this.#cell) this.#cell.formula = true;
    else if (name === 'row') this.#openRow(attributes);
    else if (name === 'mergeCell') this.#handlers.merged?.(attributes['ref'] ?? '');
    else if (name === 'col' && isHidden(attributes, 'width')) {
      this.#handlers.hiddenColumns?.(Number(attributes['min']), Number(attributes['max']));
    }
  }

  text(text: string): void {
    const cell = this.#cell;
    if (cell && this.#inValue && this.#phonetic === 0 && cell.value.length <= maxCellText) cell.value += text;
  }

  close(name: string): void {
    if (name === 'c') this.#closeCell();
    else if (name === 'v' || name === 't') this.#inValue = false;
    else if (name === 'rPh') this.#phonetic--;
    else if (name === 'row' && this.#row.cells.length > 0) this.#handlers.row(this.#row);
  }

  #openRow(attributes: Readonly<Record<string, string>>): void {
    const row = attributes['r'] === undefined ? this.#row.row + 1 : Number(attributes['r']);
    if (!Number.isInteger(row) || row <= this.#row.row || row > maxSheetRow) throw this.#damaged();
    this.#row = { row, hidden: isHidden(attributes, 'ht'), cells: [] };
    this.#column = 0;
  }

  #openCell(ref: string | undefined, type: string): void {
    const { row } = this.#row;
    const place = ref === undefined ? { row, column: this.#column + 1 } : parseCellRef(ref);
    if (!place || row === 0 || place.row !== row || this.#cell !== null) throw this.#damaged();
    if (place.column <= this.#column || place.column > maxColumn) throw this.#damaged();
    this.#column = place.column;
    this.#cell = { row, column: place.column, type, formula: false, value: '' };
  }

  #closeCell(): void {
    const cell = this.#cell;
    if (!cell) throw this.#damaged();
    this.#cell = null;
    const { row, column, type } = cell;
    const text = type === 's' ? this.#sharedText(cell) : cut(cell.value);
    const isText = type === 's' || type === 'inlineStr' || type === 'str';
    const kind = cell.formula ? 'formula' : isText ? 'text' : 'other';
    if (kind !== 'formula' && text.trim() === '') return;
    this.#row.cells.push({ row, column, kind, text });
  }

  #sharedText({ value }: OpenCell): string {
    if (value === '') return '';
    const text = /^\d+$/.test(value.trim()) ? this.#strings[Number(value)] : undefined;
    if (text === undefined) throw this.#damaged();
    return text;
  }

  #damaged(): Error {
    const { row } = this.#row;
    const where = `${this.#path}, ${columnName(this.#column)}${row}`;
    return refuseFile(`the file is damaged (near ${where})`);
  }
}

/** Hidden by name, or by having no size. */
function isHidden(attributes: Readonly<Record<string, string>>, size: string): boolean {
  const { hidden } = attributes;
  return hidden === '1' || hidden === 'true' || Number(attributes[size] ?? 1) === 0;
}
