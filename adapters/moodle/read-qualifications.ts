import type { EnrolledFact, PersonFact, QualificationFact } from '../../contracts/facts.ts';
import type { UserId } from '../../contracts/ids.ts';
import type { RowLock, Sql } from '../host-lms.ts';
import { notGuest, numericIds } from './read-users.ts';

/** What these reads lock. */
export const lockedTables = [
  'competency_coursecomp',
  'competency_templatecomp',
  'competency_plan',
  'competency_usercomp',
  'user',
] as const;

/** Whoever changes a row that is locked so waits for the end of the transaction that has read it. */
const lockOf = (lock: RowLock, tables: string): string => (lock === 'lock' ? `for share of ${tables}` : '');

const qualification = 'competency:';

/**
 * A qualification is a competency that a template of learning plans requires, and its activities are the courses that count for it.
 *
 * Asked for all of them (the sweep of R-07): only those for which exactly one course counts. Of several either would do, and the choice
 * is nobody's here; who loses one of them by a removal is enrolled there again.
 */
export async function readQualifications(
  sql: Sql,
  activities: readonly string[] | null,
  lock: RowLock,
): Promise<QualificationFact[]> {
  const { rows } = await sql.query<{ id: string; activities: string[] }>(
    /* sql */ `
    with linked as materialized (
      select c.competencyid, c.courseid
        from {competency_coursecomp} c
        join {competency_templatecomp} t on t.competencyid = c.competencyid
        join {course} o on o.id = c.courseid and o.category > 0
       where $1::bigint[] is null or exists (
         select from {competency_coursecomp} asked where asked.competencyid = c.competencyid and asked.courseid = any ($1))
       order by c.id, t.id ${lockOf(lock, 'c, t')})
    select competencyid::text as id, array_agg(distinct courseid::text) as activities
      from linked group by competencyid
     having $1::bigint[] is not null or count(distinct courseid) = 1 order by competencyid`,
    [activities === null ? null : numericIds(activities)],
  );
  return rows.map(({ id, activities: courses }) => ({
    id: `${qualification}${id}`,
    rule: { in: [id, { var: 'lacks' }] },
    activities: courses,
  }));
}

/** Active plans (1) by a template, and what of their competencies their users are not proficient in. */
const lacks = (users: string): string => /* sql */ `
  select p.userid, t.competencyid
    from {competency_plan} p
    join {competency_templatecomp} t on t.templateid = p.templateid
   where p.status = 1 and p.userid in (${users})
     and not exists (select from {competency_usercomp} c
                      where c.userid = p.userid and c.competencyid = t.competencyid and c.proficiency = 1)`;

const profile = /* sql */ `
  jsonb_build_object('lacks', array(select distinct l.competencyid::text from lacks l where l.userid = u.id order by 1))`;

/** The competencies that these users need and lack, deleted users too, by id. */
export async function readPeople(sql: Sql, users: readonly UserId[], lock: RowLock): Promise<PersonFact[]> {
  const { rows } = await sql.query<PersonFact>(
    /* sql */ `
    with people as materialized (
      select u.id, u.deleted from {user} u
       where u.id = any ($1::bigint[]) and ${notGuest} order by u.id ${lockOf(lock, 'u')}),
    plans as materialized (
      select p.id from {competency_plan} p where p.userid = any ($1::bigint[]) order by p.id ${lockOf(lock, 'p')}),
    results as materialized (
      select c.id from {competency_usercomp} c where c.userid = any ($1::bigint[]) order by c.id ${lockOf(lock, 'c')}),
    lacks as materialized (${lacks('select id from people')})
    select u.id::text as "user", u.deleted = 0 as living, ${profile} as profile
      from people u where (select count(*) from plans) >= 0 and (select count(*) from results) >= 0 order by u.id`,
    [numericIds(users)],
  );
  return rows;
}

/**
 * Living users by id, with the competencies that they need and lack, and which of these courses they are registered for: enrolled, or
 * unenrolled by an operation that removes enrolments.
 */
export async function readEnrolled(
  sql: Sql,
  of: { users: readonly UserId[] } | { after: UserId | null; limit: number },
  activities: readonly string[],
): Promise<EnrolledFact[]> {
  const some = 'users' in of;
  const { rows } = await sql.query<EnrolledFact>(
    /* sql */ `
    with people as materialized (
      select u.id from {user} u
       where u.deleted = 0 and ${notGuest} and ${some ? 'u.id = any ($2::bigint[])' : 'u.id > coalesce($2::bigint, 0)'}
       order by u.id ${some ? '' : 'limit $3'}),
    lacks as materialized (${lacks('select id from people')})
    select u.id::text as "user", true as living, ${profile} as profile, array(
             select e.courseid::text from {user_enrolments} ue join {enrol} e on e.id = ue.enrolid
              where ue.userid = u.id and e.courseid = any ($1::bigint[])
             union
             select c.item->>'activity' from lms_lifecycle.change c
              where c.user_id = u.id::text and c.kind = 'registration.unenrol' and c.state = 'applied'
                and not exists (select from lms_lifecycle.change b where b.undoes = c.id and b.state = 'applied')) as held
      from people u order by u.id`,
    some ? [numericIds(activities), numericIds(of.users)] : [numericIds(activities), of.after, of.limit],
  );
  return rows;
}
