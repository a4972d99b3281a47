import type { Micros } from '../contracts/facts.ts';

/** An instant as people and JSON write it: ISO 8601 in UTC, with no more digits than it needs. */
export function instantText(micros: Micros): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return fraction === '' ? `${whole}Z` : `${whole}.${fraction}Z`;
}
