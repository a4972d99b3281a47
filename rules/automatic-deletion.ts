/**
 * When an automatic deletion is due, and when it is recorded (D-19): exactly 00:00 of the deletion date in the platform's
 * time zone, even if the run was late. A midnight that the zone skips or has twice: the first instant of that date.
 */
import { Temporal } from 'temporal-polyfill';
import type { Micros, UserFact } from '../contracts/facts.ts';

/** When a user's automatic deletion date begins, ISO 8601 in UTC; null without one. @throws RangeError on an unknown zone */
export function dueInstant({ dueOn }: UserFact, timeZone: string): string | null {
  return dueOn === null || dueOn === undefined ? null : automaticDeletionInstant(dueOn, timeZone);
}

/** Whether a user's automatic deletion date has begun. */
export function isDue(user: UserFact, timeZone: string, now: Micros): boolean {
  const instant = dueInstant(user, timeZone);
  return instant !== null && Date.parse(instant) * 1000 <= now;
}

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

/** The first instant of a day, as the zone's clocks show it. */
export interface LocalStart {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

/** The days in a time zone that do not begin at 00:00 because the clocks skip it, of so many days from an instant on. */
export function daysWithoutMidnight(timeZone: string, from: Date, days: number): LocalStart[] {
  const today = Temporal.Instant.fromEpochMilliseconds(from.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  return Array.from({ length: days }, (_, n) => today.add({ days: n }).toZonedDateTime({ timeZone }))
    .filter(({ hour, minute }) => hour !== 0 || minute !== 0)
    .map(({ year, month, day, hour, minute }) => ({ year, month, day, hour, minute }));
}
