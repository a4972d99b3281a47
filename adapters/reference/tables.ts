import type { HostLms, TableUse, Sql } from '../host-lms.ts';
import { effectTexts, tableUses } from '../table-uses.ts';
import { lockedTables } from './read-qualifications.ts';
import { referenceSchema } from './schema.sql.ts';

/** What people have made stays theirs (D-04): nobody looks at it. */
const untouched: ReadonlySet<string> = new Set(['lms.item']);

/** All tables of the world but those that are left alone; and which migrations there are. */
export async function referenceTables(sql: Sql, effects: HostLms['effects']): Promise<TableUse[]> {
  const tables = [...referenceSchema.matchAll(/create table (\S+)/g)].map(([, table = '']) => table);
  const reads = ['lms.migration', ...tables.filter((table) => !untouched.has(table))];
  return tableUses(await effectTexts(sql, effects), reads, lockedTables);
}
