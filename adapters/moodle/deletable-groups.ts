import type { GroupBelongings, LinkFact } from '../../contracts/facts.ts';
import type { GroupId, UserId } from '../../contracts/ids.ts';
import type { HostGroups, Sql } from '../host-lms.ts';
import { findGroup, keyOf } from './groups.ts';
import type { MoodlePolicy } from './moodle-policy.ts';
import { membershipsOf, notGuest, siteAdminsOf } from './read-users.ts';
import { prefixedSql } from './table-prefix.ts';

/**
 * Cohorts and course groups can be deleted. Nothing hangs below either: the cohorts of lower categories hang below the categories.
 * Everybody with an account belongs to the site and its categories: nothing is written for whoever moves there.
 */
export function moodleGroups(prefix: string, policy: MoodlePolicy): HostGroups {
  const real = (sql: Sql): Sql => prefixedSql(prefix, sql);
  return {
    parentsHoldEverybody: true,
    unsupported: (group) =>
      keyOf('category', group) === null
        ? null
        : 'a category is deleted in Moodle, which asks what is to become of its courses',
    subtree: async (sql, group) => [await findGroup(real(sql), group)].filter((found) => found !== null),
    belongings: (sql, groups) => readBelongings(real(sql), policy, groups),
    members: (sql, groups, after, limit) => readMembers(real(sql), groups, after, limit),
    countOrphans: (sql, groups) => countOrphans(real(sql), groups),
  };
}

const keysOf = (kind: 'cohort' | 'course-group', groups: readonly GroupId[]): string[] =>
  groups.flatMap((group) => keyOf(kind, group) ?? []);

/** Where the rules hold, an enrolment method that is closed is no link any more. Nothing is owned by a cohort. */
async function readBelongings(
  sql: Sql,
  policy: MoodlePolicy,
  groups: readonly GroupId[],
): Promise<GroupBelongings> {
  const { rows } = await sql.query<LinkFact>(
    /* sql */ `
    select distinct 'groupCourse' as type, 'cohort:' || e.customint1 as holder, e.courseid::text as activity, null::int as position
      from {enrol} e where e.enrol = 'cohort' and e.customint1 = any ($1::bigint[]) ${policy === 'rules' ? 'and e.status = 0' : ''}
    union all
    select 'groupPath', 'cohort:' || t.cohortid, 'template:' || t.templateid, null
      from {competency_templatecohort} t where t.cohortid = any ($1::bigint[]) order by 1, 2, 3`,
    [keysOf('cohort', groups)],
  );
  return { links: rows, owned: [] };
}

/** A group of either kind, and who is in it. */
const inGroups = /* sql */ `
  select m.userid from {cohort_members} m where m.cohortid = any ($1::bigint[])
  union
  select m.userid from {groups_members} m where m.groupid = any ($2::bigint[])`;

async function readMembers(
  sql: Sql,
  groups: readonly GroupId[],
  after: UserId | null,
  limit: number,
): Promise<UserId[]> {
  const { rows } = await sql.query<{ id: UserId }>(
    /* sql */ `
    select u.id::text as id from (${inGroups}) m join {user} u on u.id = m.userid
     where u.deleted = 0 and ${notGuest} and u.id > coalesce($3::bigint, 0) order by u.id limit $4`,
    [keysOf('cohort', groups), keysOf('course-group', groups), after, limit],
  );
  return rows.map(({ id }) => id);
}

/** A course group neither keeps an account alive nor ends one (G-07). */
async function countOrphans(sql: Sql, groups: readonly GroupId[]): Promise<number> {
  const theirs = 'array(select id from members)';
  const { rows } = await sql.query<{ n: number }>(
    /* sql */ `
    with members as materialized (
      select distinct u.id from {cohort_members} m join {user} u on u.id = m.userid
       where m.cohortid = any ($1::bigint[]) and u.deleted = 0 and ${notGuest})
    select count(*)::int as n from members
     where not exists (
       select from (${membershipsOf(theirs)} union all ${siteAdminsOf(theirs)}) held
        where held.userid = members.id and held."group" <> all ($2))`,
    [keysOf('cohort', groups), groups],
  );
  return rows[0]?.n ?? 0;
}
