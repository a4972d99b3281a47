import type { AudienceFact } from '../../contracts/facts.ts';
import type { UserId } from '../../contracts/ids.ts';
import type { ReinstatementFacts, Sql } from '../host-lms.ts';

/** Whether the account can come back, and the dynamic sessions that its groups could let it into (D-20, G-08). */
export async function readReinstatement(sql: Sql, user: UserId): Promise<ReinstatementFacts> {
  const [account, audiences] = await Promise.all([
    sql.query<{ obstacle: ReinstatementFacts['obstacle'] }>(
      `select case
                when exists (select from lms.account other
                              where other.status = 'active' and lower(other.email) = lower(a.email)) then 'email-taken'
                when (select seats from lms.platform)
                     <= (select count(*) from lms.account living where living.status = 'active') then 'no-seat' end as obstacle
         from lms.account a where a.id = $1`,
      [user],
    ),
    sql.query<AudienceFact>(
      `select g.session_id as session, g.group_id as "group"
         from lms.session_audience_group g
         join lms.path_session s on s.id = g.session_id and s.audience = 'dynamic'
        where not exists (select from lms.session_participant p where p.session_id = s.id and p.user_id = $1)
        order by 1, 2`,
      [user],
    ),
  ]);
  return { obstacle: account.rows[0]?.obstacle ?? null, audiences: audiences.rows };
}
