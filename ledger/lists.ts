import type { JsonObject } from '../contracts/changes.ts';
import type { Sql } from '../contracts/sql.ts';
import { storableJson } from './storable.ts';

/** An entry of a list of users: by id, by email, or, where either is possible, by both; with a problem it names nobody. */
export interface ListEntry {
  line: number;
  id?: string | undefined;
  email?: string | undefined;
  problem?: string | undefined;
  /** What was given. */
  ref: string;
  /** What is asked for this user, beside what is asked for all: `{ activity }` where a line is about a registration. */
  payload?: JsonObject | undefined;
}

/** How many entries are written at once. */
const batchSize = 5_000;

/**
 * Stores a list under an id of the caller's, in the caller's transaction: the whole list, or nothing.
 *
 * @param source where it came from, for people
 * @returns how many entries it has
 */
export async function storeList(
  sql: Sql,
  id: string,
  source: string,
  entries: AsyncIterable<ListEntry> | Iterable<ListEntry>,
): Promise<number> {
  await sql.query(`insert into lms_lifecycle.stored_list (id, source, lines) values ($1, $2, 0)`, [
    id,
    source,
  ]);
  let lines = 0;
  let batch: ListEntry[] = [];
  const flush = async (): Promise<void> => {
    await insertEntries(sql, id, batch);
    lines += batch.length;
    batch = [];
  };
  for await (const entry of entries) {
    batch.push(entry);
    if (batch.length >= batchSize) await flush();
  }
  await flush();
  await sql.query(`update lms_lifecycle.stored_list set lines = $2 where id = $1`, [id, lines]);
  return lines;
}

async function insertEntries(sql: Sql, id: string, entries: readonly ListEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await sql.query(
    `insert into lms_lifecycle.stored_list_line (list_id, line, user_id, email, ref, problem, payload)
     select $1, e.line, e.id, e.email, e.ref, e.problem, e.payload
       from json_to_recordset($2) as e(line int, id text, email text, ref text, problem text, payload jsonb)`,
    [id, storableJson(entries)],
  );
}

/** How many entries a stored list has; null when there is no such list. */
export async function countEntries(sql: Sql, id: string): Promise<number | null> {
  const { rows } = await sql.query<{ lines: number }>(
    `select lines from lms_lifecycle.stored_list where id = $1`,
    [id],
  );
  return rows[0]?.lines ?? null;
}

/** The entries of a stored list after a line, in order. */
export async function readEntries(sql: Sql, id: string, after: number, limit: number): Promise<ListEntry[]> {
  const { rows } = await sql.query<{
    line: number;
    id: string | null;
    email: string | null;
    ref: string;
    problem: string | null;
    payload: JsonObject | null;
  }>(
    `select line, user_id as id, email, ref, problem, payload from lms_lifecycle.stored_list_line
      where list_id = $1 and line > $2 order by line limit $3`,
    [id, after, limit],
  );
  return rows.map((row) => ({
    line: row.line,
    id: row.id ?? undefined,
    email: row.email ?? undefined,
    ref: row.ref,
    problem: row.problem ?? undefined,
    payload: row.payload ?? undefined,
  }));
}
