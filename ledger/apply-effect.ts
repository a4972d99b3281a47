import type { EffectStatement, HostEffect } from '../adapters/host-lms.ts';
import type { ChangeKind, Step } from '../contracts/changes.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';

/** Which pending changes to carry out. */
export interface EffectScope {
  operation: string;
  chunk: number;
  step: Step;
  kind: ChangeKind;
  /** Only the changes of these users; null: of all. */
  users: readonly UserId[] | null;
}

/**
 * Carries out the pending changes of one kind in one step of a chunk, in the caller's transaction: the host's
 * rows, their images and the changes' states go together, which makes it exactly-once (X-05). Run again,
 * it finds nothing pending.
 *
 * The changes are named by their ids, as one array: of its length the planner knows, while of a plan that has just been
 * written it expects a row, and then compares each with each.
 *
 * @returns how many were applied, and how many met a row that somebody else had changed (X-06)
 */
export async function applyEffect(
  sql: Sql,
  scope: EffectScope,
  effect: HostEffect,
): Promise<{ applied: number; conflicts: number }> {
  const ids = await pendingIds(sql, scope);
  if (ids.length === 0) return { applied: 0, conflicts: 0 };
  const values = [scope.operation, scope.chunk, ids];
  if (effect.lock !== undefined) await sql.query(effect.lock, [ids]);
  const { statements } = effect;
  const [first, ...rest] = typeof statements === 'function' ? await statements(sql) : statements;
  const { rows } = await sql.query<{ applied: number; conflicts: number }>(decidingStatement(first), values);
  const { applied, conflicts } = rows[0] ?? { applied: 0, conflicts: 0 };
  if (applied > 0) for (const statement of rest) await sql.query(followingStatement(statement), values);
  return { applied, conflicts };
}

async function pendingIds(
  sql: Sql,
  { operation, chunk, step, kind, users }: EffectScope,
): Promise<readonly string[]> {
  const part = users === null ? '' : 'and user_id = any($5::text[])';
  const { rows } = await sql.query<{ ids: string[] | null }>(
    `select array_agg(id order by id) as ids from lms_lifecycle.change
      where operation_id = $1 and chunk = $2 and step = $3 and kind = $4 and state = 'pending' ${part}`,
    [operation, chunk, step, kind, ...(users === null ? [] : [users])],
  );
  return rows[0]?.ids ?? [];
}

const named = 'id in (select unnest($3::bigint[]))';

function relations(state: string): string {
  return /* sql */ `with todo as materialized (
      select id, user_id, item, before, after, undoes from lms_lifecycle.change where ${named} and ${state}),
    leaver as (
      select user_id from lms_lifecycle.operation_target where operation_id = $1 and chunk = $2 and leaves),
    op as (select id as operation, requested_by as actor, transaction_timestamp() as at from lms_lifecycle.operation where id = $1),
    image as (
      select todo.id as change_id, i.table_name, i.before, i.after
        from todo join lms_lifecycle.row_image i on i.change_id = todo.undoes)`;
}

function keptImages({ images }: EffectStatement): string {
  if (images.length === 0) return '';
  const all = images
    .map((cte) => `select change_id, table_name, before, after from ${cte}`)
    .join(' union all ');
  return /* sql */ `, images_kept as (
      insert into lms_lifecycle.row_image (change_id, table_name, before, after) ${all})`;
}

function decidingStatement(statement: EffectStatement): string {
  return /* sql */ `${relations(`state = 'pending'`)}, ${statement.ctes} ${keptImages(statement)}, changes as (
      update lms_lifecycle.change
         set state = case when id in (select change_id from decided) then 'applied' else 'conflict' end,
             decided_at = transaction_timestamp()
       where ${named} and state = 'pending'
      returning state)
    select count(*) filter (where state = 'applied')::int as applied,
           count(*) filter (where state = 'conflict')::int as conflicts from changes`;
}

function followingStatement(statement: EffectStatement): string {
  return /* sql */ `${relations(`state = 'applied'`)}, ${statement.ctes} ${keptImages(statement)} select 1`;
}
