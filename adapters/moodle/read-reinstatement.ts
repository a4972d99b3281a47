import type { UserId } from '../../contracts/ids.ts';
import type { AppliedChange, ReinstatementFacts, Sql } from '../host-lms.ts';
import { findUndoObstacles } from './undo-obstacles.ts';

/**
 * Whether the account can come back (D-20). Without a record of the deletion it cannot: Moodle has overwritten its user name and
 * email. Core Moodle has no seats and no audiences.
 */
export async function readReinstatement(
  sql: Sql,
  user: UserId,
  recorded: boolean,
): Promise<ReinstatementFacts> {
  return { obstacle: recorded ? await readObstacle(sql, user) : 'moved-on', audiences: [] };
}

const ofAccounts = ['gone', 'moved-on', 'email-taken'] as const;

async function readObstacle(sql: Sql, user: UserId): Promise<ReinstatementFacts['obstacle']> {
  const { rows } = await sql.query<AppliedChange>(
    `select c.id::text, step, kind, user_id as "user", item, before, after from lms_lifecycle.change c
      where user_id = $1 and kind = 'account.retire' and undoes is null and state = 'applied' order by c.id desc limit 1`,
    [user],
  );
  const found = await findUndoObstacles(sql, rows);
  return ofAccounts.find((known) => found.some(({ obstacle }) => obstacle === known)) ?? null;
}
