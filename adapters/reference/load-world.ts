import type { World } from '../../contracts/world.ts';
import type { Sql } from '../host-lms.ts';
import { content } from './load/content.ts';
import { people } from './load/people.ts';
import { records } from './load/records.ts';
import { sessions } from './load/sessions.ts';
import type { TableLoad } from './load/table-load.ts';

/** The reference database holds a world already, and was not to be replaced. */
export class DatabaseFilled extends Error {
  constructor(table: string) {
    super(`the reference database is not empty (${table} has rows): load with replace to empty it first`);
    this.name = 'DatabaseFilled';
  }
}

/** Every table's load, so that what a row refers to is there before it. */
const loads: readonly TableLoad[] = [...people, ...content, ...sessions, ...records];
const batchRows = 20_000;
/** From here on the planner is told what it has; smaller tables are found out by autovacuum. */
const bigWorldUsers = 5_000;

/**
 * Writes a world into the reference database, in the caller's transaction, so that it is there whole or not at all.
 *
 * @param world as `parseWorld` returns it; the database's own constraints check it once more
 * @param options.replace empties all of the reference host's tables first (world file)
 * @throws DatabaseFilled when the database holds anything and `replace` is false
 */
export async function loadWorld(sql: Sql, world: World, options: { replace: boolean }): Promise<void> {
  const tables = await worldTables(sql);
  if (options.replace) await empty(sql, tables);
  else await refuseFilled(sql, tables);
  for (const load of loads) await loadTable(sql, load, world);
  if (world.users.length >= bigWorldUsers) await sql.query(`analyze ${tables.join(', ')}`);
}

/** All tables in the host's schema but the bookkeeping of its migrations, quoted. */
async function worldTables(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname = 'lms' and tablename not like 'migration%' order by 1`,
  );
  return rows.map(({ name }) => name);
}

/**
 * Truncating writes a new file for every table and index, which for the small worlds of tests takes longer than
 * everything else. One statement deletes from all tables at once, so that their order does not matter.
 */
async function empty(sql: Sql, tables: readonly string[]): Promise<void> {
  const { rows } = await sql.query(`select from lms.account offset ${bigWorldUsers} limit 1`);
  const deletes = tables.map((table, i) => `d${i} as (delete from ${table})`);
  if (rows.length === 0) await sql.query(`with ${deletes.join(', ')} select`);
  else await sql.query(`truncate ${tables.join(', ')} restart identity`);
}

async function refuseFilled(sql: Sql, tables: readonly string[]): Promise<void> {
  const filled = tables.map((table) => `select '${table}' as name where exists (select from ${table})`);
  const { rows } = await sql.query<{ name: string }>(`${filled.join(' union all ')} limit 1`);
  if (rows[0] !== undefined) throw new DatabaseFilled(rows[0].name);
}

async function loadTable(sql: Sql, load: TableLoad, world: World): Promise<void> {
  for (const batch of batches(load.rows(world))) await sql.query(load.insert, [JSON.stringify(batch)]);
}

function* batches(rows: Iterable<object>): Iterable<object[]> {
  let batch: object[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
