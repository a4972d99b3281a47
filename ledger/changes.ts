import { steps } from '../contracts/changes.ts';
import type { ChangeKind, ChangeState, Json, PlannedChange, Reason, Step } from '../contracts/changes.ts';
import type { LinkFact } from '../contracts/facts.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import { isolated } from './attention.ts';
import { unguessed } from './unguessed.ts';

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
  const users = new Set(changes.flatMap(({ user }) => (user === '' ? [] : [user]))).size;
  const mark = sql.query(
    `insert into lms_lifecycle.operation_chunk (operation_id, chunk, round, plan_hash, changes, users, counts)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (operation_id, chunk, round) do nothing`,
    [operation, chunk, round, hash, changes.length, users, JSON.stringify(countKinds(changes))],
  );
  await Promise.all(
    changes.length === 0 ? [mark] : [mark, insertChanges(sql, { operation, chunk, round }, changes)],
  );
}

function countKinds(changes: readonly PlannedChange[]): Partial<Record<ChangeKind, number>> {
  const counts: Partial<Record<ChangeKind, number>> = {};
  for (const { kind } of changes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Writes pending changes, in order. */
export async function insertChanges(
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

/** What the plan of one chunk comes to. */
export interface ChunkPlan {
  hash: string;
  /** How many users have at least one change; a user is in one chunk only. */
  users: number;
  counts: Partial<Record<ChangeKind, number>>;
}

/** The plans of all chunks, in order. */
export async function chunkPlans(sql: Sql, operation: string): Promise<ChunkPlan[]> {
  const { rows } = await sql.query<ChunkPlan>(
    `select plan_hash as hash, users, counts from lms_lifecycle.operation_chunk
      where operation_id = $1 and round = 1 order by chunk`,
    [operation],
  );
  return rows;
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

/** How many changes of an operation are made though something speaks against them (C-12). */
export async function countThough(sql: Sql, operation: string): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `select count(*)::int as n from lms_lifecycle.change
      where operation_id = $1 and kind = 'access.revoke' and reason ? 'though'`,
    [operation],
  );
  return rows[0]?.n ?? 0;
}

/** How many users an operation is to take out of each group. */
export async function countLeaving(sql: Sql, operation: string): Promise<{ group: string; users: number }[]> {
  const { rows } = await sql.query<{ group: string; users: number }>(
    `select item->>'group' as "group", count(distinct user_id)::int as users from lms_lifecycle.change
      where operation_id = $1 and kind = 'membership.remove' group by 1 order by 1`,
    [operation],
  );
  return rows;
}

/** How many changes of a chunk were applied, and how many met somebody else's change. */
export async function tallyChunk(
  sql: Sql,
  operation: string,
  chunk: number,
): Promise<{ applied: number; conflicts: number }> {
  const { rows } = await sql.query<{ applied: number; conflicts: number }>(
    `select count(*) filter (where state = 'applied')::int as applied,
            count(*) filter (where state = 'conflict')::int as conflicts
       from lms_lifecycle.change where operation_id = $1 and chunk = $2`,
    [operation, chunk],
  );
  return rows[0] ?? { applied: 0, conflicts: 0 };
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

/** Whether a change `c` has been taken back by another one, which has not been taken back itself. */
const undone = `exists (
  select from lms_lifecycle.change u where u.undoes = c.id and u.state = 'applied'
     and not exists (select from lms_lifecycle.change r where r.undoes = u.id and r.state = 'applied'))`;

/** What an operation applied for these users and nothing has undone since, newest first. */
export function undoableChanges(sql: Sql, operation: string, users: readonly UserId[]): Promise<ChangeRow[]> {
  const ofUser = undoable(`user_id = asked.of_user and ${unguessed('operation_id = $1')}`);
  // User by user: for all at once the planner would rather read all changes there are.
  return changeRows(sql, `unnest($2::text[]) as asked (of_user) cross join lateral (${ofUser} offset 0) c`, [
    operation,
    users,
  ]);
}

/** The same of what it changed beside its users. */
export function undoableFrame(sql: Sql, operation: string): Promise<ChangeRow[]> {
  return changeRows(sql, `(${undoable('operation_id = $1 and chunk = 0')}) c`, [operation]);
}

function undoable(condition: string): string {
  return `select * from lms_lifecycle.change c where ${condition} and state = 'applied' and not ${undone}`;
}

async function changeRows(sql: Sql, from: string, values: unknown[]): Promise<ChangeRow[]> {
  const { rows } = await sql.query<ChangeRow>(
    `select ${columns} from ${from} order by chunk desc, round desc, seq desc`,
    values,
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

/** What the conflicts of a chunk were to take back, in order; conflicts of no such kind are left out. */
export async function notTakenBack(sql: Sql, operation: string, chunk: number): Promise<ChangeRow[]> {
  const { rows } = await sql.query<ChangeRow>(
    `select ${columns} from lms_lifecycle.change c
      where id in (select undoes from lms_lifecycle.change
                    where operation_id = $1 and chunk = $2 and state = 'conflict')
      order by c.id`,
    [operation, chunk],
  );
  return rows;
}

/** Makes conflicts of everything that is pending for users who must not be touched any more; how many. */
export async function leaveAlone(
  sql: Sql,
  { operation, chunk }: Omit<PlanPlace, 'round'>,
  users: readonly string[],
): Promise<number> {
  if (users.length === 0) return 0;
  const { rowCount } = await sql.query(
    `update lms_lifecycle.change set state = 'conflict', decided_at = transaction_timestamp()
      where operation_id = $1 and chunk = $2 and user_id = any($3::text[]) and state = 'pending'`,
    [operation, chunk, users],
  );
  return rowCount ?? 0;
}

/** What is pending in one step of a chunk, of users who are not isolated. */
export interface PendingStep {
  kinds: ChangeKind[];
  /** Whether somebody in the chunk is isolated, so that the users must be named. */
  isolation: boolean;
}

/** Everything else about a user follows from some changes: where one of these is a conflict, so is all that is pending. How many. */
export async function leaveWhatFollows(
  sql: Sql,
  { operation, chunk }: Omit<PlanPlace, 'round'>,
  kind: ChangeKind,
): Promise<number> {
  const { rows } = await sql.query<{ user: UserId }>(
    `select user_id as "user" from lms_lifecycle.change
      where operation_id = $1 and chunk = $2 and kind = $3 and state = 'conflict'`,
    [operation, chunk, kind],
  );
  return leaveAlone(
    sql,
    { operation, chunk },
    rows.map((row) => row.user),
  );
}

/** What there is to do in a step of a chunk. */
export async function pendingInStep(
  sql: Sql,
  operation: string,
  chunk: number,
  step: Step,
): Promise<PendingStep> {
  const { rows } = await sql.query<{ kind: ChangeKind; isolation: boolean }>(
    `select distinct kind, exists (
              select from lms_lifecycle.operation_target t
               where t.operation_id = $1 and t.chunk = $2 and ${isolated('t')}) as isolation
       from lms_lifecycle.change where operation_id = $1 and chunk = $2 and step = $3 and state = 'pending'`,
    [operation, chunk, step],
  );
  return { kinds: rows.map((row) => row.kind), isolation: rows.some((row) => row.isolation) };
}

/** The users of a chunk who have something pending in a step and are not isolated. */
export async function pendingUsers(
  sql: Sql,
  operation: string,
  chunk: number,
  step: Step,
): Promise<UserId[]> {
  const { rows } = await sql.query<{ user: UserId }>(
    `select distinct user_id as "user" from lms_lifecycle.change
      where operation_id = $1 and chunk = $2 and step = $3 and state = 'pending'
        and user_id not in (
          select t.user_id from lms_lifecycle.operation_target t
           where t.operation_id = $1 and t.chunk = $2 and ${isolated('t')})
      order by 1`,
    [operation, chunk, step],
  );
  return rows.map((row) => row.user);
}

/** The steps of a chunk in which something is pending, in their order. */
export async function pendingSteps(sql: Sql, operation: string, chunk: number): Promise<Step[]> {
  const { rows } = await sql.query<{ step: Step }>(
    `select distinct step from lms_lifecycle.change where operation_id = $1 and chunk = $2 and state = 'pending'`,
    [operation, chunk],
  );
  const pending = new Set(rows.map((row) => row.step));
  return steps.filter((step) => pending.has(step));
}

/** The operation by which a user was deleted last and is so still, as far as the ledger knows (D-20). */
export async function lastDeletion(sql: Sql, user: string): Promise<string | null> {
  const { rows } = await sql.query<{ operation: string }>(
    `select operation_id as operation from lms_lifecycle.change c
      where user_id = $1 and kind = 'account.retire' and undoes is null and state = 'applied' and not ${undone}
      order by id desc limit 1`,
    [user],
  );
  return rows[0]?.operation ?? null;
}

/** The links that an operation has removed. */
export async function removedLinks(sql: Sql, operation: string): Promise<LinkFact[]> {
  const { rows } = await sql.query<LinkFact>(
    `select item->>'type' as type, item->>'holder' as holder, item->>'activity' as activity,
            (before->>'position')::int as position
       from lms_lifecycle.change
      where operation_id = $1 and chunk = 0 and kind = 'link.remove' and state = 'applied'`,
    [operation],
  );
  return rows;
}

/** The links that operations have removed after a change was made, and that nothing has restored since. */
export async function linksRemovedSince(sql: Sql, change: string): Promise<LinkFact[]> {
  const { rows } = await sql.query<LinkFact>(
    `select distinct item->>'type' as type, item->>'holder' as holder, item->>'activity' as activity,
            (before->>'position')::int as position
       from lms_lifecycle.change c
      where kind = 'link.remove' and state = 'applied' and id > $1 and not ${undone}`,
    [change],
  );
  return rows;
}

/** The groups and sessions that an operation has taken each of these users out of, by user. */
export async function departures(
  sql: Sql,
  operation: string,
  users: readonly string[],
): Promise<Map<string, { groups: Set<string>; sessions: Set<string> }>> {
  const { rows } = await sql.query<{ user: string; groups: string[]; sessions: string[] }>(
    `select user_id as "user",
            coalesce(array_agg(item->>'group') filter (where kind = 'membership.remove'), '{}') as groups,
            coalesce(array_agg(item->>'session') filter (where kind = 'session.leave'), '{}') as sessions
       from lms_lifecycle.change
      where ${unguessed('operation_id = $1')} and kind in ('membership.remove', 'session.leave') and state = 'applied'
        and user_id = any($2::text[]) group by user_id`,
    [operation, users],
  );
  return new Map(
    rows.map(({ user, groups, sessions }) => [
      user,
      { groups: new Set(groups), sessions: new Set(sessions) },
    ]),
  );
}
