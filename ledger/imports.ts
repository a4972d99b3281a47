import type { JsonObject } from '../contracts/changes.ts';
import type { ImportAction, ImportReport } from '../contracts/imports.ts';
import type { OperationState } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import type { Failure } from './operations.ts';
import { storableJson } from './storable.ts';

/** An upload that has been checked; the lines that it lets in are the stored list of the same id. */
export interface CheckedImport {
  id: string;
  /** Which instance made its template: this one. */
  instance: string;
  action: ImportAction;
  /** What its operation is given beside the list and what everybody gives. */
  input: JsonObject;
  report: ImportReport;
  /** Whose rights were looked at; null when nobody's were. */
  checkedBy: string | null;
}

/** What tells this instance from others, for as long as its ledger lives. */
export async function instanceId(sql: Sql): Promise<string> {
  const { rows } = await sql.query<{ id: string }>(`select id from lms_lifecycle.instance`);
  if (!rows[0]) throw new Error('the ledger has no instance: it was not migrated');
  return rows[0].id;
}

/** Stores what a check has found; its list must be there. */
export async function storeImport(sql: Sql, checked: CheckedImport): Promise<void> {
  const { id, instance, action, input, report, checkedBy } = checked;
  await sql.query(
    `insert into lms_lifecycle.import (id, instance, action, input, report, checked_by) values ($1, $2, $3, $4, $5, $6)`,
    [id, instance, action, storableJson(input), storableJson(report), checkedBy],
  );
}

/** Null when there is no such import. */
export async function findImport(sql: Sql, id: string): Promise<CheckedImport | null> {
  const { rows } = await sql.query<CheckedImport>(
    `select id, instance, action, input, report, checked_by as "checkedBy" from lms_lifecycle.import where id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** An operation that runs, or has run, an import. */
export interface ImportRun {
  id: string;
  workflowId: string;
  state: OperationState;
}

/** The operations but `except` that were to apply an import, and were not refused before their first change. */
export async function runsOf(sql: Sql, importId: string, except: string): Promise<ImportRun[]> {
  const { rows } = await sql.query<ImportRun>(
    `select id, workflow_id as "workflowId", state from lms_lifecycle.operation
      where import_id = $1 and id <> $2 and mode = 'apply' and state not in ('failed', 'rejected', 'expired', 'cancelled')
      order by opened_at`,
    [importId, except],
  );
  return rows;
}

/** What became of an import that was started. */
export interface StartedImport extends ImportRun {
  /** ISO 8601, UTC. */
  openedAt: string;
  failure: Failure | null;
}

/** All operations that were to run an import, refused ones too; the first one first. */
export async function startsOf(sql: Sql, importId: string): Promise<StartedImport[]> {
  const { rows } = await sql.query<StartedImport>(
    `select id, workflow_id as "workflowId", state, to_json(opened_at) #>> '{}' as "openedAt", failure
       from lms_lifecycle.operation where import_id = $1 order by opened_at, id`,
    [importId],
  );
  return rows;
}
