import type { Sql } from '../contracts/sql.ts';

/** A selection of columns under a name (P-02). */
export interface SavedReport {
  name: string;
  report: 'users';
  columns: string[];
}

/** Saves a selection; one of the same name is replaced. */
export async function saveReport(sql: Sql, { name, report, columns }: SavedReport): Promise<void> {
  await sql.query(
    `insert into lms_lifecycle.saved_report (name, report, columns) values ($1, $2, $3)
     on conflict (name) do update
        set report = excluded.report, columns = excluded.columns, saved_at = transaction_timestamp()`,
    [name, report, columns],
  );
}

/** Null when nothing is saved under that name. */
export async function findSavedReport(sql: Sql, name: string): Promise<SavedReport | null> {
  const { rows } = await sql.query<SavedReport>(
    `select name, report, columns from lms_lifecycle.saved_report where name = $1`,
    [name],
  );
  return rows[0] ?? null;
}

/** The names of all that are saved. */
export async function savedReportNames(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(
    `select name from lms_lifecycle.saved_report order by name collate "C"`,
  );
  return rows.map(({ name }) => name);
}
