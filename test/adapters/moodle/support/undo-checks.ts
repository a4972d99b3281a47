import { diff } from './table-diff.ts';
import type { Snapshot, TableDiff } from './table-diff.ts';
import type { MoodleSite } from './moodle-site.ts';
import type { Outcome } from './operations.ts';

/** Tables that are not as before after an operation and its undo, and the adapter keeps no images of. */
const journals: Record<string, string> = {
  mdl_logstore_standard_log: 'what happened, happened: the log only grows',
  mdl_cache_flags: 'a signal to sessions, which expires by itself',
  mdl_grade_grades_history:
    'the copies that a deleted grade leaves; the grades themselves are back with their ids',
};

export function otherThanJournals(before: Snapshot, after: Snapshot): Record<string, TableDiff> {
  return Object.fromEntries([...diff(before, after)].filter(([table]) => !(table in journals)));
}

/** Rows that differ, as `table id`. */
export function changedRows(before: Snapshot, after: Snapshot): string[] {
  return Object.entries(otherThanJournals(before, after))
    .flatMap(([table, { deleted, inserted, updated }]) =>
      [...deleted, ...inserted, ...updated.map((row) => row.after)].map(
        (row) => `${table} ${String(row['id'])}`,
      ),
    )
    .sort();
}

/** Rows of which the operation has left an image that says that they changed, as `table id`; once for each image. */
export async function imagedRows({ sql }: MoodleSite, { operation }: Outcome): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(
    `select i.table_name || ' ' || coalesce(i.before->>'id', i.after->>'id') as name
       from lms_lifecycle.row_image i join lms_lifecycle.change c on c.id = i.change_id
      where c.operation_id = $1 and i.before is distinct from i.after`,
    [operation],
  );
  return rows.map(({ name }) => name).sort();
}

export const notApplied = ({ states }: Outcome) => states.filter(({ state }) => state !== 'applied');
