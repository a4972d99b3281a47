/**
 * Writes instants as the clocks of a time zone show them, to the minute: `2026-03-01 00:00` (P-01). Seconds are left out, because
 * the hour 00:00 is what tells an automatic deletion (D-19).
 *
 * @param timeZone IANA name
 * @returns a function of microseconds since 1970
 * @throws RangeError when there is no such time zone
 */
export function localMinutes(timeZone: string): (micros: number) => string {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    ...{ calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  });
  return (micros) => {
    const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
    for (const { type, value } of clock.formatToParts(Math.floor(micros / 1000))) part[type] = value;
    const { year = '', month = '', day = '', hour = '', minute = '' } = part;
    return `${year.padStart(4, '0')}-${month}-${day} ${hour}:${minute}`;
  };
}
