/**
 * A file of users, as people have them: a CSV file with a header, or a plain list (D-17).
 *
 * With a header (a first record with a cell `email`, `id`, `user` or the like) the columns of these names say who is
 * meant, and all others are ignored. The id wins over the email, both win over `user`, which may hold either.
 *
 * Without one it is one user per line, by id or email; or several emails on a line, separated by commas or
 * semicolons. Several values of which some are no email are columns without a header, tabs always are: which of them
 * is meant is not guessed, because the wrong column would name the wrong people.
 */
import { joined } from './joined.ts';
import { ListRefused } from './list-refused.ts';
import { delimiters, readRecords } from './read-records.ts';
import type { CsvRecord } from './read-records.ts';
import { readTextFile } from './read-text-file.ts';
import { headerDelimiters, userColumns } from './user-columns.ts';
import type { UserColumns } from './user-columns.ts';

export { ListRefused } from './list-refused.ts';

/** One entry of a file of users. */
export interface ListedUser {
  /** Where it begins in the file; later for the later ones of several on a line, as each entry has its own. */
  line: number;
  id?: string;
  email?: string;
  /** Why nobody is meant by it; it has neither id nor email then. */
  problem?: string;
  /** What was given, cut to 500 characters. */
  ref: string;
}

type Entry = Omit<ListedUser, 'line'>;

const maxLength = 500;

/**
 * The entries in the order of the file, with lines that only ever increase; memory does not grow with it.
 *
 * @throws ListRefused when the file is no list, at any time until the last entry: act on none before the end
 */
export async function* readUserList(path: string): AsyncGenerator<ListedUser, void, undefined> {
  const text = readTextFile(path);
  try {
    const start = (await text.next()).value ?? undefined;
    const separators = start && headerDelimiters(path, start);
    let columns: UserColumns | undefined;
    let line = 0;
    for await (const record of readRecords(path, joined(start, text), separators ?? delimiters)) {
      if (record.cells.every((cell) => cell.trim() === '')) continue;
      if (separators && columns === undefined) {
        columns = userColumns(path, record.cells);
        continue;
      }
      for (const entry of columns ? [ofRow(record, columns)] : ofLine(record)) {
        line = Math.max(line + 1, record.line);
        yield { line, ...entry };
      }
    }
    if (line === 0) throw new ListRefused(`${path} is empty: it has no entries`);
  } finally {
    await text.return();
  }
}

function ofRow({ cells }: CsvRecord, columns: UserColumns): Entry {
  const id = cellOf(cells, columns.id);
  const email = cellOf(cells, columns.email);
  const user = cellOf(cells, columns.user);
  if (cells.length > columns.count && cells.slice(columns.count).some((extra) => extra.trim() !== '')) {
    return refused(
      id || email || user,
      'has more values than the header line: a separator within a value needs quotes around it',
    );
  }
  if (id !== '') return named(id, { id });
  if (email !== '') return named(email, { email });
  if (user !== '') return named(user, { id: user, email: user });
  return refused('', 'names nobody');
}

function cellOf(cells: readonly string[], column: number | undefined): string {
  return column === undefined ? '' : (cells[column]?.trim() ?? '');
}

function ofLine({ cells, raw }: CsvRecord): Entry[] {
  const values = cells.map((cell) => cell.trim()).filter((value) => value !== '');
  const isListOfEmails = values.every((value) => value.includes('@')) && !raw.trim().includes('\t');
  if (values.length > 1 && !isListOfEmails) {
    return [refused(raw.trim(), 'more than one value: give a header line with `email` or `id`')];
  }
  return values.map((value) => named(value, { id: value, email: value }));
}

function named(text: string, who: Pick<ListedUser, 'id' | 'email'>): Entry {
  if (text.length > maxLength) return refused(text, `longer than ${maxLength} characters`);
  if (/[\r\n]/.test(text))
    return refused(text, 'holds a line break: a quote may be missing, or one too many');
  return { ...who, ref: text };
}

/** With the start of what was given; as a copy, because a slice of a string keeps all of it in memory. */
function refused(given: string, problem: string): Entry {
  const start = given.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, '');
  return { problem, ref: Buffer.from(start).toString() };
}
