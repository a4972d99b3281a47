import type { EffectStatement } from '../../host-lms.ts';
import { takesBack } from './prelude.ts';

/** A table whose deleted rows an undo puts back from their images, with the ids that they had. */
export interface RestorableTable {
  table: string;
  /** Columns that must find their row in another table: what has lost its course, group or role stays away. */
  needs?: Readonly<Record<string, string>>;
  /** Only while the row's `userid` is a living account: for effects that run after account.reinstate. */
  ofLiving?: boolean;
  /** The table has no key of its own that would refuse a second assignment of the same role. */
  unique?: boolean;
  /** A further condition on the row `r` and the image `i`. */
  when?: string;
}

/** A statement that puts rows back, and decides for changes of which at least one row came back. */
export function putBack(tables: readonly RestorableTable[]): EffectStatement {
  return {
    ctes: `${putBackRows(tables)}, decided as (select change_id from put_back)`,
    images: ['put_back'],
  };
}

/**
 * CTEs that put rows back from the images of the changes that are undone; `put_back` holds the images. A row whose id or
 * key is taken by now stays away. An image that says that nothing changed is put back too, if its row has vanished since.
 */
export function putBackRows(tables: readonly RestorableTable[]): string {
  return [
    ...tables.map(restore),
    /* sql */ `
    restored as (${tables.map(({ table }) => `select '{${table}}' as table_name, id from back_${table}`).join(' union all ')}),
    put_back as (
      select i.change_id, i.table_name, null::jsonb as before, i.before as after
        from image i
       where ${takesBack} and (i.after is null or i.after = i.before)
         and ((i.table_name, (i.before->>'id')::bigint) in (select r.table_name, r.id from restored r)) is true)`,
  ].join(',');
}

function restore({ table, needs = {}, ofLiving, unique, when }: RestorableTable): string {
  const conditions = [
    takesBack,
    `i.table_name = '{${table}}' and i.before is not null and (i.after is null or i.after = i.before)`,
    ...Object.entries(needs).map(
      ([column, parent]) => `exists (select from {${parent}} p where p.id = r.${column})`,
    ),
    ...(ofLiving ? ['exists (select from {user} u where u.id = r.userid and u.deleted = 0)'] : []),
    ...(unique ? [noTwin(table)] : []),
    ...(when ? [when] : []),
  ];
  return /* sql */ `
    back_${table} as (
      insert into {${table}}
      select r.* from image i cross join lateral jsonb_populate_record(null::{${table}}, i.before) r
       where ${conditions.join(' and ')}
      on conflict do nothing returning id)`;
}

/** The user `r` has no such role there already. */
export function noTwin(table: string): string {
  return /* sql */ `not exists (
    select from {${table}} twin where twin.userid = r.userid and twin.contextid = r.contextid
       and twin.roleid = r.roleid and twin.component = r.component and twin.itemid = r.itemid)`;
}
