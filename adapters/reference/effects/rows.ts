import type { HostEffect } from '../../host-lms.ts';
import { ownableTables } from './co-lists.ts';

/** A row that a change deletes, or an undo puts back, named by the change's item and user. */
export interface RowOfChange {
  /** Names the CTE. */
  name: string;
  table: string;
  /** The columns of the row's key and where each comes from in the change `t`. */
  key: Readonly<Record<string, string>>;
  /** Columns beside the key, for putting the row back. */
  rest?: Readonly<Record<string, string>>;
  /** Which changes `t` concern this table; the others are left to another one. */
  only?: string;
  /** Further conditions, on the change `t` and when removing on the row `r`. */
  when?: string;
}

/** Deletes the rows that the changes name; a row that is not there, or not as it must be, is a conflict. */
export function removeRows(rows: readonly RowOfChange[]): HostEffect {
  const ctes = rows.map(
    ({ name, table, key, only, when }) => /* sql */ `
      ${name} as (
        delete from ${table} r using todo t where ${all(...matches(key), only, when)}
        returning t.id as change_id, '${table}' as table_name, to_jsonb(r) as before, null::jsonb as after)`,
  );
  return effect(rows, ctes);
}

/** Puts rows back; a row that is there already is a conflict, and so is one whose `when` does not hold. */
export function restoreRows(rows: readonly RowOfChange[]): HostEffect {
  const ctes = rows.map(({ name, table, key, rest, only, when }) => {
    const values = { ...key, ...rest };
    return /* sql */ `
      ${name}_new as (
        insert into ${table} as r (${Object.keys(values).join(', ')})
        select ${Object.values(values).join(', ')} from todo t where ${all(only, when)}
        on conflict do nothing returning ${columns(key, 'r')}),
      ${name} as (
        select t.id as change_id, '${table}' as table_name, null::jsonb as before, ${asJson(values)} as after
          from todo t where ${all(only)} and (${Object.values(key).join(', ')}) in (select * from ${name}_new))`;
  });
  return effect(rows, ctes);
}

function matches(key: Readonly<Record<string, string>>): string[] {
  return Object.entries(key).map(([column, source]) => `r.${column} = ${source}`);
}

function columns(key: Readonly<Record<string, string>>, row: string): string {
  return Object.keys(key)
    .map((column) => `${row}.${column}`)
    .join(', ');
}

/** A row as JSON, from the values that it was made of: `in` is a hash where a join of the two would be a loop. */
function asJson(values: Readonly<Record<string, string>>): string {
  const members = Object.entries(values).map(([column, source]) => `'${column}', ${source}`);
  return `jsonb_build_object(${members.join(', ')})`;
}

function all(...conditions: (string | undefined)[]): string {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length === 0 ? 'true' : given.map((condition) => `(${condition})`).join(' and ');
}

function effect(rows: readonly RowOfChange[], ctes: readonly string[]): HostEffect {
  const decided = rows.map(({ name }) => `select change_id from ${name}`).join(' union all ');
  return {
    statements: [
      { ctes: `${ctes.join(',')}, decided as (${decided})`, images: rows.map(({ name }) => name) },
    ],
  };
}

const membershipKey = { group_id: `t.item->>'group'`, user_id: 't.user_id', role: `t.item->>'role'` };
/** Who is deleted belongs to nothing (D-01). */
const lives = `exists (select from lms.account a where a.id = t.user_id and a.status = 'active')`;

/** Null: it begins now. */
const membershipSince = {
  since: `coalesce((t.after->>'since')::timestamptz, (select at from op))`,
};
const slotKey = { slot_id: `t.item->>'slot'`, user_id: 't.user_id' };
const sessionKey = { session_id: `t.item->>'session'`, user_id: 't.user_id' };

/** membership.remove, compared by group, role and `since`: of one that began when it was applied, that is in its image. */
export const leaveGroups = removeRows([
  {
    name: 'left_group',
    table: 'lms.membership',
    key: membershipKey,
    when: `r.since = coalesce((t.before->>'since')::timestamptz,
      (select (i.after->>'since')::timestamptz from lms_lifecycle.row_image i
        where i.change_id = t.undoes and i.table_name = 'lms.membership'))`,
  },
]);

/** membership.add, with the `since` that it had. */
export const rejoinGroups = restoreRows([
  {
    name: 'rejoined_group',
    table: 'lms.membership',
    key: membershipKey,
    rest: membershipSince,
    when: `exists (select from lms.user_group g where g.id = t.item->>'group') and ${lives}`,
  },
]);

/** slot.leave; a slot that has begun since the plan was made is a conflict, and stays (D-03). */
export const leaveSlots = removeRows([
  {
    name: 'left_slot',
    table: 'lms.slot_attendee',
    key: slotKey,
    when: `exists (select from lms.slot s where s.id = r.slot_id and s.starts_at > clock_timestamp())`,
  },
]);

/** slot.join; only while the slot is upcoming, has a free seat, and the user a place in its session. */
export const rejoinSlots: HostEffect = {
  ...restoreRows([
    {
      name: 'rejoined_slot',
      table: 'lms.slot_attendee',
      key: slotKey,
      when: /* sql */ `exists (
      select from lms.slot s
        join lms.session_participant p on p.session_id = s.session_id and p.user_id = t.user_id
       where s.id = t.item->>'slot' and s.starts_at > clock_timestamp()
         and (s.capacity is null or s.capacity >=
           (select count(*) from lms.slot_attendee a where a.slot_id = s.id)
           + (select count(*) from todo before_me
               where before_me.item->>'slot' = s.id and before_me.id <= t.id)))`,
    },
  ]),
  // Two chunks side by side must not give the same place away.
  lock: /* sql */ `select from lms.slot where id in (
    select item->>'slot' from lms_lifecycle.change where id in (select unnest($1::bigint[]))) order by id for update of slot`,
};

/** session.leave. */
export const leaveSessions = removeRows([
  { name: 'left_session', table: 'lms.session_participant', key: sessionKey },
]);

/** session.join; a dynamic one only while its audience holds the user (G-08). */
export const rejoinSessions = restoreRows([
  {
    name: 'rejoined_session',
    table: 'lms.session_participant',
    key: sessionKey,
    when: /* sql */ `exists (
      select from lms.path_session s
       where s.id = t.item->>'session' and ${lives}
         and (s.audience = 'static' or exists (
           select from lms.session_audience_group g
             join lms.membership m on m.group_id = g.group_id and m.user_id = t.user_id
            where g.session_id = s.id)))`,
  },
]);

const coRows = ownableTables.map(({ type, table, coTable, coItemColumn }) => ({
  name: `co_${type}`,
  table: coTable,
  key: { [coItemColumn]: `t.item->>'id'`, user_id: 't.user_id' },
  only: `t.item->>'type' = '${type}'`,
  itemTable: table,
}));

/** co-role.remove (D-11). */
export const leaveCoRoles = removeRows(coRows);

/** co-role.add, at the place that it had. */
export const rejoinCoRoles = restoreRows(
  coRows.map((row) => ({
    ...row,
    rest: { position: `(t.after->>'position')::int` },
    when: `exists (select from ${row.itemTable} i where i.id = t.item->>'id')`,
  })),
);
