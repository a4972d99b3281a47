import type { OperationResult } from '../../../contracts/operations.ts';
import type { Sql } from '../../../contracts/sql.ts';
import { withoutToken } from './cohorts.ts';

/** Everything that the ledger says about an operation, but for instants, its own ids and its reason. */
export interface LedgerRecord {
  operation: object | undefined;
  targets: object[];
  claims: object[];
  chunks: object[];
  changes: object[];
  images: object[];
}

/** What must be the same for the operation of each name, whatever has happened to it. */
export async function recordOf(sql: Sql, operation: string, name: string): Promise<LedgerRecord> {
  const rows = async (text: string): Promise<object[]> =>
    withoutToken((await sql.query(text, [operation])).rows, name);
  const [row] = await rows(
    `select kind, requested_by, trigger, mode, state, result->'counts' as counts, result->'users' as users,
            result->'attention' as attention, result->'conflicts' as conflicts, failure, approved_by,
            result->>'planHash' = plan_hash as sealed, closed_at is not null as closed
       from lms_lifecycle.operation where id = $1`,
  );
  return {
    operation: row,
    targets: await rows(
      `select line, chunk, user_id, state, leaves, problem_type from lms_lifecycle.operation_target
        where operation_id = $1 order by line`,
    ),
    claims: await rows(`select user_id from lms_lifecycle.claim where operation_id = $1 order by user_id`),
    chunks: await rows(
      `select chunk, round, changes, users, counts from lms_lifecycle.operation_chunk
        where operation_id = $1 order by chunk, round`,
    ),
    changes: await rows(
      `select chunk, round, seq, step, kind, user_id, item, before, after - 'deletedAt' as after,
              regexp_replace(reason::text, 'change [0-9]+', 'change') as reason, undoes is not null as undoes, state
         from lms_lifecycle.change where operation_id = $1 order by chunk, round, seq`,
    ),
    images: await rows(
      `select c.chunk, c.round, c.seq, i.table_name, i.before - 'deleted_at' - s as before, i.after - 'deleted_at' - s as after
         from lms_lifecycle.change c
         join lms_lifecycle.row_image i on i.change_id = c.id
         cross join lateral (select case when i.table_name = 'lms.login_session' then 'id' else '' end as s) as serial
        where c.operation_id = $1 order by c.chunk, c.round, c.seq, i.table_name, (i.before - s)::text, (i.after - s)::text`,
    ),
  };
}

/** What the operation answered, but for its own id and the hash of its own plan. */
export function answerOf({ operation: _, planHash: __, ...answer }: OperationResult, name: string): object {
  return withoutToken(answer, name);
}
