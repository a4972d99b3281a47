/**
 * What is wrong with a cell of an import (I-05), in words; null where nothing is. Pure.
 *
 * An email: outer spaces and case do not matter. What looks like another email than it is (invisible, full-width or
 * look-alike characters) is refused here, not corrected: the corrected one might be somebody else's.
 *
 * A mark: x or X. What merely looks like one is refused as well.
 */
import type { SheetCell } from './read-sheet.ts';

const maxEmail = 320;

export function emailProblem({ kind, text }: SheetCell): string | null {
  if (kind === 'formula') return 'holds a formula: enter the email itself';
  if (kind === 'other') return 'holds a number, a date or the like, not an email';
  const email = text.trim();
  if (email.length > maxEmail) return `is longer than ${maxEmail} characters`;
  return disguise(email) ?? malformed(email);
}

export function markProblem({ kind, text }: SheetCell): string | null {
  if (kind === 'formula') return 'holds a formula: enter an x itself, or nothing';
  const mark = text.trim();
  if (kind === 'text' && /^x$/i.test(mark)) return null;
  if (looksLikeX.has(mark)) {
    return `looks like an x, but is another character (${codePoint(mark)}): enter an x, or nothing`;
  }
  return 'holds something other than an x: enter an x, or nothing';
}

/** The Cyrillic, Greek, full-width and mathematical ones, and the sign for multiplication. */
const looksLikeX = new Set(['х', 'Х', 'χ', 'Χ', '×', 'ｘ', 'Ｘ', '✕', '✗', '✘', '╳', '⨯']);

/** What the eye does not see, or sees as something else. */
function disguise(email: string): string | null {
  const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/u.exec(email)?.[0];
  if (invisible !== undefined) return `holds a character that cannot be seen (${codePoint(invisible)})`;
  const wide = Array.from(email).find((char) => char.normalize('NFKC') !== char && !isCombined(char));
  if (wide !== undefined) return `holds a look-alike of another character (${codePoint(wide)})`;
  const foreign = /\p{Script=Latin}/u.test(email)
    ? /[\p{Script=Cyrillic}\p{Script=Greek}]/u.exec(email)
    : null;
  if (foreign) return `holds a look-alike of a Latin letter (${codePoint(foreign[0])})`;
  return null;
}

/** Whether a character is only written in another way, as letters with accents are. */
function isCombined(char: string): boolean {
  return char.normalize('NFC') === char.normalize('NFKC');
}

function malformed(email: string): string | null {
  if (/\s/u.test(email)) return 'holds a space: one email to a line';
  return /^[^@,;<>()"]+@[^@,;<>()"]+$/.test(email) ? null : 'is not an email';
}

function codePoint(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
