const instantForm =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?(Z|[+-](?:0\d|1[0-5]):[0-5]\d)$/;

/** Whether this is a day of the calendar, years 0001 to 9999, written `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8));
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** Whether this is an ISO 8601 instant: date, time, at most microseconds, and an offset. */
export function isInstant(text: string): boolean {
  const form = instantForm.exec(text);
  if (form === null || !isDate(form[1] ?? '')) return false;
  // Only at the ends of the calendar can the offset lead out of it.
  return !/^(0001|9999)/.test(text) || /^(?!0000)\d{4}-/.test(utcSecond(form));
}

/**
 * Writes an instant the one canonical way: UTC, `2026-01-05T09:00:00Z`, with three more digits if it has
 * milliseconds and six if it has microseconds.
 *
 * @param text an instant as `isInstant` accepts it
 */
export function canonicalInstant(text: string): string {
  return sortableInstant(text).replace(/\.000000Z$|000Z$/, 'Z');
}

/** Writes an instant in UTC with six digits, so that instants sort as strings. */
export function sortableInstant(text: string): string {
  const form = instantForm.exec(text);
  if (form === null) throw new TypeError(`not an instant: ${text}`);
  return `${utcSecond(form)}.${(form[4] ?? '').padEnd(6, '0')}Z`;
}

/** `YYYY-MM-DDTHH:MM:SS` in UTC; outside of four-digit years the year takes another form. */
function utcSecond(form: RegExpExecArray): string {
  const moment = new Date(`${form[1]}T${form[2]}:${form[3] ?? '00'}${form[5]}`);
  return moment.toISOString().replace(/\.000Z$/, '');
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
