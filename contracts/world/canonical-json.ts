import type { Json, JsonObject } from '../changes.ts';
import { compareIds } from '../ids.ts';

/** A JSON value with the keys of all its objects sorted by code point. */
export function canonicalJson<Value extends Json>(value: Value): Value;
export function canonicalJson(value: Json): Json {
  if (typeof value === 'number') return value + 0;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => canonicalJson(entry));
  const members = Object.entries(value).sort(([a], [b]) => compareIds(a, b));
  return Object.fromEntries(members.map(([key, entry]) => [key, canonicalJson(entry)]));
}

/** Orders results of history by their canonical text, where nothing else tells them apart. */
export function compareResults(a: JsonObject, b: JsonObject): number {
  return compareIds(JSON.stringify(a), JSON.stringify(b));
}
