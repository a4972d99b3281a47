import type { FailureType, Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Attention, OperationResult } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';

/**
 * Where an input line stands: `open` = found and claimed, not judged; `accepted` = will be changed;
 * `done`, `unchanged`, `attention` = settled.
 */
export type TargetState = 'open' | 'accepted' | 'done' | 'unchanged' | 'attention';

export interface Target {
  line: number;
  chunk: number;
  user: UserId | null;
  /** What was given for this line; stays in the database. */
  ref: string | null;
  state: TargetState;
  problem: Problem | null;
}

/** Writes the lines of an operation; lines that are there already stay as they are. */
export async function insertTargets(sql: Sql, operation: string, targets: readonly Target[]): Promise<void> {
  const rows = targets.map(({ problem, ...target }) => ({
    ...target,
    type: problem?.type,
    message: problem?.message,
  }));
  await sql.query(
    `insert into lms_lifecycle.operation_target
       (operation_id, line, chunk, user_id, ref, state, problem_type, problem_message)
     select $1, t.line, t.chunk, t."user", t.ref, t.state, t.type, t.message
       from json_to_recordset($2) as t(line int, chunk int, "user" text, ref text, state text, type text, message text)
     on conflict (operation_id, line) do nothing`,
    [operation, JSON.stringify(rows)],
  );
}

/** A user that another operation holds. */
export interface HeldUser {
  user: UserId;
  holder: string;
  holderWorkflowId: string;
}

/**
 * Claims the users of all open lines for this operation, and returns those that another one holds.
 * Waits for a claim that is being made at this moment.
 */
export async function claimUsers(sql: Sql, operation: string): Promise<HeldUser[]> {
  // Ordered, so that two operations that claim the same users do not deadlock.
  const locked = sql.query(
    `select pg_advisory_xact_lock(6207311, hashtext(user_id))
       from (select distinct user_id from lms_lifecycle.operation_target
              where operation_id = $1 and state = 'open' order by user_id) as mine`,
    [operation],
  );
  const looked = sql.query<HeldUser>(
    `select distinct mine.user_id as "user", held.operation_id as holder, holder.workflow_id as "holderWorkflowId"
       from lms_lifecycle.operation_target mine
       join lms_lifecycle.operation_target held
         on held.user_id = mine.user_id and held.claimed and held.operation_id <> $1
       join lms_lifecycle.operation holder on holder.id = held.operation_id
      where mine.operation_id = $1 and mine.state = 'open'`,
    [operation],
  );
  const [, { rows }] = await Promise.all([locked, looked]);
  await sql.query(
    `update lms_lifecycle.operation_target set claimed = true
      where operation_id = $1 and state = 'open' and not (user_id = any($2))`,
    [operation, rows.map((row) => row.user)],
  );
  return rows;
}

/** Settles lines by user: refused with a problem, or moved on to another state. */
export async function settleTargets(
  sql: Sql,
  operation: string,
  settled: readonly { user: UserId; state: TargetState; problem?: Problem }[],
): Promise<void> {
  if (settled.length === 0) return;
  const rows = settled.map(({ user, state, problem }) => ({
    user,
    state,
    type: problem?.type,
    message: problem?.message,
  }));
  await sql.query(
    `update lms_lifecycle.operation_target t
        set state = s.state, problem_type = s.type, problem_message = s.message
       from json_to_recordset($2) as s("user" text, state text, type text, message text)
      where t.operation_id = $1 and t.user_id = s."user" and t.state in ('open', 'accepted')`,
    [operation, JSON.stringify(rows)],
  );
}

/** The users of a chunk in one of the states, in line order. */
export async function usersOfChunk(
  sql: Sql,
  operation: string,
  chunk: number,
  states: readonly TargetState[],
): Promise<UserId[]> {
  const { rows } = await sql.query<{ user: UserId }>(
    `select user_id as "user" from lms_lifecycle.operation_target
      where operation_id = $1 and chunk = $2 and state = any($3) and user_id is not null order by line`,
    [operation, chunk, states],
  );
  return rows.map((row) => row.user);
}

/** How many lines are in which state, and the first hundred that need attention. */
export async function summarizeTargets(
  sql: Sql,
  operation: string,
): Promise<{ users: OperationResult['users']; attention: Attention[]; accepted: number }> {
  const [counted, { rows }] = await Promise.all([
    sql.query<{ state: TargetState; n: number }>(
      `select state, count(*)::int as n from lms_lifecycle.operation_target where operation_id = $1 group by state`,
      [operation],
    ),
    sql.query<{ line: number; user: string | null; type: FailureType; message: string }>(
      `select line, user_id as "user", problem_type as type, problem_message as message
         from lms_lifecycle.operation_target
        where operation_id = $1 and state = 'attention' order by line limit 100`,
      [operation],
    ),
  ]);
  const count = (state: TargetState): number => counted.rows.find((row) => row.state === state)?.n ?? 0;
  return {
    users: { done: count('done'), unchanged: count('unchanged'), attention: count('attention') },
    attention: rows,
    accepted: count('accepted'),
  };
}

/** Which of these users the operation will change: everybody it deletes, in any chunk of it (D-13). */
export async function acceptedAmong(
  sql: Sql,
  operation: string,
  users: readonly UserId[],
): Promise<Set<UserId>> {
  const { rows } = await sql.query<{ user: UserId }>(
    `select user_id as "user" from lms_lifecycle.operation_target
      where operation_id = $1 and state = 'accepted' and user_id in (select unnest($2::text[]))`,
    [operation, users],
  );
  return new Set(rows.map((row) => row.user));
}

/** The changed users of a finished operation, in line order: those whom an undo is about. */
export async function changedUsers(sql: Sql, operation: string): Promise<UserId[]> {
  const { rows } = await sql.query<{ user: UserId }>(
    `select t.user_id as "user" from lms_lifecycle.operation_target t
      where t.operation_id = $1 and t.user_id is not null
        and exists (select from lms_lifecycle.change c
                     where c.operation_id = $1 and c.user_id = t.user_id and c.state = 'applied')
      order by t.line`,
    [operation],
  );
  return rows.map((row) => row.user);
}

/** What is still accepted in a chunk has been done. */
export async function settleChunk(sql: Sql, operation: string, chunk: number): Promise<void> {
  await sql.query(
    `update lms_lifecycle.operation_target set state = 'done'
      where operation_id = $1 and chunk = $2 and state = 'accepted'`,
    [operation, chunk],
  );
}
