/** The date, YYYY-MM-DD, so many days from today as the time zone has it. */
export function dayIn(timeZone: string, days = 0): string {
  const today = Date.parse(dateIn(timeZone)(Date.now()));
  return new Date(today + days * 86_400_000).toISOString().slice(0, 10);
}

/** The first minute that is on the date, found by trying: no arithmetic with time zones that could be wrong as well. */
export function beginOf(date: string, timeZone: string): string {
  const dateAt = dateIn(timeZone);
  const earliest = Date.parse(date) - 15 * 3_600_000;
  for (let minute = 0; minute < 30 * 60; minute++) {
    const instant = earliest + minute * 60_000;
    if (dateAt(instant) === date) return new Date(instant).toISOString();
  }
  throw new Error(`${timeZone} has no ${date}`);
}

function dateIn(timeZone: string): (instant: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  return (instant) => format.format(instant);
}
