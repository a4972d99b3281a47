import type { AccountFact } from '../../contracts/facts.ts';
import type { AccountQuery, Sql } from '../host-lms.ts';
import { notGuest, numericIds } from './read-users.ts';

/** Living accounts by number; without the guest, who is nobody. */
export async function readAccounts(
  sql: Sql,
  { by, except, offset, limit }: AccountQuery,
): Promise<{ total: number; accounts: AccountFact[] }> {
  const ids = by !== null && 'id' in by ? numericIds([by.id]) : null;
  const userName = by !== null && 'userName' in by ? by.userName : null;
  const email = by !== null && 'email' in by ? by.email : null;
  const asked = /* sql */ `
    from {user} u where u.deleted = 0 and ${notGuest} and u.id <> all ($1::bigint[])
     and ($2::bigint[] is null or u.id = any ($2)) and ($3::text is null or lower(u.username) = lower($3))
     and ($4::text is null or lower(u.email) = lower($4))`;
  const values = [numericIds(except), ids, userName, email];
  const count = await sql.query<{ total: number }>(`select count(*)::int as total ${asked}`, values);
  const page = await sql.query<AccountFact>(
    `select u.id::text as id, u.username as "userName", u.email ${asked} order by u.id offset $5 limit $6`,
    [...values, offset, limit],
  );
  return { total: count.rows[0]?.total ?? 0, accounts: page.rows };
}
