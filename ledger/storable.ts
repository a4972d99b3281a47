import type { Json } from '../contracts/changes.ts';

/** Halves of a surrogate pair, which no database stores as text. */
const loneSurrogates = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/**
 * A value as JSON text that PostgreSQL can store: what its text and jsonb cannot hold, the zero character and halves of a
 * surrogate pair, becomes the replacement character.
 */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'string'
      ? member.replaceAll('\0', '\uFFFD').replaceAll(loneSurrogates, '\uFFFD')
      : member,
  );
}

/** A value as PostgreSQL gives it back when it has been stored. */
export function asStored(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(storableJson(value)) as Json);
}
