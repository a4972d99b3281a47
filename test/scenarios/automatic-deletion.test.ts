import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { automaticDeletionInstant } from '../../rules/automatic-deletion.ts';

describe('the recorded time of an automatic deletion', () => {
  it.each([
    ['2026-07-01', 'UTC', '2026-07-01T00:00:00Z'],
    ['2026-07-01', 'Europe/Amsterdam', '2026-06-30T22:00:00Z'],
    ['2026-01-01', 'Europe/Amsterdam', '2025-12-31T23:00:00Z'],
    ['2024-02-29', 'America/New_York', '2024-02-29T05:00:00Z'],
    ['2026-01-02', 'Asia/Kathmandu', '2026-01-01T18:15:00Z'],
    ['2026-01-02', 'Pacific/Kiritimati', '2026-01-01T10:00:00Z'],
    ['2026-01-02', 'Pacific/Pago_Pago', '2026-01-02T11:00:00Z'],
  ])('D-19 is 00:00 of %s in %s', (date, timeZone, instant) => {
    expectSameInstant(automaticDeletionInstant(date, timeZone), instant);
  });

  it.each([
    ['2026-03-29', 'Europe/Amsterdam', '2026-03-28T23:00:00Z'],
    ['2026-03-30', 'Europe/Amsterdam', '2026-03-29T22:00:00Z'],
    ['2026-10-25', 'Europe/Amsterdam', '2026-10-24T22:00:00Z'],
    ['2026-04-05', 'Australia/Lord_Howe', '2026-04-04T13:00:00Z'],
  ])('D-19 is 00:00 of %s in %s, where the clock changes later that day', (date, timeZone, instant) => {
    expectSameInstant(automaticDeletionInstant(date, timeZone), instant);
  });

  it.each([
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
    ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00Z'],
    ['2022-03-27', 'Asia/Beirut', '2022-03-26T22:00:00Z'],
    ['2022-03-22', 'Asia/Tehran', '2022-03-21T20:30:00Z'],
    ['2026-03-08', 'America/Havana', '2026-03-08T05:00:00Z'],
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00Z'],
    ['2024-10-06', 'America/Asuncion', '2024-10-06T04:00:00Z'],
    ['2026-03-29', 'Atlantic/Azores', '2026-03-29T01:00:00Z'],
    ['2023-03-26', 'America/Scoresbysund', '2023-03-26T01:00:00Z'],
  ])('D-19 is the first instant of %s in %s, where midnight is skipped', (date, timeZone, instant) => {
    expectSameInstant(automaticDeletionInstant(date, timeZone), instant);
  });

  it.each([
    ['2026-11-01', 'America/Havana', '2026-11-01T04:00:00Z'],
    ['2026-10-25', 'Atlantic/Azores', '2026-10-25T00:00:00Z'],
    ['2010-11-07', 'America/Goose_Bay', '2010-11-07T03:00:00Z'],
  ])('D-19 is the first 00:00 of %s in %s, which has it twice', (date, timeZone, instant) => {
    expectSameInstant(automaticDeletionInstant(date, timeZone), instant);
  });

  it.each([
    ['2026-10-30', 'Africa/Cairo', '2026-10-29T22:00:00Z'],
    ['2026-04-05', 'America/Santiago', '2026-04-05T04:00:00Z'],
  ])('D-19 is 00:00 of %s in %s, where the hour before it comes twice', (date, timeZone, instant) => {
    expectSameInstant(automaticDeletionInstant(date, timeZone), instant);
  });

  it('D-19 of a date that the zone leaves out is when the next one begins', () => {
    expectSameInstant(automaticDeletionInstant('2011-12-30', 'Pacific/Apia'), '2011-12-30T10:00:00Z');
  });

  it('D-19 is an instant of that date, and none of the hours before it is', () => {
    const zones = [
      'Africa/Cairo',
      'America/Asuncion',
      'America/Havana',
      'America/Sao_Paulo',
      'America/St_Johns',
      'Asia/Beirut',
      'Asia/Gaza',
      'Asia/Tehran',
      'Atlantic/Azores',
      'Australia/Lord_Howe',
      'Europe/Amsterdam',
      'Pacific/Chatham',
    ];
    const formats = new Map(zones.map((zone) => [zone, localDate(zone)]));
    const days = fc.integer({ min: 0, max: 30 * 365 }).map((n) => Date.UTC(2000, 0, 1) + n * 86_400_000);
    fc.assert(
      fc.property(fc.constantFrom(...zones), days, (zone, day) => {
        const date = new Date(day).toISOString().slice(0, 10);
        const on = formats.get(zone) ?? localDate(zone);
        const instant = Date.parse(automaticDeletionInstant(date, zone));
        expect(on(instant)).toBe(date);
        expect(on(instant - 1) < date).toBe(true);
        for (let minutes = 15; minutes <= 180; minutes += 15) {
          expect(on(instant - minutes * 60_000)).not.toBe(date);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function expectSameInstant(actual: string, expected: string): void {
  expect(actual).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.0+)?Z$/);
  expect(Date.parse(actual)).toBe(Date.parse(expected));
}

function localDate(timeZone: string): (instant: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  return (instant) => format.format(instant);
}
