import type { ChangeKind, ChangeState, Json, PlannedChange, Reason } from '../contracts/changes.ts';
import type { Sql } from '../contracts/sql.ts';

/** A change as it stands in the ledger. */
export interface ChangeRow extends PlannedChange {
  id: string;
  chunk: number;
  round: number;
  state: ChangeState;
}

/** Where a plan belongs: rounds after the first hold what verifying found later. */
export interface PlanPlace {
  operation: string;
  chunk: number;
  round: number;
}

/** The hash of a chunk's plan if it has been planned in this round, else null. */
export async function plannedHash(sql: Sql, { operation, chunk, round }: PlanPlace): Promise<string | null> {
  const { rows } = await sql.query<{ hash: string }>(
    `select plan_hash as hash from lms_lifecycle.operation_chunk
      where operation_id = $1 and chunk = $2 and round = $3`,
    [operation, chunk, round],
  );
  return rows[0]?.hash ?? null;
}

/** Writes a chunk's plan as pending changes, in order, together with the mark that it has been planned. */
export async function insertPlan(
  sql: Sql,
  { operation, chunk, round }: PlanPlace,
  hash: string,
  changes: readonly PlannedChange[],
): Promise<void> {
  // A retry may overlap with a try that was given up for dead. Within a snapshot, a row that came meanwhile makes `do
  // nothing` a serialization failure, which is worth another try, where a plain insert would be a violated key.
  const mark = sql.query(
    `insert into lms_lifecycle.operation_chunk (operation_id, chunk, round, plan_hash, changes) values ($1, $2, $3, $4, $5)
     on conflict (operation_id, chunk, round) do nothing`,
    [operation, chunk, round, hash, changes.length],
  );
  await Promise.all(
    changes.length === 0 ? [mark] : [mark, insertChanges(sql, { operation, chunk, round }, changes)],
  );
}

async function insertChanges(
  sql: Sql,
  { operation, chunk, round }: PlanPlace,
  changes: readonly PlannedChange[],
): Promise<void> {
  await sql.query(
    `insert into lms_lifecycle.change
       (operation_id, chunk, round, seq, step, kind, user_id, item, before, after, reason, undoes)
     select $1, $2, $3, c.seq, c.step, c.kind, c."user"::json #>> '{}', c.item::jsonb, c.before::jsonb, c.after::jsonb,
            c.reason::jsonb, c.undoes::bigint
       from unnest(string_to_array($4, E'\\n'), string_to_array($5, E'\\n'), string_to_array($6, E'\\n'),
                   string_to_array($7, E'\\n'), string_to_array($8, E'\\n', 'null'),
                   string_to_array($9, E'\\n', 'null'), string_to_array($10, E'\\n'),
                   string_to_array($11, E'\\n', '')) with ordinality
         as c(step, kind, "user", item, before, after, reason, undoes, seq)`,
    [
      operation,
      chunk,
      round,
      changes.map(({ step }) => step).join('\n'),
      changes.map(({ kind }) => kind).join('\n'),
      jsonLines(changes.map(({ user }) => user)),
      jsonLines(changes.map(({ item }) => item)),
      jsonLines(changes.map(({ before }) => before)),
      jsonLines(changes.map(({ after }) => after)),
      jsonLines(changes.map(({ reason }) => reason)),
      changes.map(({ undoes }) => undoes ?? '').join('\n'),
    ],
  );
}

/**
 * A column of a plan as one text, a value a line: JSON text has no line breaks of its own. PostgreSQL takes it apart in
 * half the time that a document of ten thousand changes takes, which it would read twice.
 */
function jsonLines(column: readonly (Json | Reason)[]): string {
  return column.map((value) => JSON.stringify(value)).join('\n');
}

/** One hash for the whole plan, from its chunks' hashes in order. */
export async function chunkHashes(sql: Sql, operation: string): Promise<string[]> {
  const { rows } = await sql.query<{ hash: string }>(
    `select plan_hash as hash from lms_lifecycle.operation_chunk where operation_id = $1 and round = 1 order by chunk`,
    [operation],
  );
  return rows.map((row) => row.hash);
}

export type ChangeCounts = { kind: ChangeKind; state: ChangeState; n: number }[];

/** How many changes there are of each kind and state. */
export async function countChanges(sql: Sql, operation: string): Promise<ChangeCounts> {
  const { rows } = await sql.query<ChangeCounts[number]>(
    `select kind, state, count(*)::int as n from lms_lifecycle.change where operation_id = $1
      group by kind, state order by kind, state`,
    [operation],
  );
  return rows;
}

/** How many users have at least one change. */
export async function countChangedUsers(sql: Sql, operation: string): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `select count(distinct user_id)::int as n from lms_lifecycle.change where operation_id = $1`,
    [operation],
  );
  return rows[0]?.n ?? 0;
}

const columns = `id::text, chunk, round, step, kind, user_id as "user", item, before, after, reason, state`;

/** A page of the plan, in order. */
export async function listChanges(
  sql: Sql,
  operation: string,
  offset: number,
  limit: number,
): Promise<ChangeRow[]> {
  const { rows } = await sql.query<ChangeRow>(
    `select ${columns} from lms_lifecycle.change where operation_id = $1
      order by chunk, round, seq offset $2 limit $3`,
    [operation, offset, limit],
  );
  return rows;
}

/** What an operation applied for these users and no other operation has undone since, newest first. */
export async function undoableChanges(
  sql: Sql,
  operation: string,
  users: readonly string[],
): Promise<ChangeRow[]> {
  const { rows } = await sql.query<ChangeRow>(
    `select ${columns} from lms_lifecycle.change c
      where operation_id = $1 and user_id = any($2) and state = 'applied'
        and not exists (select from lms_lifecycle.change u where u.undoes = c.id and u.state = 'applied')
      order by chunk desc, round desc, seq desc`,
    [operation, users],
  );
  return rows;
}

/** Gives up what is still pending, as when an operation is rejected or cancelled. */
export async function skipPending(sql: Sql, operation: string): Promise<void> {
  await sql.query(
    `update lms_lifecycle.change set state = 'skipped', decided_at = clock_timestamp()
      where operation_id = $1 and state = 'pending'`,
    [operation],
  );
}

/** The changes of a chunk that met somebody else's change, in order. */
export async function listConflicts(sql: Sql, operation: string, chunk: number): Promise<ChangeRow[]> {
  const { rows } = await sql.query<ChangeRow>(
    `select ${columns} from lms_lifecycle.change
      where operation_id = $1 and chunk = $2 and state = 'conflict' order by round, seq`,
    [operation, chunk],
  );
  return rows;
}

/** Makes conflicts of everything that is pending for a user who must not be touched any more; how many. */
export async function leaveAlone(
  sql: Sql,
  { operation, chunk }: Omit<PlanPlace, 'round'>,
  user: string,
): Promise<number> {
  const { rowCount } = await sql.query(
    `update lms_lifecycle.change set state = 'conflict', decided_at = transaction_timestamp()
      where operation_id = $1 and chunk = $2 and user_id = $3 and state = 'pending'`,
    [operation, chunk, user],
  );
  return rowCount ?? 0;
}
