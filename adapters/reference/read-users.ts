import type { MemberFacts, MembershipFact, PlatformFacts, UserFact } from '../../contracts/facts.ts';
import type { UserId } from '../../contracts/ids.ts';
import type { Sql, UserReference } from '../host-lms.ts';
import { amongIds } from './among-ids.ts';
import { micros } from './micros.ts';
import { readGroups } from './read-groups.ts';

/** @throws when the database holds no world */
export async function readPlatform(sql: Sql): Promise<PlatformFacts> {
  const { rows } = await sql.query<PlatformFacts>(
    `select owner_id as owner, root_group_id as "rootGroup", time_zone as "timeZone" from lms.platform`,
  );
  const platform = rows[0];
  if (!platform) throw new Error('the reference host is empty: load a world first (host load)');
  return platform;
}

/** Users by reference, in order; an id wins, of several with one email the living one, else the last deleted. */
export async function findUsers(
  sql: Sql,
  references: readonly UserReference[],
): Promise<({ id: UserId; living: boolean } | null)[]> {
  const { rows } = await sql.query<{ id: UserId | null; living: boolean }>(
    `select u.id, u.status = 'active' as living
       from rows from (json_to_recordset($1) as (id text, email text)) with ordinality as r(id, email, n)
       left join lateral (
         select a.id, a.status from lms.account a
          where a.id = r.id or lower(a.email) = lower(r.email)
          order by (a.id = r.id) desc nulls last, (a.status = 'active') desc, a.deleted_at desc nulls last, a.id
          limit 1) u on true
      order by r.n`,
    [JSON.stringify(references)],
  );
  return rows.map(({ id, living }) => (id === null ? null : { id, living }));
}

/** Users with their memberships; unknown ids are left out. */
export async function readUsers(sql: Sql, ids: readonly UserId[]): Promise<UserFact[]> {
  const [accounts, memberships] = await Promise.all([
    sql.query<{ id: UserId; living: boolean; dueOn: string | null }>(
      `select id, status = 'active' as living, to_char(deletion_scheduled_on, 'YYYY-MM-DD') as "dueOn"
         from lms.account where id ${amongIds} order by id`,
      [ids],
    ),
    sql.query<MembershipFact>(
      `select user_id as "user", group_id as "group", role, ${micros('since')} as since
         from lms.membership where user_id ${amongIds} order by user_id, group_id, role`,
      [ids],
    ),
  ]);
  const users = new Map(
    accounts.rows.map((row) => [row.id, { ...row, memberships: [] as MembershipFact[] }]),
  );
  for (const membership of memberships.rows) users.get(membership.user)?.memberships.push(membership);
  return [...users.values()];
}

/** Users with their memberships, and all groups that these name. */
export async function readMemberFacts(sql: Sql, ids: readonly UserId[]): Promise<MemberFacts> {
  const [platform, users] = await Promise.all([readPlatform(sql), readUsers(sql, ids)]);
  const named = users.flatMap((user) => user.memberships.map((membership) => membership.group));
  return { platform, users, groups: await readGroups(sql, [...new Set(named)]) };
}

/** Living users whose automatic deletion date is today or earlier in the platform's time zone (D-19), by id. */
export async function readDueUsers(sql: Sql, after: UserId | null, limit: number): Promise<UserId[]> {
  const { rows } = await sql.query<{ id: UserId }>(
    `select a.id from lms.account a, lms.platform p
      where a.status = 'active' and a.deletion_scheduled_on <= (clock_timestamp() at time zone p.time_zone)::date
        and ($1::text is null or a.id > $1) order by a.id limit $2`,
    [after, limit],
  );
  return rows.map((row) => row.id);
}

export async function countLivingUsers(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `select count(*)::int as n from lms.account where status = 'active'`,
  );
  return rows[0]?.n ?? 0;
}
