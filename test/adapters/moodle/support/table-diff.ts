import type { Sql } from '../../../../contracts/sql.ts';

export type Row = Record<string, unknown>;
/** All rows of all of Moodle's tables, by id. */
export type Snapshot = ReadonlyMap<string, ReadonlyMap<string, Row>>;

export interface TableDiff {
  deleted: Row[];
  inserted: Row[];
  updated: { before: Row; after: Row }[];
}

export async function snapshot(sql: Sql): Promise<Snapshot> {
  const { rows: tables } = await sql.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
  );
  const all = tables.map(
    ({ name }) => `select '${name}' as name, t.id::text as id, to_json(t) as row from public.${name} t`,
  );
  const { rows } = await sql.query<{ name: string; id: string; row: Row }>(all.join(' union all '));
  const result = new Map<string, Map<string, Row>>(tables.map(({ name }) => [name, new Map()]));
  for (const { name, id, row } of rows) result.get(name)?.set(id, row);
  return result;
}

/** Only tables that differ. */
export function diff(before: Snapshot, after: Snapshot): Map<string, TableDiff> {
  const result = new Map<string, TableDiff>();
  for (const [table, old] of before) {
    const difference = diffTable(old, after.get(table) ?? new Map<string, Row>());
    const { deleted, inserted, updated } = difference;
    if (deleted.length + inserted.length + updated.length > 0) result.set(table, difference);
  }
  return result;
}

function diffTable(before: ReadonlyMap<string, Row>, after: ReadonlyMap<string, Row>): TableDiff {
  const deleted = [...before].filter(([id]) => !after.has(id)).map(([, row]) => row);
  const inserted = [...after].filter(([id]) => !before.has(id)).map(([, row]) => row);
  const updated = [...before].flatMap(([id, old]) => {
    const now = after.get(id);
    return now && JSON.stringify(now) !== JSON.stringify(old) ? [{ before: old, after: now }] : [];
  });
  return { deleted, inserted, updated };
}
