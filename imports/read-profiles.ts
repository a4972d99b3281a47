/**
 * A file of profile updates (C-05): a JSON array of `{ user, profile }`, or a CSV file whose header names who is meant (as in
 * a list of users) and the attributes.
 *
 * In CSV every value is text, and an empty cell leaves its attribute as it is: only JSON can remove one. What a row holds
 * is judged later, row by row; a file that is neither is refused as a whole.
 */
import { Readable } from 'node:stream';
import { streamArray } from 'stream-json/streamers/stream-array.js';
import { joined } from './joined.ts';
import { ListRefused } from './list-refused.ts';
import { readRecords } from './read-records.ts';
import type { CsvRecord } from './read-records.ts';
import { readTextFile } from './read-text-file.ts';
import { attributeColumns, headerDelimiters, userColumns } from './user-columns.ts';
import type { UserColumns } from './user-columns.ts';

/** A row as it was given, to be judged; or why it cannot be one. */
export interface ProfileRow {
  /** Of JSON which element it is, of CSV the line where it begins. */
  line: number;
  row?: unknown;
  problem?: string;
}

/**
 * The rows in the order of the file; memory does not grow with it.
 *
 * @throws ListRefused when the file is no such file, at any time until the last row: act on none before the end
 */
export async function* readProfiles(path: string): AsyncGenerator<ProfileRow, void, undefined> {
  const text = readTextFile(path);
  try {
    const start = (await text.next()).value ?? undefined;
    if (start === undefined) throw new ListRefused(`${path} is empty: it has no rows`);
    const all = joined(start, text);
    let rows = 0;
    for await (const row of isJson(start) ? jsonRows(path, all) : csvRows(path, start, all)) {
      rows += 1;
      yield row;
    }
    if (rows === 0) throw new ListRefused(`${path} has no rows`);
  } finally {
    await text.return();
  }
}

function isJson(start: Buffer): boolean {
  return /^\s*[[{]/.test(start.subarray(0, 1000).toString());
}

async function* jsonRows(
  path: string,
  text: AsyncIterable<Buffer>,
): AsyncGenerator<ProfileRow, void, undefined> {
  let line = 0;
  const source = Readable.from(text);
  const elements = source.pipe(streamArray.withParserAsStream());
  source.once('error', (error) => elements.destroy(error));
  try {
    for await (const { value } of elements as AsyncIterable<{ value: unknown }>) {
      line += 1;
      yield { line, row: value };
    }
  } catch (error) {
    if (error instanceof ListRefused) throw error;
    // Without the parser's own message, which may repeat what it stopped at.
    throw new ListRefused(`${path} is not a JSON array of rows: it cannot be read after row ${line}`);
  } finally {
    source.destroy();
  }
}

async function* csvRows(
  path: string,
  start: Buffer,
  text: AsyncIterable<Buffer>,
): AsyncGenerator<ProfileRow, void, undefined> {
  const separators = headerDelimiters(path, start);
  if (!separators) {
    throw new ListRefused(
      `${path}: the first line must be a header with email, id or user, and the attributes`,
    );
  }
  let columns: { users: UserColumns; attributes: Map<number, string> } | undefined;
  for await (const record of readRecords(path, text, separators)) {
    if (record.cells.every((cell) => cell.trim() === '')) continue;
    if (columns === undefined) {
      columns = {
        users: userColumns(path, record.cells),
        attributes: attributeColumns(path, record.cells),
      };
    } else {
      yield { line: record.line, ...rowOf(record, columns.users, columns.attributes) };
    }
  }
}

function rowOf(
  { cells }: CsvRecord,
  users: UserColumns,
  attributes: ReadonlyMap<number, string>,
): Omit<ProfileRow, 'line'> {
  if (cells.slice(users.count).some((extra) => extra.trim() !== '')) {
    return {
      problem: 'has more values than the header line: a separator within a value needs quotes around it',
    };
  }
  const cell = (column: number | undefined): string => (column === undefined ? '' : (cells[column] ?? ''));
  const id = cell(users.id);
  const email = cell(users.email);
  const user = cell(users.user);
  if (id === '' && email === '' && user === '') return { problem: 'names nobody' };
  const profile = Object.fromEntries(
    [...attributes].filter(([column]) => cell(column) !== '').map(([column, name]) => [name, cell(column)]),
  );
  return { row: { user: id !== '' ? { id } : email !== '' ? { email } : user, profile } };
}
