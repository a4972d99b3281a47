import { Refusal } from '../contracts/failures.ts';
import { userColumns } from '../contracts/reports.ts';
import type { UserColumn } from '../contracts/reports.ts';

/** Case, spaces and punctuation do not count: `Learner deletion date` is `learnerDeletionDate`. */
const folded = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

/**
 * The columns that somebody asks for, by name or by title, in their order; each once.
 *
 * @param known what the host knows
 * @throws Refusal InvalidInput with every column that there is not, and those that there are
 */
export function chooseColumns(asked: readonly string[], known: readonly UserColumn[]): UserColumn[] {
  const byName = new Map(
    known.flatMap((column) => [column, userColumns[column].title].map((name) => [folded(name), column])),
  );
  const chosen = asked.map((name) => byName.get(folded(name)) ?? null);
  const unknown = asked.filter((_, i) => chosen[i] === null);
  if (asked.length === 0)
    throw new Refusal('InvalidInput', `columns: name at least one of ${known.join(', ')}`);
  if (unknown.length > 0) {
    const named = unknown.map((name) => JSON.stringify(name)).join(', ');
    throw new Refusal('InvalidInput', `columns: there is no ${named}; there are ${known.join(', ')}`);
  }
  return [...new Set(chosen.filter((column) => column !== null))];
}
