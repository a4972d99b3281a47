/** Rows of one table that go with an account, and what they need to come back. */
export interface DoomedRows {
  table: string;
  /** Which rows `x`, given the account `g(change_id, userid)`. Default: those whose `userid` is the account's. */
  where?: string;
  /** The relation that `g` stands for, with a column `change_id`; default: the accounts. */
  of?: string;
  /** Joins between `g` and the condition. */
  via?: string;
  /** Columns that must find their row in another table when the rows come back; what has lost it stays away. */
  needs?: Readonly<Record<string, string>>;
}

/** The CTE's name: what it deleted, as images. */
export function doomedName({ table }: DoomedRows): string {
  return `doomed_${table}`;
}

/**
 * A CTE that deletes the rows and returns their images, and each as it was (`old`: taking it out of its image again would cost more
 * than deleting it). Each row goes once, also when two accounts claim it.
 */
export function deleteRows(rows: DoomedRows): string {
  return /* sql */ `
  ${doomedName(rows)} as (
    delete from {${rows.table}} x using ${rows.of ?? 'gone'} g ${rows.via ?? ''}
     where ${rows.where ?? 'x.userid = g.userid'}
    returning g.change_id, '{${rows.table}}' as table_name, to_jsonb(x) as before, null::jsonb as after, x as old)`;
}
