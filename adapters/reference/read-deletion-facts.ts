import type {
  AttendanceFact,
  CoRoleFact,
  DeletionFacts,
  GroupAdminFact,
  GroupFact,
  OwnedItemFact,
  ParticipationFact,
} from '../../contracts/facts.ts';
import type { GroupId, UserId } from '../../contracts/ids.ts';
import type { Sql } from '../host-lms.ts';
import { amongIds } from './among-ids.ts';
import { micros } from './micros.ts';
import { readGroups } from './read-groups.ts';
import { readPlatform, readUsers } from './read-users.ts';

/** The facts for deleting a chunk of users: a fixed number of set-based reads, however many users there are. */
export async function readDeletionFacts(
  sql: Sql,
  ids: readonly UserId[],
  _within: GroupId | null,
  heirs: readonly GroupId[] = [],
): Promise<DeletionFacts> {
  const [platform, users, owned, coRoles, participations, attendances] = await Promise.all([
    readPlatform(sql),
    readUsers(sql, ids),
    readOwned(sql, ids),
    readCoRoles(sql, ids),
    readParticipations(sql, ids),
    readAttendances(sql, ids),
  ]);
  const ownerGroups = [...heirs, ...owned.flatMap((item) => item.ownerGroup ?? [])];
  const named = users.flatMap((user) => user.memberships.map((membership) => membership.group));
  const groups = await readGroups(sql, [...new Set([...named, ...ownerGroups])]);
  return {
    platform,
    users,
    groups,
    owned,
    coRoles,
    participations,
    attendances,
    groupAdmins: await readGroupAdmins(sql, withParents(ownerGroups, groups)),
  };
}

/** What the users own, and the paths of the sessions that they lead. */
async function readOwned(sql: Sql, ids: readonly UserId[]): Promise<OwnedItemFact[]> {
  const { rows } = await sql.query<Omit<OwnedItemFact, 'main'> & { main: UserId; living: boolean }>(
    `with owned as (
       select 'course' as type, id, main_author_id as main, owner_group_id as "ownerGroup", null as path
         from lms.course where main_author_id ${amongIds}
       union all
       select 'path', id, main_author_id, owner_group_id, null from lms.path
        where id in (select id from lms.path where main_author_id ${amongIds}
                     union select path_id from lms.path_session where main_instructor_id ${amongIds})
       union all
       select 'session', id, main_instructor_id, null, path_id from lms.path_session where main_instructor_id ${amongIds}),
     co as (
       select 'course' as type, course_id as id, user_id, position from lms.course_co_author
        where course_id in (select id from owned where type = 'course')
       union all
       select 'path', path_id, user_id, position from lms.path_co_author
        where path_id in (select id from owned where type = 'path')
       union all
       select 'session', session_id, user_id, position from lms.session_co_instructor
        where session_id in (select id from owned where type = 'session')),
     co_lists as (
       select co.type, co.id, json_agg(json_build_object(
                'user', co.user_id, 'living', a.status = 'active', 'position', co.position)) as holders
         from co join lms.account a on a.id = co.user_id group by co.type, co.id)
     select o.type, o.id, o.main, a.status = 'active' as living, o."ownerGroup", o.path,
            coalesce(l.holders, '[]') as "coHolders"
       from owned o
       join lms.account a on a.id = o.main
       left join co_lists l on l.type = o.type and l.id = o.id
      order by o.type, o.id`,
    [ids],
  );
  return rows.map(({ main, living, ...item }) => ({ ...item, main: { user: main, living } }));
}

function withParents(ids: readonly GroupId[], groups: readonly GroupFact[]): GroupId[] {
  const parents = new Map(groups.map((group) => [group.id, group.parent]));
  return [...new Set(ids.flatMap((id) => [id, parents.get(id) ?? id]))];
}

async function readGroupAdmins(sql: Sql, groups: readonly GroupId[]): Promise<GroupAdminFact[]> {
  const { rows } = await sql.query<GroupAdminFact>(
    `select m.group_id as "group", m.user_id as "user", a.status = 'active' as living, ${micros('m.since')} as since
       from lms.membership m join lms.account a on a.id = m.user_id
      where m.group_id ${amongIds} and m.role = 'admin'`,
    [groups],
  );
  return rows;
}

async function readCoRoles(sql: Sql, ids: readonly UserId[]): Promise<CoRoleFact[]> {
  const { rows } = await sql.query<CoRoleFact>(
    `select user_id as "user", 'course' as type, course_id as id, position from lms.course_co_author where user_id ${amongIds}
     union all
     select user_id, 'path', path_id, position from lms.path_co_author where user_id ${amongIds}
     union all
     select user_id, 'session', session_id, position from lms.session_co_instructor where user_id ${amongIds}
      order by 1, 2, 3`,
    [ids],
  );
  return rows;
}

async function readParticipations(sql: Sql, ids: readonly UserId[]): Promise<ParticipationFact[]> {
  const { rows } = await sql.query<ParticipationFact>(
    `select p.user_id as "user", p.session_id as session, s.audience,
            case s.audience when 'dynamic' then array(
              select g.group_id from lms.session_audience_group g where g.session_id = s.id) else '{}' end as "audienceGroups"
       from lms.session_participant p join lms.path_session s on s.id = p.session_id
      where p.user_id ${amongIds} order by 1, 2`,
    [ids],
  );
  return rows;
}

async function readAttendances(sql: Sql, ids: readonly UserId[]): Promise<AttendanceFact[]> {
  const { rows } = await sql.query<AttendanceFact>(
    `select a.user_id as "user", a.slot_id as slot, s.session_id as session, ${micros('s.starts_at')} as "startsAt"
       from lms.slot_attendee a join lms.slot s on s.id = a.slot_id
      where a.user_id ${amongIds} order by 1, 2`,
    [ids],
  );
  return rows;
}
