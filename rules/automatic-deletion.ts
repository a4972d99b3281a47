/**
 * When an automatic deletion is recorded (D-19): exactly 00:00 of the deletion date in the platform's time zone, even
 * if the run was late. A midnight that the zone skips or has twice: the first instant of that date.
 */
import { Temporal } from 'temporal-polyfill';

/**
 * The first instant of a date in a time zone, as ISO 8601 in UTC.
 *
 * @param date YYYY-MM-DD
 * @param timeZone IANA name
 * @throws RangeError when either is not valid
 */
export function automaticDeletionInstant(date: string, timeZone: string): string {
  const start = Temporal.PlainDate.from(date).toZonedDateTime({ timeZone });
  return start.toInstant().toString();
}
