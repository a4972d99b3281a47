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
 * @returns how many were applied, and how many met a row that somebody else had changed (X-06)
 */
export async function applyEffect(
  sql: Sql,
  scope: EffectScope,
  effect: HostEffect,
): Promise<{ applied: number; conflicts: number }> {
  const part = scope.users === null ? '' : ofUsers;
  const values = [
    scope.operation,
    scope.chunk,
    scope.step,
    scope.kind,
    ...(scope.users === null ? [] : [scope.users]),
  ];
  const [first, ...rest] = effect.statements;
  const { rows } = await sql.query<{ applied: number; conflicts: number }>(
    decidingStatement(first, part),
    values,
  );
  const { applied, conflicts } = rows[0] ?? { applied: 0, conflicts: 0 };
  if (applied > 0) for (const statement of rest) await sql.query(followingStatement(statement, part), values);
  return { applied, conflicts };
}

const ofUsers = 'and user_id in (select unnest($5::text[]))';

function scope(state: string, part: string): string {
  return `operation_id = $1 and chunk = $2 and step = $3 and kind = $4 and ${state} ${part}`;
}

function relations(state: string, part: string): string {
  return /* sql */ `with todo as materialized (
      select id, user_id, item, before, after, undoes from lms_lifecycle.change
       where ${scope(state, part)}),
    leaver as (
      select user_id from lms_lifecycle.operation_target where operation_id = $1 and chunk = $2 and leaves),
    op as (select requested_by as actor, transaction_timestamp() as at from lms_lifecycle.operation where id = $1),
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

/**
 * The states are set on the rows that `todo` holds, found again by the same condition rather than by a join, and `in`
 * looks `decided` up in a hash: what the planner expects of a plan that has just been written is far too little.
 */
function decidingStatement(statement: EffectStatement, part: string): string {
  return /* sql */ `${relations(`state = 'pending'`, part)}, ${statement.ctes} ${keptImages(statement)}, changes as (
      update lms_lifecycle.change
         set state = case when id in (select change_id from decided) then 'applied' else 'conflict' end,
             decided_at = transaction_timestamp()
       where ${scope(`state = 'pending'`, part)}
      returning state)
    select count(*) filter (where state = 'applied')::int as applied,
           count(*) filter (where state = 'conflict')::int as conflicts from changes`;
}

function followingStatement(statement: EffectStatement, part: string): string {
  return /* sql */ `${relations(`state = 'applied' and decided_at = transaction_timestamp()`, part)}, ${statement.ctes}
    ${keptImages(statement)} select 1`;
}
