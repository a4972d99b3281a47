import { takesBack } from './prelude.ts';

/** The name of the CTE that `rewind` makes: what it changed, as images. */
export const rewoundName = (table: string): string => `rewound_${table}`;

/**
 * A CTE for an undo: overwritten columns get their old value back where the row still has the ones that the undone change
 * gave it. What somebody has changed since stays.
 */
export function rewind(table: string, columns: readonly string[]): string {
  const value = (image: string, column: string) =>
    `(jsonb_populate_record(null::{${table}}, i.${image})).${column}`;
  return /* sql */ `
    ${rewoundName(table)} as (
      update {${table}} x set ${columns.map((column) => `${column} = ${value('before', column)}`).join(', ')}
        from image i
       where ${takesBack} and i.table_name = '{${table}}' and i.before is not null and x.id = (i.after->>'id')::bigint
         and ${columns.map((column) => `x.${column} is not distinct from ${value('after', column)}`).join(' and ')}
      returning i.change_id, '{${table}}' as table_name,
                to_jsonb(x) || jsonb_build_object(${columns.map((column) => `'${column}', i.after->'${column}'`).join(', ')})
                  as before,
                to_jsonb(x) as after)`;
}

/** The name of the CTE that `withdraw` makes: what it deleted, as images. */
export const withdrawnName = (table: string): string => `withdrawn_${table}`;

/** A CTE for an undo: rows that the undone change inserted go, where nobody has touched them. */
export function withdraw(table: string): string {
  return /* sql */ `
    ${withdrawnName(table)} as (
      delete from {${table}} x using image i
       where i.table_name = '{${table}}' and i.before is null and x.id = (i.after->>'id')::bigint and to_jsonb(x) = i.after
      returning i.change_id, i.table_name, i.after as before, null::jsonb as after)`;
}
