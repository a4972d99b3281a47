import type { JsonObject } from '../contracts/changes.ts';
import type { OperationKind, OperationResult, OperationState } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { releaseUsers } from './claims.ts';

/** What is written once, when an operation opens (X-09: who, why, from which trigger). */
export interface NewOperation {
  id: string;
  workflowId: string;
  kind: OperationKind;
  /** As it was given; may hold emails, which is why it stays in the database. */
  input: JsonObject;
  requestedBy: string;
  reason: string | null;
  trigger: string;
  host: string;
  mode: 'apply' | 'preview';
  undoes: string | null;
  /** The import that it runs. */
  import: string | null;
}

/** Why an operation ended without success: a failure type, or `Unexpected`. */
export interface Failure {
  type: string;
  message: string;
}

export interface OperationRow extends NewOperation {
  state: OperationState;
  planHash: string | null;
  result: OperationResult | null;
  failure: Failure | null;
  /** ISO 8601, UTC. */
  openedAt: string;
  approvedBy: string | null;
  closedAt: string | null;
}

export const finalStates: readonly OperationState[] = [
  'previewed',
  'done',
  'rejected',
  'expired',
  'cancelled',
  'failed',
];

const columns = /* sql */ `
  id, workflow_id as "workflowId", kind, input, requested_by as "requestedBy", reason, trigger, host, mode, undoes,
  import_id as "import", state, plan_hash as "planHash", result, failure, approved_by as "approvedBy",
  to_json(opened_at) #>> '{}' as "openedAt", to_json(closed_at) #>> '{}' as "closedAt"`;

/** Opens an operation; a second time, for the same id, is a no-op. */
export async function openOperation(sql: Sql, operation: NewOperation): Promise<void> {
  const { id, workflowId, kind, input, requestedBy, reason, trigger, host, mode } = operation;
  await sql.query(
    `insert into lms_lifecycle.operation
       (id, workflow_id, kind, input, requested_by, reason, trigger, host, mode, undoes, import_id, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'planning')
     on conflict (id) do nothing`,
    [
      ...[id, workflowId, kind, JSON.stringify(input), requestedBy, reason, trigger, host, mode],
      ...[operation.undoes, operation.import],
    ],
  );
}

/** By operation id, or else the latest with that workflow id; null when there is neither. */
export async function findOperation(sql: Sql, idOrWorkflowId: string): Promise<OperationRow | null> {
  const { rows } = await sql.query<OperationRow>(
    `select ${columns} from lms_lifecycle.operation
      where id = $1 or workflow_id = $1
      order by (id = $1) desc, opened_at desc limit 1`,
    [idOrWorkflowId],
  );
  return rows[0] ?? null;
}

/** Which of these workflows an operation was carried out by; null when none. */
export async function knownWorkflow(sql: Sql, workflowIds: readonly string[]): Promise<string | null> {
  const { rows } = await sql.query<{ workflowId: string }>(
    `select workflow_id as "workflowId" from lms_lifecycle.operation where workflow_id = any($1) limit 1`,
    [workflowIds],
  );
  return rows[0]?.workflowId ?? null;
}

/** Whether an operation is still open; if it is, closing it waits for the end of the caller's transaction. */
export async function keepOpen(sql: Sql, id: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    `select from lms_lifecycle.operation where id = $1 and closed_at is null for share`,
    [id],
  );
  return rowCount === 1;
}

/** The latest operations, newest first. */
export async function listOperations(sql: Sql, limit: number): Promise<OperationRow[]> {
  const { rows } = await sql.query<OperationRow>(
    `select ${columns} from lms_lifecycle.operation order by opened_at desc, id limit $1`,
    [limit],
  );
  return rows;
}

/** Records the plan's hash and where the operation goes from there. Once sealed it stays as it is. */
export async function sealOperation(
  sql: Sql,
  id: string,
  planHash: string,
  state: OperationState,
): Promise<void> {
  await sql.query(
    `update lms_lifecycle.operation
        set plan_hash = $2, state = $3, sealed_at = transaction_timestamp()
      where id = $1 and sealed_at is null`,
    [id, planHash, state],
  );
}

/** Records that the plan may be applied, and by whose approval. */
export async function approveOperation(sql: Sql, id: string, approvedBy: string): Promise<void> {
  await sql.query(
    `update lms_lifecycle.operation
        set state = 'applying', approved_by = $2, approved_at = transaction_timestamp()
      where id = $1 and closed_at is null and approved_at is null`,
    [id, approvedBy],
  );
}

/** Writes the end of an operation and lets its users go. A closed operation stays as it is. */
export async function closeOperation(
  sql: Sql,
  id: string,
  end: { state: OperationState; result: OperationResult | null; failure: Failure | null },
): Promise<void> {
  const closed = sql.query(
    `update lms_lifecycle.operation
        set state = $2, result = $3, failure = $4, closed_at = transaction_timestamp()
      where id = $1 and closed_at is null`,
    [id, end.state, json(end.result), json(end.failure)],
  );
  await Promise.all([closed, releaseUsers(sql, id)]);
}

function json(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
