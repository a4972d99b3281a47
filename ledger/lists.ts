import type { JsonObject } from '../contracts/changes.ts';
import { maxActivities } from '../contracts/imports.ts';
import type { UserId } from '../contracts/ids.ts';
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
  /** Whom the line named when the list was checked: if it names somebody else by now, nobody is meant. */
  checked?: UserId | undefined;
  /** What is asked for this user, beside what is asked for all: `{ activity }` where a line is about a registration. */
  payload?: JsonObject | undefined;
  /** Set where the host itself has found the user by `id`, who lives. */
  found?: true;
}

/** An entry as it is stored. */
export interface StoredEntry extends ListEntry {
  /** Of several registrations, at most `maxActivities`, instead of a payload: read as a line for each, from its own on. */
  activities?: readonly string[] | undefined;
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
  entries: AsyncIterable<StoredEntry> | Iterable<StoredEntry>,
): Promise<number> {
  await sql.query(`insert into lms_lifecycle.stored_list (id, source, lines) values ($1, $2, 0)`, [
    id,
    source,
  ]);
  let lines = 0;
  let batch: StoredEntry[] = [];
  const flush = async (): Promise<void> => {
    await insertEntries(sql, id, batch);
    for (const { activities } of batch) lines += activities?.length ?? 1;
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

async function insertEntries(sql: Sql, id: string, entries: readonly StoredEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await sql.query(
    `insert into lms_lifecycle.stored_list_line (list_id, line, user_id, email, ref, problem, payload, checked_user, activities)
     select $1, e.line, e.id, e.email, e.ref, e.problem, e.payload, e.checked, e.activities
       from json_to_recordset($2)
         as e(line int, id text, email text, ref text, problem text, payload jsonb, checked text,
              activities text[])`,
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
    checked: UserId | null;
  }>(
    `select l.line + coalesce(a.n - 1, 0)::int as line, l.user_id as id, l.email, l.ref, l.problem,
            case when a.id is null then l.payload else jsonb_build_object('activity', a.id) end as payload, l.checked_user as checked
       from lms_lifecycle.stored_list_line l
       left join lateral unnest(l.activities) with ordinality as a(id, n) on true
      where l.list_id = $1 and l.line > $2::int - $4::int and l.line + coalesce(a.n - 1, 0) > $2 order by 1 limit $3`,
    [id, after, limit, maxActivities],
  );
  return rows.map((row) => ({
    line: row.line,
    id: row.id ?? undefined,
    email: row.email ?? undefined,
    ref: row.ref,
    problem: row.problem ?? undefined,
    payload: row.payload ?? undefined,
    checked: row.checked ?? undefined,
  }));
}
