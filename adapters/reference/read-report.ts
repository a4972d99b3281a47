import type { UserColumn } from '../../contracts/reports.ts';
import type { UserId } from '../../contracts/ids.ts';
import { reportColumns, reportValues } from '../report-columns.ts';
import type { HostReports, Sql } from '../host-lms.ts';
import { micros } from './micros.ts';

/** What each column is, as SQL about the account `a`. */
const expressions: Partial<Record<UserColumn, string>> = {
  id: 'a.id',
  email: 'a.email',
  name: 'a.name',
  status: 'a.status',
  groups: `(select json_agg(g.name order by g.name, g.id) from lms.user_group g
             where g.id in (select m.group_id from lms.membership m where m.user_id = a.id))`,
  groupIds: `(select json_agg(h.held order by h.group_id)
                from (select m.group_id, m.group_id || ' (' || string_agg(m.role, ', ' order by m.role) || ')' as held
                        from lms.membership m where m.user_id = a.id group by m.group_id) h)`,
  profile: 'a.profile::text',
  registrations: '(select count(*) from lms.registration r where r.user_id = a.id)',
  completions: `(select count(*) from lms.registration r where r.user_id = a.id and r.status = 'completed')`,
  openSessions: '(select count(*) from lms.login_session s where s.user_id = a.id)',
  automaticDeletionDate: `to_char(a.deletion_scheduled_on, 'YYYY-MM-DD')`,
  learnerDeletionDate: micros('a.deleted_at'),
  deletionKind: 'a.deletion_kind',
  deletedBy: 'a.deleted_by',
};

/** Users for reports, the deleted ones among them (D-02). */
export const referenceReports: HostReports = {
  columns: reportColumns(expressions),
  async users(sql, columns, after, limit) {
    const { rows } = await sql.query<{ user: UserId; values: [] }>(
      `select a.id as "user", ${reportValues(expressions, columns)} as values
         from lms.account a where $1::text is null or a.id > $1 order by a.id limit $2`,
      [after, limit],
    );
    return rows;
  },
  async count(sql) {
    const { rows } = await sql.query<{ n: number }>(`select count(*)::int as n from lms.account`);
    return rows[0]?.n ?? 0;
  },
  emailOf,
};

async function emailOf(sql: Sql, user: UserId): Promise<string | null> {
  const { rows } = await sql.query<{ email: string }>(
    `select email from lms.account where id = $1 and status = 'active'`,
    [user],
  );
  return rows[0]?.email ?? null;
}
