import { expect } from 'vitest';
import type { ListedRow, MeasuredTable } from './measured-changes.ts';
import type { Row, TableDiff } from './table-diff.ts';

/** Values that are of the run and not of the operation. */
const runs: Record<string, readonly string[]> = {
  mdl_cache_flags: ['timemodified', 'expiry'],
  mdl_groups: ['timemodified'],
  mdl_user: ['timemodified', 'username'],
  mdl_user_enrolments: ['timemodified'],
  mdl_grade_grades_history: ['timemodified'],
  mdl_tool_dataprivacy_request: ['timecreated', 'timemodified'],
};

/** Not compared in the log: clocks, and `origin`: measured from the command line (cli), where the adapter writes ws. */
const notCompared = ['timecreated', 'origin'];

/** Measurements print numbers short, null as None, and cut long texts. */
function same(listed: string, actual: unknown): boolean {
  if (actual === null || actual === undefined) return listed === 'None';
  const text = typeof actual === 'string' ? actual : JSON.stringify(actual);
  if (listed === text || (listed.length >= 60 && text.startsWith(listed))) return true;
  return listed !== '' && !Number.isNaN(Number(listed)) && Number(listed) === Number(text);
}

function compareRow(
  table: string,
  { kind, id, columns }: ListedRow,
  { deleted, inserted, updated }: TableDiff,
): void {
  const clocks = runs[table] ?? [];
  const named = Object.entries(columns).filter(([column]) => !clocks.includes(column));
  const differing = (row: Row | undefined) =>
    named.filter(([column, value]) => typeof value === 'string' && !same(value, row?.[column]));
  if (kind === 'DEL') {
    const row = deleted.find((candidate) => String(candidate['id']) === id);
    expect(row, `${table} ${id} should be deleted`).toBeDefined();
    expect(differing(row), `${table} ${id}`).toEqual([]);
  } else if (kind === 'INS') {
    expect(
      inserted.some((row) => differing(row).length === 0),
      `${table} should have ${JSON.stringify(columns)}`,
    ).toBe(true);
  } else compareUpdate(table, id, columns, updated);
}

function compareUpdate(
  table: string,
  id: string,
  columns: ListedRow['columns'],
  updated: TableDiff['updated'],
): void {
  const row = updated.find(({ before }) => String(before['id']) === id);
  expect(row, `${table} ${id} should be updated`).toBeDefined();
  if (!row) return;
  const changed = Object.keys(row.before).filter((column) => row.before[column] !== row.after[column]);
  expect(changed.sort(), `${table} ${id}`).toEqual(Object.keys(columns).sort());
  for (const [column, [before, after]] of Object.entries(columns)) {
    expect(same(String(before), row.before[column]), `${table} ${id} ${column} before`).toBe(true);
    if (!(runs[table] ?? []).includes(column)) expect(String(row.after[column])).toBe(after);
  }
}

function compareLog({ events }: MeasuredTable, { inserted }: TableDiff, unwritten: readonly string[]): void {
  const expected = events.filter(({ name }) => !unwritten.includes(name));
  const counts = expected.map(({ name }) => ({
    name,
    count: inserted.filter((row) => row['eventname'] === name).length,
  }));
  expect(counts).toEqual(expected.map(({ name, count }) => ({ name, count })));
  expect(inserted.length).toBe(expected.reduce((sum, { count }) => sum + count, 0));
  for (const { sample } of expected) {
    const columns = Object.entries(sample).filter(([column]) => !notCompared.includes(column));
    const found = inserted.some((row) => columns.every(([column, value]) => same(value, row[column])));
    expect(found, `the log should have ${JSON.stringify(sample)}`).toBe(true);
  }
}

/**
 * Row by row: the same tables, the same numbers of rows, and every row that the measurement lists with all its columns.
 *
 * @param unwritten events that the adapter does not log on purpose
 */
export function expectMeasured(
  measured: ReadonlyMap<string, MeasuredTable>,
  changed: ReadonlyMap<string, TableDiff>,
  unwritten: readonly string[] = [],
): void {
  expect([...changed.keys()].sort()).toEqual([...measured.keys()].sort());
  for (const [table, expected] of measured) {
    const actual = changed.get(table) ?? { deleted: [], inserted: [], updated: [] };
    if (table === 'mdl_logstore_standard_log') {
      compareLog(expected, actual, unwritten);
      continue;
    }
    const counts = {
      deleted: actual.deleted.length,
      inserted: actual.inserted.length,
      updated: actual.updated.length,
    };
    expect(counts, table).toEqual(expected.counts);
    for (const row of expected.rows) compareRow(table, row, actual);
  }
}
