import { z } from 'zod';
import type { JsonObject } from '../changes.ts';
import { isDate, isInstant } from './instants.ts';

/** What PostgreSQL cannot store: the NUL character, and halves of surrogate pairs. */
const unstorable = /[\0\p{Surrogate}]/u;
const deepestJson = 100;

/** Any text, also the empty one. */
export const text = z
  .string()
  .refine((value) => !unstorable.test(value), 'holds a NUL or half a surrogate pair');

/** Text that says something, and is short enough for a database index. */
const shortText = () => text.max(500, 'is longer than 500 characters').refine(notBlank, 'is empty');

/** An id, chosen by the writer of the file. */
export const id = shortText();

/** A kind, or an email. */
export const word = shortText();

/** A whole number from 0 that fits a 32-bit column. */
export const count = z.int().min(0, 'is below 0').max(2_147_483_647, 'is too large');

export const instant = z
  .string()
  .refine(isInstant, 'is not an ISO 8601 instant with offset, in microseconds at most');
export const date = z.string().refine(isDate, 'is not a date (YYYY-MM-DD)');
export const timeZone = z.string().refine(isTimeZone, 'is not an IANA time zone');

/** A JSON object: profiles, rules, results. It passes through as it is. */
export const jsonObject = z.custom<JsonObject>(
  (value) => isPlainObject(value) && isJson(value, deepestJson),
  'is not a JSON object (of at most 100 levels)',
);

/** Tells a JSON object from arrays, null and class instances. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isJson(value: unknown, levels: number): boolean {
  if (levels < 0) return false;
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return !unstorable.test(value);
  if (Array.isArray(value)) return value.every((entry) => isJson(entry, levels - 1));
  return (
    isPlainObject(value) &&
    Object.entries(value).every(([key, entry]) => !unstorable.test(key) && isJson(entry, levels - 1))
  );
}

function notBlank(value: string): boolean {
  return value.trim() !== '';
}

function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
