import type { AttendanceFact, DeletionFacts, GroupAdminFact, GroupFact } from '../../contracts/facts.ts';
import type { GroupId, UserId } from '../../contracts/ids.ts';
import type { Sql } from '../host-lms.ts';
import { rootGroup } from './groups.ts';
import type { MoodlePolicy } from './moodle-policy.ts';
import { readAuthors } from './read-authors.ts';
import { readMemberFacts } from './read-member-facts.ts';
import { numericIds } from './read-users.ts';

/**
 * The facts for deleting a chunk of users, or removing them from a group: a fixed number of set-based reads. Under the policy `host` there
 * is nothing to hand on and no seat to give up: Moodle itself does neither.
 *
 * Learning paths (competency templates) are owned by nobody: the table has no column for an owner, and the managers of a
 * path's category go on managing it. Core has no sessions of a path either.
 */
export async function readDeletionFacts(
  sql: Sql,
  policy: MoodlePolicy,
  ids: readonly UserId[],
  within: GroupId | null,
): Promise<DeletionFacts> {
  const numbers = numericIds(ids);
  const { owned, coRoles } =
    policy === 'rules' ? await readAuthors(sql, numbers) : { owned: [], coRoles: [] };
  const ownerGroups = owned.flatMap((item) => item.ownerGroup ?? []);
  const facts = await readMemberFacts(sql, ids, within, ownerGroups);
  const { groups } = facts;
  return {
    ...facts,
    owned,
    coRoles,
    participations: [],
    attendances: policy === 'rules' ? await readSeats(sql, numbers) : [],
    groupAdmins: await readGroupAdmins(sql, withParents(ownerGroups, groups)),
  };
}

function withParents(ids: readonly GroupId[], groups: readonly GroupFact[]): GroupId[] {
  const parents = new Map(groups.map((group) => [group.id, group.parent]));
  return [...new Set(ids.flatMap((id) => [id, parents.get(id) ?? id]))];
}

/** Who manages these categories, and the root: managers of the system and the site administrators but the first. */
async function readGroupAdmins(sql: Sql, groups: readonly GroupId[]): Promise<GroupAdminFact[]> {
  if (groups.length === 0) return [];
  const { rows } = await sql.query<GroupAdminFact>(
    /* sql */ `
    select h."group", h.userid::text as "user", u.deleted = 0 as living, min(h.since) as since
      from (select case c.contextlevel when 10 then '${rootGroup}' else 'category:' || c.instanceid end as "group",
                   a.userid, a.timemodified::float8 * 1000000 as since
              from {role_assignments} a
              join {role} r on r.id = a.roleid and r.archetype = 'manager'
              join {context} c on c.id = a.contextid and c.contextlevel in (10, 40)
            union all
            select '${rootGroup}', other.id, other.timecreated::float8 * 1000000
              from {config} s
             cross join lateral unnest(string_to_array(s.value, ',')) with ordinality as a (id, place)
              join {user} other on other.id::text = a.id
             where s.name = 'siteadmins' and a.place > 1) h
      join {user} u on u.id = h.userid
     where h."group" = any ($1)
     group by 1, h.userid, u.deleted`,
    [groups],
  );
  return rows;
}

/**
 * The last instant that still is one in Micros exactly (2255): until then a choice without an end counts as one that still
 * lies ahead.
 */
const never = 9_007_199_254_740_991;

/**
 * Seats: what users book in core Moodle is an answer to a choice; each option is a slot, and until the choice closes the
 * seat can be given to somebody else. So `startsAt` is when it closes. Course and group events stay with whoever made
 * them (Moodle 4.5: measured): nobody has a seat in them.
 */
async function readSeats(sql: Sql, ids: readonly UserId[]): Promise<AttendanceFact[]> {
  const { rows } = await sql.query<AttendanceFact>(
    /* sql */ `
    select a.userid::text as "user", 'choice-option:' || a.optionid as slot, 'choice:' || a.choiceid as session,
           case c.timeclose when 0 then ${never}::float8 else c.timeclose::float8 * 1000000 end as "startsAt"
      from {choice_answers} a join {choice} c on c.id = a.choiceid
     where a.userid = any ($1::bigint[]) order by a.userid, a.id`,
    [ids],
  );
  return rows;
}
