import { linkTables } from '../read-content.ts';
import { removeRows, restoreRows } from './rows.ts';
import type { RowOfChange } from './rows.ts';

const rows: RowOfChange[] = Object.entries(linkTables).map(([type, { table, holder, activity }]) => ({
  name: type.toLowerCase(),
  table,
  key: { [holder]: `t.item->>'holder'`, [activity]: `t.item->>'activity'` },
  only: `t.item->>'type' = '${type}'`,
}));

/** link.remove (C-09 to C-11). */
export const removeLinks = removeRows(rows);

/** link.add in an undo, at the place that it had. */
export const restoreLinks = restoreRows(
  rows.map((row) =>
    row.name === 'pathcourse' ? { ...row, rest: { position: `(t.after->>'position')::int` } } : row,
  ),
);
