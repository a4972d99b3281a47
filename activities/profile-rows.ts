import { z } from 'zod';
import { entryOf } from './user-refs.ts';
import type { JsonObject } from '../contracts/changes.ts';
import { userRefSchema } from '../contracts/operations.ts';
import type { ListEntry } from '../ledger/lists.ts';

const attributeName = z
  .string()
  .min(1, 'an attribute needs a name')
  .max(200, 'the name of an attribute is too long');

/** One row of an update; whatever an attribute holds is the host's affair. */
const rowSchema = z.strictObject({ user: userRefSchema, profile: z.record(attributeName, z.json()) });

/** As large as a profile that somebody filled in can be, and more. */
const maxProfileCharacters = 100_000;

/** Rows of an update as entries, each judged for itself (C-05): what is wrong with one is told with its column. */
export function profileEntries(rows: readonly unknown[]): ListEntry[] {
  return rows.map((row, i) => profileEntry(row, i + 1));
}

/** One row as an entry. */
export function profileEntry(row: unknown, line: number): ListEntry {
  const parsed = rowSchema.safeParse(row, {
    error: (issue) => (issue.input === undefined ? 'is missing' : undefined),
  });
  if (!parsed.success) return { line, ref: refOf(row), problem: problemsOf(parsed.error) };
  const { user, profile } = parsed.data;
  const entry = entryOf(user, line);
  const problem = unstorable(row);
  if (problem !== null) return { line, ref: entry.ref, problem };
  return { ...entry, payload: { profile: profile as JsonObject } };
}

/** What no profile can hold. Characters that no database stores have been replaced before, when the row came in an input. */
function unstorable(row: unknown): string | null {
  const text = JSON.stringify(row);
  if (text.length > maxProfileCharacters) {
    return `has a profile of more than ${maxProfileCharacters} characters`;
  }
  if (/\uFFFD|\\u0000|\\ud[89a-f][0-9a-f]{2}/i.test(text)) return 'holds a character that cannot be stored';
  return text.includes('"__proto__":') ? 'has an attribute __proto__, which cannot be stored' : null;
}

function problemsOf({ issues }: z.ZodError): string {
  const texts = issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  return `is not { user, profile }: ${texts.join('; ')}`;
}

/** What was given as its user, if that can be told. */
function refOf(row: unknown): string {
  const user = typeof row === 'object' && row !== null && 'user' in row ? row.user : undefined;
  const parsed = userRefSchema.safeParse(user);
  return parsed.success ? entryOf(parsed.data).ref : '';
}
