import type { Restorable } from '../../../../contracts/operations.ts';
import type { Sql } from '../../../../contracts/sql.ts';
import type { Row, Snapshot, TableDiff } from './table-diff.ts';

/** Logins and tokens, which a reinstatement does not bring back; everything else in these tables belongs to others. */
const logins = [
  'mdl_sessions',
  'mdl_external_tokens',
  'mdl_oauth2_refresh_token',
  'mdl_user_private_key',
] as const;

const authors = (row: Row): boolean => Number(row['roleid']) === 3 && row['component'] === '';
const managers = (row: Row): boolean => Number(row['roleid']) === 1 && Number(row['contextid']) === 11;

/** The rows of each choice, of users whose cohorts, answers and roles are all of the kinds that the small site has. */
const rowsOf: Record<Restorable, readonly (readonly [string, (row: Row) => boolean])[]> = {
  memberships: [
    ['mdl_cohort_members', () => true],
    ['mdl_role_assignments', managers],
  ],
  slots: [['mdl_choice_answers', () => true]],
  ownership: [['mdl_role_assignments', authors]],
};

/** What of a living site is away after a reinstatement that chose this: `table id` of every row. */
export function awayRows(living: Snapshot, user: string, restore: readonly Restorable[]): string[] {
  const parts = Object.entries(rowsOf).flatMap(([part, rows]) =>
    restore.includes(part as Restorable) ? [] : [...rows],
  );
  const away = [...logins.map((table) => [table, () => true] as const), ...parts];
  return away
    .flatMap(([table, of]) =>
      [...(living.get(table)?.values() ?? [])]
        .filter((row) => String(row['userid']) === user && of(row))
        .map((row) => `${table} ${String(row['id'])}`),
    )
    .sort();
}

/** The rows that only went, as `table id`; `changed` counts what came or is otherwise. */
export function onlyWent(difference: Record<string, TableDiff>): { went: string[]; changed: string[] } {
  const name = (table: string) => (row: Row) => `${table} ${String(row['id'])}`;
  const tables = Object.entries(difference);
  return {
    went: tables.flatMap(([table, { deleted }]) => deleted.map(name(table))).sort(),
    changed: tables.flatMap(([table, { inserted, updated }]) =>
      [...inserted, ...updated.map(({ after }) => after)].map(name(table)),
    ),
  };
}

/** teacher1 (9), who owns courses and is in a cohort, has a seat and an office as well, and all sorts of logins. */
export async function insertFullLife(sql: Sql): Promise<void> {
  await sql.query(`
    insert into mdl_choice_answers (choiceid, userid, optionid, timemodified) values (3, 9, 5, 1);
    insert into mdl_role_assignments (roleid, contextid, userid, timemodified, modifierid) values (1, 11, 9, 5, 2);
    insert into mdl_oauth2_refresh_token (timecreated, timemodified, userid, issuerid, token, scopehash)
      values (1, 1, 9, 1, 't', 'h')`);
}

/** Authors of the courses 2 to 4, in order. */
export async function authorsOf(sql: Sql): Promise<Record<string, number[]>> {
  const { rows } = await sql.query<{ course: string; users: number[] }>(
    `select c.instanceid::text as course, array_agg(a.userid::int order by a.id) as users
       from mdl_role_assignments a join mdl_context c on c.id = a.contextid
      where a.roleid = 3 and a.component = '' and c.contextlevel = 50 group by 1`,
  );
  return Object.fromEntries(rows.map(({ course, users }) => [course, users]));
}
