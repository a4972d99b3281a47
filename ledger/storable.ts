import type { Json } from '../contracts/changes.ts';

/** Halves of a surrogate pair, which no database stores as text. */
const loneSurrogates = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/**
 * A value as JSON text that PostgreSQL can store: what its text and jsonb cannot hold, the zero character and halves of a
 * surrogate pair, becomes the replacement character.
 */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (typeof member === 'string') return storableText(member);
    return hasUnstorableName(member) ? renamed(member) : member;
  });
}

/** Whether a text would not be stored as it is. */
function isStorable(text: string): boolean {
  return storableText(text) === text;
}

function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD').replaceAll(loneSurrogates, '\uFFFD');
}

function hasUnstorableName(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).some((name) => !isStorable(name));
}

function renamed(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [storableText(name), member]));
}

/** A value as PostgreSQL gives it back when it has been stored. */
export function asStored(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(storableJson(value)) as Json);
}
