import type { UserId } from '../../contracts/ids.ts';
import type { Sql, UserReference } from '../host-lms.ts';
import { notGuest } from './read-users.ts';

/**
 * Users by reference, in order; null where there is none, and for the guest account. Of a reference that may be
 * either, the id wins. A deleted account is found by the email that its user name still begins with (retire-user.ts).
 */
export async function findUsers(
  sql: Sql,
  references: readonly UserReference[],
): Promise<({ id: UserId; living: boolean } | null)[]> {
  const { rows } = await sql.query<{ id: UserId | null; living: boolean }>(
    /* sql */ `
    with given as (
      select r.n, case when r.id ~ '^[0-9]{1,18}$' then r.id::bigint end as id, nullif(lower(trim(r.email)), '') as email
        from rows from (json_to_recordset($1) as (id text, email text)) with ordinality as r (id, email, n)),
    by_id as (
      select g.n, u.id, u.deleted, 0::bigint as gone_at from given g join {user} u on u.id = g.id),
    by_email as (
      select g.n, u.id, u.deleted, 0::bigint as gone_at
        from given g join {user} u on lower(u.email) = g.email and u.deleted = 0
       where g.n not in (select n from by_id)),
    by_former_email as (
      select g.n, u.id, u.deleted, u.timemodified as gone_at
        from given g
        join {user} u on left(u.username, -11) = left(regexp_replace(g.email, '[^-.@_a-z0-9]', '', 'g'), 89)
       where u.deleted = 1 and u.username ~ '[.][0-9]{10}$'
         and g.n not in (select n from by_id union all select n from by_email)),
    found as (
      select distinct on (f.n) f.n, u.id::text as id, u.deleted = 0 as living
        from (select * from by_id union all select * from by_email union all select * from by_former_email) f
        join {user} u on u.id = f.id
       where ${notGuest}
       order by f.n, f.gone_at desc, f.id)
    select f.id, f.living from given g left join found f on f.n = g.n order by g.n`,
    [JSON.stringify(references)],
  );
  return rows.map(({ id, living }) => (id === null ? null : { id, living }));
}
