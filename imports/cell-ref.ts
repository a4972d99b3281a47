/** As far as Excel's sheets go. */
export const maxColumn = 16_384;
export const maxSheetRow = 1_048_576;

/** A cell's place, both from 1. */
export interface CellRef {
  row: number;
  column: number;
}

/** `A` for 1, `AA` for 27. */
export function columnName(column: number): string {
  let name = '';
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  }
  return name;
}

const dollar = 36;
const isLetter = (code: number): boolean => code >= 65 && code <= 90;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/**
 * The place that `B7` or `$B$7` names; null when it is none, or lies outside of any sheet. By hand, because sheets have
 * millions of cells.
 */
export function parseCellRef(text: string): CellRef | null {
  let at = text.charCodeAt(0) === dollar ? 1 : 0;
  let column = 0;
  for (; isLetter(text.charCodeAt(at)) && column <= maxColumn; at++)
    column = column * 26 + text.charCodeAt(at) - 64;
  if (text.charCodeAt(at) === dollar) at++;
  const digits = at;
  let row = 0;
  for (; isDigit(text.charCodeAt(at)) && row <= maxSheetRow; at++) row = row * 10 + text.charCodeAt(at) - 48;
  const whole = at === text.length && text[digits] !== '0';
  return whole && column >= 1 && column <= maxColumn && row >= 1 && row <= maxSheetRow
    ? { row, column }
    : null;
}
