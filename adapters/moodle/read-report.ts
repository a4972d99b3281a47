import type { UserColumn } from '../../contracts/reports.ts';
import type { UserId } from '../../contracts/ids.ts';
import { reportColumns, reportValues } from '../report-columns.ts';
import type { HostReports } from '../host-lms.ts';
import { notGuest, numericIds } from './read-users.ts';
import { prefixedSql } from './table-prefix.ts';

/** An instant of Moodle's (whole seconds, 0 for never) as Micros. */
const instant = (seconds: string): string => `nullif(${seconds}, 0) * 1000000`;

/**
 * What each column is, as SQL about the user `u`. Of a deletion Moodle keeps only when it was; who did it, and whether it came
 * by itself, is in the ledger where it was done by an operation.
 */
const expressions: Partial<Record<UserColumn, string>> = {
  id: 'u.id::text',
  email: 'u.email',
  name: `trim(u.firstname || ' ' || u.lastname)`,
  firstName: 'u.firstname',
  lastName: 'u.lastname',
  username: 'u.username',
  status: `case when u.deleted = 1 then 'deleted' when u.suspended = 1 then 'suspended' else 'active' end`,
  groups: `(select json_agg(h.name order by h.name, h.id) from {cohort} h
             where h.id in (select m.cohortid from {cohort_members} m where m.userid = u.id))`,
  groupIds: `(select json_agg('cohort:' || m.cohortid || ' (learner)' order by m.cohortid)
                from (select distinct cohortid from {cohort_members} where userid = u.id) m)`,
  profile: `(select json_object_agg(f.shortname, d.data order by f.shortname)::text
               from {user_info_data} d join {user_info_field} f on f.id = d.fieldid where d.userid = u.id)`,
  registrations: `(select count(distinct e.courseid) from {user_enrolments} n join {enrol} e on e.id = n.enrolid
                    where n.userid = u.id)`,
  completions:
    '(select count(*) from {course_completions} c where c.userid = u.id and c.timecompleted is not null)',
  openSessions: `(select count(*) from {sessions} s where s.userid = u.id)
               + (select count(*) from {external_tokens} t where t.userid = u.id)`,
  createdAt: instant('u.timecreated'),
  lastLoginAt: instant('u.currentlogin'),
  learnerDeletionDate: `case when u.deleted = 1 then ${instant('u.timemodified')} end`,
};

/** Users for reports but the guest, the deleted ones among them. */
export function moodleReports(prefix: string): HostReports {
  return {
    columns: reportColumns(expressions),
    async users(sql, columns, after, limit) {
      const { rows } = await prefixedSql(prefix, sql).query<{ user: UserId; values: [] }>(
        /* sql */ `select u.id::text as "user", ${reportValues(expressions, columns)} as values
           from {user} u where ($1::bigint is null or u.id > $1) and ${notGuest} order by u.id limit $2`,
        [after, limit],
      );
      return rows;
    },
    async count(sql) {
      const { rows } = await prefixedSql(prefix, sql).query<{ n: number }>(
        /* sql */ `select count(*)::int as n from {user} u where ${notGuest}`,
      );
      return rows[0]?.n ?? 0;
    },
    async emailOf(sql, user) {
      const { rows } = await prefixedSql(prefix, sql).query<{ email: string }>(
        /* sql */ `select u.email from {user} u where u.id = any ($1::bigint[]) and u.deleted = 0 and ${notGuest}`,
        [numericIds([user])],
      );
      return rows[0]?.email ?? null;
    },
  };
}
