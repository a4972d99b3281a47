import type { EnrolledFact, PersonFact, QualificationFact } from '../../contracts/facts.ts';
import type { UserId } from '../../contracts/ids.ts';
import type { RowLock, Sql } from '../host-lms.ts';
import { amongIds } from './among-ids.ts';

/** What these reads lock. */
export const lockedTables = ['lms.qualification', 'lms.account'] as const;

/** Whoever changes a row that is locked so waits for the end of the transaction that has read it. */
const locks: Readonly<Record<RowLock, string>> = { lock: 'for share', 'no-lock': '' };

/** The qualifications that require one of these activities, or all there are, by id. */
export async function readQualifications(
  sql: Sql,
  activities: readonly string[] | null,
  lock: RowLock,
): Promise<QualificationFact[]> {
  const { rows } = await sql.query<QualificationFact>(
    `select q.id, q.rule, array(
              select coalesce(a.course_id, a.path_id) from lms.qualification_activity a
               where a.qualification_id = q.id order by 1) as activities
       from lms.qualification q
      where $1::text[] is null or exists (
              select from lms.qualification_activity a
               where a.qualification_id = q.id and coalesce(a.course_id, a.path_id) ${amongIds})
      order by q.id ${locks[lock]}`,
    [activities],
  );
  return rows;
}

/** The profiles of these users, deleted ones too, by id. */
export async function readPeople(sql: Sql, users: readonly UserId[], lock: RowLock): Promise<PersonFact[]> {
  const { rows } = await sql.query<PersonFact>(
    `select id as "user", status = 'active' as living, profile from lms.account
      where id ${amongIds} order by id ${locks[lock]}`,
    [users],
  );
  return rows;
}

/** Living users by id, with their profiles and which of these activities they are registered for. */
export async function readEnrolled(
  sql: Sql,
  of: { users: readonly UserId[] } | { after: UserId | null; limit: number },
  activities: readonly string[],
): Promise<EnrolledFact[]> {
  const some = 'users' in of;
  const { rows } = await sql.query<EnrolledFact>(
    `select a.id as "user", true as living, a.profile, array(
              select r.activity_id from lms.registration r
               where r.user_id = a.id and r.activity_id = any($1)) as held
       from lms.account a
      where a.status = 'active' and ${some ? 'a.id in (select unnest($2::text[]))' : '($2::text is null or a.id > $2)'}
      order by a.id ${some ? '' : 'limit $3'}`,
    some ? [activities, of.users] : [activities, of.after, of.limit],
  );
  return rows;
}
