import type { AccountFact } from '../../contracts/facts.ts';
import type { AccountQuery, Sql } from '../host-lms.ts';

/** Living accounts by id; who logs in here does so with the email. */
export async function readAccounts(
  sql: Sql,
  { by, except, offset, limit }: AccountQuery,
): Promise<{ total: number; accounts: AccountFact[] }> {
  const id = by !== null && 'id' in by ? by.id : null;
  const email = by === null || 'id' in by ? null : 'email' in by ? by.email : by.userName;
  const asked = /* sql */ `
    from lms.account a where a.status = 'active' and a.id <> all ($1::text[])
     and ($2::text is null or a.id = $2) and ($3::text is null or lower(a.email) = lower($3))`;
  const values = [except, id, email];
  const [count, page] = await Promise.all([
    sql.query<{ total: number }>(`select count(*)::int as total ${asked}`, values),
    sql.query<AccountFact>(
      `select a.id, a.email as "userName", a.email ${asked} order by a.id offset $4 limit $5`,
      [...values, offset, limit],
    ),
  ]);
  return { total: count.rows[0]?.total ?? 0, accounts: page.rows };
}
