import type { JsonObject } from '../contracts/changes.ts';
import type { RegistrationKey } from '../contracts/facts.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import { unguessed } from './unguessed.ts';

/**
 * Where an input line stands: `open` = found and claimed, not judged; `accepted` = will be changed;
 * `done`, `unchanged`, `attention` = settled.
 */
export type TargetState = 'open' | 'accepted' | 'done' | 'unchanged' | 'attention';

export interface Target {
  line: number;
  /** The chunk in which the line is dealt with; 0 for a line that is settled from the start. */
  chunk: number;
  user: UserId | null;
  /** The course or path, where a line names a registration. */
  activity?: string | null;
  /** What was given for this line; stays in the database. */
  ref: string | null;
  state: TargetState;
  problem: Problem | null;
}

/** The lines from `first` to `last`, both included. */
export interface LineRange {
  first: number;
  last: number;
}

/** Lines that were found together. */
export interface LinePage extends LineRange {
  count: number;
}

/** What becomes of a user's line; of all lines of the user where no activity is named. */
export interface Settlement {
  user: UserId;
  activity?: string;
  state: TargetState;
  /** Whether the operation deletes the account (D-13). */
  leaves?: boolean;
  problem?: Problem;
}

/** Writes lines of an operation; lines that are there already stay as they are. */
export async function insertTargets(sql: Sql, operation: string, targets: readonly Target[]): Promise<void> {
  const rows = targets.map(({ problem, ...target }) => ({
    ...target,
    type: problem?.type,
    message: problem?.message,
  }));
  await sql.query(
    `insert into lms_lifecycle.operation_target
       (operation_id, line, chunk, user_id, activity, ref, state, problem_type, problem_message)
     select $1, t.line, t.chunk, t."user", t.activity, t.ref, t.state, t.type, t.message
       from json_to_recordset($2)
         as t(line int, chunk int, "user" text, activity text, ref text, state text, type text, message text)
     on conflict (operation_id, line) do nothing`,
    [operation, JSON.stringify(rows)],
  );
}

/** The lines after one, at most so many; null where there is none. */
export function linesAfter(
  sql: Sql,
  operation: string,
  line: number,
  most: number,
): Promise<LinePage | null> {
  return linePage(sql, 'line > $2 order by line', [operation, line, most]);
}

/** The lines up to one, that one included, at most so many; null where there is none. */
export function linesUpTo(sql: Sql, operation: string, line: number, most: number): Promise<LinePage | null> {
  return linePage(sql, 'line <= $2 order by line desc', [operation, line, most]);
}

async function linePage(sql: Sql, which: string, values: unknown[]): Promise<LinePage | null> {
  const { rows } = await sql.query<{ first: number | null; last: number; count: number }>(
    `select min(line) as first, max(line) as last, count(*)::int as count
       from (select line from lms_lifecycle.operation_target where operation_id = $1 and ${which} limit $3) page`,
    values,
  );
  const [{ first, last, count } = { first: null, last: 0, count: 0 }] = rows;
  return first === null ? null : { first, last, count };
}

/** The last chunk that the lines found so far go into, and how many it has of them. */
export async function lastChunk(sql: Sql, operation: string): Promise<{ chunk: number; lines: number }> {
  const { rows } = await sql.query<{ chunk: number; lines: number }>(
    `select chunk, count(*)::int as lines from lms_lifecycle.operation_target
      where operation_id = $1 and chunk > 0 group by chunk order by chunk desc limit 1`,
    [operation],
  );
  return rows[0] ?? { chunk: 1, lines: 0 };
}

/** How many chunks the lines found so far make, and who is the only user if there is just one. */
export async function summarizeChunks(
  sql: Sql,
  operation: string,
): Promise<{ chunks: number; user: string | null }> {
  const { rows } = await sql.query<{ chunks: number; user: string | null }>(
    `select coalesce(max(chunk), 0)::int as chunks, case when count(*) = 1 then min(user_id) end as "user"
       from lms_lifecycle.operation_target where operation_id = $1`,
    [operation],
  );
  return rows[0] ?? { chunks: 0, user: null };
}

/** The last line of an operation; 0 when it has none. */
export async function lastLine(sql: Sql, operation: string): Promise<number> {
  const { rows } = await sql.query<{ line: number }>(
    `select coalesce(max(line), 0) as line from lms_lifecycle.operation_target where operation_id = $1`,
    [operation],
  );
  return rows[0]?.line ?? 0;
}

/** How many lines are in chunks after this one. */
export async function countAfterChunk(sql: Sql, operation: string, chunk: number): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `select count(*)::int as n from lms_lifecycle.operation_target where operation_id = $1 and chunk > $2`,
    [operation, chunk],
  );
  return rows[0]?.n ?? 0;
}

/** The user of a line; null when it has none. */
export async function userOfLine(sql: Sql, operation: string, line: number): Promise<UserId | null> {
  const { rows } = await sql.query<{ user: UserId | null }>(
    `select user_id as "user" from lms_lifecycle.operation_target where operation_id = $1 and line = $2`,
    [operation, line],
  );
  return rows[0]?.user ?? null;
}

/** All lines that name these users, in order, with what a stored list says of each. */
export async function linesOfUsers(
  sql: Sql,
  operation: string,
  users: readonly UserId[],
  list: string | null,
): Promise<{ user: UserId; line: number; payload: JsonObject | null }[]> {
  const { rows } = await sql.query<{ user: UserId; line: number; payload: JsonObject | null }>(
    `select t.user_id as "user", t.line, l.payload
       from lms_lifecycle.operation_target t
       left join lms_lifecycle.stored_list_line l on l.list_id = $3 and l.line = t.line
      where ${unguessed('t.operation_id = $1')} and t.user_id = any($2::text[]) order by t.line`,
    [operation, users, list],
  );
  return rows;
}

/** The earlier lines of the operation that name these users already. */
export async function namedBefore(
  sql: Sql,
  operation: string,
  users: readonly UserId[],
  line: number,
): Promise<{ user: UserId; activity: string | null; chunk: number }[]> {
  const { rows } = await sql.query<{ user: UserId; activity: string | null; chunk: number }>(
    `select user_id as "user", activity, chunk from lms_lifecycle.operation_target
      where ${unguessed('operation_id = $1 and line < $3')} and user_id = any($2::text[])`,
    [operation, users, line],
  );
  return rows;
}

/** Settles lines by user; what has been settled for good stays so. */
export async function settleTargets(
  sql: Sql,
  operation: string,
  settled: readonly Settlement[],
): Promise<void> {
  if (settled.length === 0) return;
  await sql.query(
    `update lms_lifecycle.operation_target t
        set state = s.state, leaves = coalesce(s.leaves, t.leaves), problem_type = s.type, problem_message = s.message
       from unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[])
         as s("user", activity, state, leaves, type, message)
      where ${unguessed('t.operation_id = $1')} and t.user_id = any($2) and t.user_id = s."user"
        and (s.activity is null or t.activity = s.activity) and t.state in ('open', 'accepted')`,
    [
      operation,
      settled.map(({ user }) => user),
      settled.map(({ activity }) => activity ?? null),
      settled.map(({ state }) => state),
      settled.map(({ leaves }) => leaves ?? null),
      settled.map(({ problem }) => problem?.type ?? null),
      settled.map(({ problem }) => problem?.message ?? null),
    ],
  );
}

/** Once a chunk has been planned: open lines of these users, whom the plan changes, are accepted; lines of others are unchanged. */
export async function settlePlanned(
  sql: Sql,
  operation: string,
  chunk: number,
  users: readonly UserId[],
): Promise<void> {
  const planned = 'user_id in (select unnest($3::text[]))';
  await sql.query(
    `update lms_lifecycle.operation_target set state = case when ${planned} then 'accepted' else 'unchanged' end
      where operation_id = $1 and chunk = $2 and (state = 'open' or state = 'accepted' and not ${planned})`,
    [operation, chunk, users],
  );
}

/** There is something to change for these users after all. */
export async function acceptUnchanged(sql: Sql, operation: string, users: readonly UserId[]): Promise<void> {
  if (users.length === 0) return;
  await sql.query(
    `update lms_lifecycle.operation_target set state = 'accepted'
      where ${unguessed('operation_id = $1')} and chunk > 0 and state = 'unchanged' and user_id = any($2::text[])`,
    [operation, users],
  );
}

/** The users of a chunk with a line in one of the states, in line order. */
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
  return [...new Set(rows.map((row) => row.user))];
}

/** The registrations that the lines of these users name, of lines in that state, in line order. */
export async function registrationsNamed(
  sql: Sql,
  operation: string,
  users: readonly UserId[],
  state: TargetState,
): Promise<RegistrationKey[]> {
  const { rows } = await sql.query<RegistrationKey>(
    `select user_id as "user", activity from lms_lifecycle.operation_target
      where ${unguessed('operation_id = $1')} and user_id = any($2::text[]) and activity is not null and state = $3
      order by line`,
    [operation, users, state],
  );
  return rows;
}

/** Which of these users the operation deletes, in any chunk of it (D-13). */
export function leavingAmong(sql: Sql, operation: string, users: readonly UserId[]): Promise<Set<UserId>> {
  return among(sql, operation, users, 'leaves');
}

/** Which of these users the operation names, whatever became of them. */
export function namedAmong(sql: Sql, operation: string, users: readonly UserId[]): Promise<Set<UserId>> {
  return among(sql, operation, users, 'true');
}

/** Which of these users the operation changes, in any chunk of it. */
export function acceptedAmong(sql: Sql, operation: string, users: readonly UserId[]): Promise<Set<UserId>> {
  return among(sql, operation, users, `state in ('accepted', 'done')`);
}

async function among(
  sql: Sql,
  operation: string,
  users: readonly UserId[],
  condition: string,
): Promise<Set<UserId>> {
  if (users.length === 0) return new Set();
  const { rows } = await sql.query<{ user: UserId }>(
    `select user_id as "user" from lms_lifecycle.operation_target
      where ${unguessed('operation_id = $1')} and ${condition} and user_id = any($2::text[])`,
    [operation, [...new Set(users)]],
  );
  return new Set(rows.map((row) => row.user));
}

/**
 * The changed users of a finished operation by line, those after `line` only: those whom an undo is about. Whoever has
 * several lines has the first of them.
 */
export async function changedUsers(
  sql: Sql,
  operation: string,
  after: number,
  limit: number,
): Promise<{ user: UserId; line: number; ref: string | null }[]> {
  const { rows } = await sql.query<{ user: UserId; line: number; ref: string | null }>(
    `select t.user_id as "user", t.line, t.ref from lms_lifecycle.operation_target t
      where t.operation_id = $1 and t.line > $2 and t.chunk > 0
        and exists (select from lms_lifecycle.change c
                     where ${unguessed('c.operation_id = $1 and c.chunk = t.chunk')}
                       and c.user_id = t.user_id and c.state = 'applied')
        and (t.activity is null or not exists (
              select from lms_lifecycle.operation_target e
               where ${unguessed('e.operation_id = $1 and e.line < t.line')} and e.user_id = t.user_id and e.chunk > 0))
      order by t.line limit $3`,
    [operation, after, limit],
  );
  return rows;
}

/** What is still accepted in a chunk has been done. */
export async function settleChunk(sql: Sql, operation: string, chunk: number): Promise<void> {
  await sql.query(
    `update lms_lifecycle.operation_target set state = 'done'
      where operation_id = $1 and chunk = $2 and state = 'accepted'`,
    [operation, chunk],
  );
}

/** How many users of a chunk have settled lines. */
export async function countSettled(sql: Sql, operation: string, chunk: number): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `select count(distinct user_id)::int as n from lms_lifecycle.operation_target
      where operation_id = $1 and chunk = $2 and state not in ('open', 'accepted')`,
    [operation, chunk],
  );
  return rows[0]?.n ?? 0;
}

/**
 * Settles what an operation leaves behind that ended before its end: untouched users are unchanged; of whom something
 * has changed already says so.
 */
export async function settleLeftovers(sql: Sql, operation: string): Promise<void> {
  await sql.query(
    `with begun as (
       select t.line from lms_lifecycle.operation_target t
        where t.operation_id = $1 and t.state = 'accepted'
          and exists (select from lms_lifecycle.change c
                       where ${unguessed('c.operation_id = $1 and c.chunk = t.chunk')}
                         and c.user_id = t.user_id and c.state = 'applied'
                         and (t.activity is null or c.item->>'activity' = t.activity)))
     update lms_lifecycle.operation_target t
        set state = case when line in (select line from begun) then 'attention' else 'unchanged' end,
            problem_type = case when line in (select line from begun) then 'Unexpected' end,
            problem_message = case when line in (select line from begun)
              then 'user ' || user_id || ': the operation ended before all of their changes were applied' end
      where operation_id = $1 and state in ('open', 'accepted')`,
    [operation],
  );
}
