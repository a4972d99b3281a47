import { createHash } from 'node:crypto';
import type { Json, PlannedChange } from '../contracts/changes.ts';

/** The hash of a chunk's plan: the same for the same changes in the same order, whatever their reasons say. */
export function chunkHash(changes: readonly PlannedChange[]): string {
  const hash = createHash('sha256');
  for (const { kind, user, item, before, after } of changes) {
    hash.update(`${canonical([kind, user, item, before, after])}\n`);
  }
  return hash.digest('hex');
}

/** The hash of a whole plan: what an approval and `planHash` are bound to (X-02, X-04). */
export function planHash(kind: string, chunks: readonly string[]): string {
  return createHash('sha256')
    .update([kind, ...chunks].join('\n'))
    .digest('hex');
}

/** As JSON text, members in a fixed order, so that how an object was built does not matter. */
function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join(',')}}`;
}
