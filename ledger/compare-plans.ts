import type { ChangeKind, JsonObject } from '../contracts/changes.ts';
import type { Sql } from '../contracts/sql.ts';

/** Whether another operation's plan had this hash. */
export async function planIsKnown(sql: Sql, hash: string, operation: string): Promise<boolean> {
  const { rows } = await sql.query(
    `select from lms_lifecycle.operation where plan_hash = $1 and id <> $2 limit 1`,
    [hash, operation],
  );
  return rows.length > 0;
}

/** A line in which two plans differ, by ids only. */
export interface PlanDifference {
  in: 'shown' | 'now';
  kind: ChangeKind;
  user: string;
  item: JsonObject;
  after: JsonObject | null;
}

/** The first lines in which the plan that once had this hash differs from that of an operation. */
export async function comparePlans(
  sql: Sql,
  shownHash: string,
  operation: string,
): Promise<PlanDifference[]> {
  const { rows } = await sql.query<PlanDifference>(
    `with shown as (
       select kind, user_id, item, before, after from lms_lifecycle.change
        where round = 1 and operation_id = (
          select id from lms_lifecycle.operation where plan_hash = $1 and id <> $2 order by opened_at desc limit 1)),
     now as (
       select kind, user_id, item, before, after from lms_lifecycle.change where round = 1 and operation_id = $2)
     select * from (
       select 'shown' as in, kind, user_id as "user", item, after from (select * from shown except select * from now) as gone
       union all
       select 'now', kind, user_id, item, after from (select * from now except select * from shown) as come) as differing
      order by kind, "user", item::text, "in" desc limit 20`,
    [shownHash, operation],
  );
  return rows;
}
