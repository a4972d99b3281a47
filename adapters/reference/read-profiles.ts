import type { ProfileFact, SmartGroupFact } from '../../contracts/facts.ts';
import type { GroupId, UserId } from '../../contracts/ids.ts';
import type { HostProfiles, Sql } from '../host-lms.ts';
import { amongFewIds, amongIds } from './among-ids.ts';

export const referenceProfiles: HostProfiles = {
  of: readProfiles,
  smartGroups: readSmartGroups,
  countMembers,
};

async function readProfiles(sql: Sql, users: readonly UserId[]): Promise<ProfileFact[]> {
  const { rows } = await sql.query<ProfileFact>(
    `select id as "user", profile from lms.account where id ${amongIds} order by id`,
    [users],
  );
  return rows;
}

async function readSmartGroups(sql: Sql): Promise<SmartGroupFact[]> {
  const { rows } = await sql.query<SmartGroupFact>(
    `select id as "group", smart_rule as rule from lms.user_group where smart_rule is not null order by id`,
  );
  return rows;
}

async function countMembers(
  sql: Sql,
  groups: readonly GroupId[],
): Promise<{ group: GroupId; members: number }[]> {
  const { rows } = await sql.query<{ group: GroupId; members: number }>(
    `select m.group_id as "group", count(distinct m.user_id)::int as members
       from lms.membership m join lms.account a on a.id = m.user_id and a.status = 'active'
      where m.group_id ${amongFewIds} group by 1 order by 1`,
    [groups],
  );
  return rows;
}
