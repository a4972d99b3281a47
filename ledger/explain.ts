import type { Sql } from '../contracts/sql.ts';
import type { ChangeRow } from './changes.ts';

/** A change with the operation that it belongs to. */
export interface ExplainedChange extends ChangeRow {
  operation: string;
  operationKind: string;
  requestedBy: string;
  /** When it was applied (or decided otherwise), ISO 8601, UTC. */
  at: string;
  /** Whether another operation has taken it back since. */
  undone: boolean;
}

/**
 * What operations have decided about a user, as the one who lost or got something or as the one who took it over,
 * oldest first. What was only previewed, or never came to be applied, is left out.
 */
export async function explainChanges(
  sql: Sql,
  user: string,
  only: { activity?: string; group?: string },
): Promise<ExplainedChange[]> {
  const { rows } = await sql.query<ExplainedChange>(
    `select c.id::text, c.chunk, c.round, c.step, c.kind, c.user_id as "user", c.item, c.before, c.after, c.reason,
            c.state, o.id as operation, o.kind as "operationKind", o.requested_by as "requestedBy",
            to_json(c.decided_at) #>> '{}' as at,
            exists (select from lms_lifecycle.change u where u.undoes = c.id and u.state = 'applied') as undone
       from lms_lifecycle.change c join lms_lifecycle.operation o on o.id = c.operation_id
      where (c.user_id = $1 or (c.kind = 'ownership.transfer' and c.after->>'main' = $1))
        and c.state in ('applied', 'conflict')
        and ($2::text is null or $2 in (c.item->>'id', c.item->>'session', c.item->>'activity'))
        and ($3::text is null or c.item->>'group' = $3)
      order by c.decided_at, c.id`,
    [user, only.activity ?? null, only.group ?? null],
  );
  return rows;
}
