/**
 * Spreadsheet programs take a cell that begins with one of these for a formula, some of them the full-width forms too, and some
 * drop spaces and control characters before it (P-04).
 */
const begins = String.raw`(?=[=+\-@\uff1d\uff0b\uff0d\uff20])`;
const skipped = String.raw`[\s\p{Cc}\p{Cf}]*`;

const formula = new RegExp(String.raw`^${skipped}${begins}`, 'u');
/** A tab or a line break in front begins a cell of its own in some programs. */
const control = /^[\t\r\n]/;
/** Where a program that takes these for separators would begin another cell. */
const innerFormula = new RegExp(String.raw`([;\t\r\n]${skipped})${begins}`, 'gu');

/** Whether a program may take the text for a formula. */
export function isDangerous(text: string): boolean {
  return formula.test(text) || control.test(text);
}

/**
 * A text that no spreadsheet program takes for a formula: with an apostrophe in front, which Excel and its like show as text.
 * Wherever a file is read with another separator than it was written with, its parts are not formulas either.
 */
export function defuse(text: string): string {
  const inner = text.replace(innerFormula, "$1'");
  return isDangerous(inner) ? `'${inner}` : inner;
}
