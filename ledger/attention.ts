import type { FailureType, Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Attention, OperationResult } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import type { TargetState } from './targets.ts';
import { unguessed } from './unguessed.ts';

/** A condition on a target: a user on whom the host broke, put aside with pending changes until somebody decides. */
export function isolated(target: string): string {
  return `${target}.state = 'attention' and ${target}.problem_type = 'Unexpected'`;
}

/** How many of an operation's attention lines its result holds. */
const shownLines = 100;

/** How many lines are in which state, and the first hundred that need attention. */
export async function summarizeTargets(
  sql: Sql,
  operation: string,
): Promise<{ users: OperationResult['users']; attention: Attention[]; accepted: number }> {
  const [counted, attention] = await Promise.all([
    sql.query<{ state: TargetState; n: number }>(
      `select state, count(*)::int as n from lms_lifecycle.operation_target where operation_id = $1 group by state`,
      [operation],
    ),
    listAttention(sql, operation, 0, shownLines),
  ]);
  const count = (state: TargetState): number => counted.rows.find((row) => row.state === state)?.n ?? 0;
  return {
    users: { done: count('done'), unchanged: count('unchanged'), attention: count('attention') },
    attention: attention.map(({ line, user, type, message }) => ({ line, user, type, message })),
    accepted: count('accepted'),
  };
}

/** An attention line with what was given for it, which stays out of Temporal. */
export interface NamedAttention extends Attention {
  ref: string | null;
}

/** The lines after `line` that need attention. */
export async function listAttention(
  sql: Sql,
  operation: string,
  after: number,
  limit: number,
): Promise<NamedAttention[]> {
  const { rows } = await sql.query<{
    line: number;
    ref: string | null;
    user: string | null;
    type: FailureType;
    message: string;
  }>(
    `select line, ref, user_id as "user", problem_type as type, problem_message as message
       from lms_lifecycle.operation_target
      where operation_id = $1 and state = 'attention' and line > $2 order by line limit $3`,
    [operation, after, limit],
  );
  return rows;
}

/**
 * Puts a user aside whose changes the host refuses, so that the others of the chunk can go on; also one of whom there is
 * something to tell already, but who is changed all the same.
 */
export async function isolateUser(
  sql: Sql,
  operation: string,
  user: UserId,
  problem: Problem,
): Promise<void> {
  await sql.query(
    `update lms_lifecycle.operation_target
        set state = 'attention', problem_type = $3, problem_message = concat_ws('; ', $4::text, problem_message)
      where ${unguessed('operation_id = $1')} and user_id = $2
        and (state = 'accepted' or state = 'attention' and problem_type in ('NoGroupLeft', 'NotRestorable'))`,
    [operation, user, problem.type, problem.message],
  );
}

/** How many users of a chunk are isolated. */
export async function countIsolated(sql: Sql, operation: string, chunk: number): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `select count(*)::int as n from lms_lifecycle.operation_target t
      where t.operation_id = $1 and t.chunk = $2 and ${isolated('t')}`,
    [operation, chunk],
  );
  return rows[0]?.n ?? 0;
}

/** Takes the isolated users back into their chunks. */
export async function retryIsolated(sql: Sql, operation: string): Promise<void> {
  await sql.query(
    `update lms_lifecycle.operation_target t set state = 'accepted', problem_type = null, problem_message = null
      where t.operation_id = $1 and ${isolated('t')}`,
    [operation],
  );
}

/** Gives up the pending changes of the isolated users; their lines keep saying why. */
export async function skipIsolated(sql: Sql, operation: string): Promise<void> {
  await sql.query(
    `update lms_lifecycle.change set state = 'skipped', decided_at = clock_timestamp()
      where operation_id = $1 and state = 'pending'
        and (chunk, user_id) in (
          select t.chunk, t.user_id from lms_lifecycle.operation_target t
           where t.operation_id = $1 and ${isolated('t')})`,
    [operation],
  );
}
