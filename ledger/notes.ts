import type { Sql } from '../contracts/sql.ts';

/** What an operation has to tell that belongs to no user. */
export interface Note {
  /** What it is about, as `group g-2`; an operation has one note for each. */
  subject: string;
  message: string;
}

/** Writes notes; one about the same subject stays as it is. */
export async function insertNotes(sql: Sql, operation: string, notes: readonly Note[]): Promise<void> {
  if (notes.length === 0) return;
  await sql.query(
    `insert into lms_lifecycle.operation_note (operation_id, subject, message)
     select $1, n.subject, n.message from json_to_recordset($2) as n(subject text, message text) order by 2
     on conflict do nothing`,
    [operation, JSON.stringify(notes)],
  );
}

/** The notes of an operation, by subject. */
export async function listNotes(sql: Sql, operation: string): Promise<Note[]> {
  const { rows } = await sql.query<Note>(
    `select subject, message from lms_lifecycle.operation_note where operation_id = $1 order by subject collate "C"`,
    [operation],
  );
  return rows;
}
