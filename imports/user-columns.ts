import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { ListRefused } from './list-refused.ts';
import { csvOptions, delimiters } from './read-records.ts';
import type { Delimiter } from './read-records.ts';

type ColumnKind = 'id' | 'email' | 'user';

const kindOf = new Map<string, ColumnKind>([
  ['email', 'email'],
  ['e-mail', 'email'],
  ['mail', 'email'],
  ['id', 'id'],
  ['userid', 'id'],
  ['user id', 'id'],
  ['user', 'user'],
]);

/** Which cells of a row say who is meant. */
export interface UserColumns {
  id: number | undefined;
  email: number | undefined;
  /** A column that may hold either. */
  user: number | undefined;
  /** How many columns the header has in all. */
  count: number;
}

/** @throws ListRefused when two columns could be meant: the wrong one would name the wrong people */
export function userColumns(path: string, header: readonly string[]): UserColumns {
  const columns: UserColumns = { id: undefined, email: undefined, user: undefined, count: header.length };
  header.forEach((cell, i) => {
    const kind = kindIn(cell);
    if (kind === undefined) return;
    if (columns[kind] !== undefined) {
      throw new ListRefused(`${path}: the header line has two columns for the ${kind}; leave only one`);
    }
    columns[kind] = i;
  });
  return columns;
}

/**
 * The other columns, each an attribute by its name.
 *
 * @throws ListRefused when there is none, or one has no name, or two have the same
 */
export function attributeColumns(path: string, header: readonly string[]): Map<number, string> {
  const attributes = new Map<number, string>();
  header.forEach((cell, i) => {
    const name = cell.trim();
    if (kindIn(cell) !== undefined) return;
    if (name === '') throw new ListRefused(`${path}: column ${i + 1} of the header line has no name`);
    if ([...attributes.values()].includes(name)) {
      throw new ListRefused(`${path}: the header line has two columns for ${name}; leave only one`);
    }
    attributes.set(i, name);
  });
  if (attributes.size === 0) throw new ListRefused(`${path}: the header line names no attribute`);
  return attributes;
}

/**
 * What separates the cells, if the first record is a header; undefined if there is none. A header decides on one
 * separator, so that the others may stand in the cells; one with a single cell leaves it open.
 *
 * @throws ListRefused when the header can be read in more than one way
 */
export function headerDelimiters(path: string, start: Buffer): readonly Delimiter[] | undefined {
  const readings = delimiters
    .map((delimiter) => ({ delimiter, cells: firstRecord(start, delimiter) }))
    .map((reading) => ({
      ...reading,
      known: reading.cells.filter((cell) => kindIn(cell) !== undefined).length,
    }));
  const most = Math.max(...readings.map(({ known }) => known));
  if (most === 0) return undefined;
  const best = readings.filter(({ known }) => known === most);
  if (best.every(({ cells }) => cells.length === 1)) return delimiters;
  if (best.length > 1) throw new ListRefused(`${path}: the header line mixes separators`);
  return best.map(({ delimiter }) => delimiter);
}

function kindIn(cell: string): ColumnKind | undefined {
  return kindOf.get(cell.trim().toLowerCase());
}

/** Nothing where it is malformed, which reading the whole file will tell. */
function firstRecord(start: Buffer, delimiter: Delimiter): string[] {
  try {
    const options = { ...csvOptions, delimiter, to: 1, skip_records_with_empty_values: true };
    return parse(start, options)[0] ?? [];
  } catch (error) {
    if (error instanceof CsvError) return [];
    throw error;
  }
}
