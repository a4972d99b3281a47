import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import type { LineRange } from './targets.ts';

/** A user that another operation holds. */
export interface HeldUser {
  user: UserId;
  holder: string;
  holderWorkflowId: string;
}

/** How often a claim that slipped away between two statements is tried again. */
const attempts = 10;

/**
 * Claims the users of the open lines in a range for this operation, and returns those that another one holds.
 * Waits for a claim that is being made at this moment.
 */
export async function claimUsers(sql: Sql, operation: string, lines: LineRange): Promise<HeldUser[]> {
  const values = [operation, lines.first, lines.last];
  for (let attempt = 1; ; attempt++) {
    // Ordered, so that two operations that claim the same users do not deadlock.
    await sql.query(
      `insert into lms_lifecycle.claim (user_id, operation_id)
       select distinct user_id, $1 from lms_lifecycle.operation_target
        where operation_id = $1 and line between $2 and $3 and state = 'open' order by user_id
       on conflict (user_id) do nothing`,
      values,
    );
    const { rows } = await sql.query<{
      user: UserId;
      holder: string | null;
      holderWorkflowId: string | null;
    }>(
      `select mine.user_id as "user", holder.id as holder, holder.workflow_id as "holderWorkflowId"
         from lms_lifecycle.operation_target mine
         left join lms_lifecycle.claim held on held.user_id = mine.user_id
         left join lms_lifecycle.operation holder on holder.id = held.operation_id
        where mine.operation_id = $1 and mine.line between $2 and $3 and mine.state = 'open'
          and held.operation_id is distinct from $1`,
      values,
    );
    const held = rows.flatMap(({ user, holder, holderWorkflowId }) =>
      holder === null || holderWorkflowId === null ? [] : [{ user, holder, holderWorkflowId }],
    );
    // Held when the claim was tried and let go before the look: free by now.
    if (held.length === rows.length) return held;
    if (attempt === attempts) throw new Error(`the users of operation ${operation} could not be claimed`);
  }
}

/** Lets all users of an operation go. */
export async function releaseUsers(sql: Sql, operation: string): Promise<void> {
  await sql.query('delete from lms_lifecycle.claim where operation_id = $1', [operation]);
}
