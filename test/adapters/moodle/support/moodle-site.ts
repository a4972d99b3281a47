import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { inject } from 'vitest';
import type { Sql } from '../../../../contracts/sql.ts';
import { moodleHost } from '../../../../adapters/moodle/moodle-host.ts';
import { migrateLedger } from '../../../../ledger/migrate.ts';
import { makeRoles } from '../../../support/database-role.ts';
import { copyBlocks } from './copy-blocks.ts';

/** Where a real, small Moodle site lies as SQL, with what its own operations changed in it; not part of the project. */
const measured = fileURLToPath(new URL('../../../../../shared/moodle/', import.meta.url));

/** Whether the measured site is at hand; tests that need it are skipped otherwise. */
export const haveMoodle = existsSync(`${measured}small-world.sql`);

/** What one of Moodle's own operations changed. */
export const readMeasured = (name: string): Promise<string> =>
  readFile(`${measured}changes/${name}.txt`, 'utf8');

export const readUserColumns = (): Promise<string> => readFile(`${measured}user-columns.txt`, 'utf8');

/** A copy of the small site, with a ledger, in a database of its own. */
export interface MoodleSite {
  url: string;
  sql: Sql;
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function openSite(): Promise<MoodleSite> {
  await onServer(ensureTemplate);
  const name = `moodle_${randomUUID().replaceAll('-', '')}`;
  await onServer((sql) => sql.query(`create database ${name} template ${template}`));
  const pool = new pg.Pool({ connectionString: urlOf(name), max: 3 });
  pool.on('error', () => {}); // an idle connection that ends with its database
  return {
    url: urlOf(name),
    sql: pool,
    transaction: (work) => inTransaction(pool, work),
    close: async () => {
      await pool.end();
      await onServer((sql) => sql.query(`drop database ${name} with (force)`));
    },
  };
}

const template = 'moodle_small_site';

async function inTransaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** Test files run side by side: the first makes the template, the others wait. */
async function ensureTemplate(server: pg.Client): Promise<void> {
  await server.query('select pg_advisory_lock(4505)');
  const found = await server.query('select 1 from pg_database where datname = $1', [template]);
  if (found.rowCount !== 0) return;
  const making = `${template}_making`;
  await server.query(`drop database if exists ${making} with (force)`);
  await server.query(`create database ${making} template template0`);
  await loadSite(urlOf(making));
  await migrateLedger(urlOf(making));
  for (const policy of ['rules', 'host'] as const) {
    await makeRoles(urlOf(making), moodleHost({ tablePrefix: 'mdl_', policy }));
  }
  await server.query(`alter database ${making} rename to ${template}`);
}

async function loadSite(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(await readFile(`${measured}schema.sql`, 'utf8'));
    const { statements, copies } = copyBlocks(await readFile(`${measured}small-world.sql`, 'utf8'));
    for (const { table, rows } of copies) {
      await client.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [
        JSON.stringify(rows),
      ]);
    }
    await client.query(statements);
    await client.query('analyze');
  } finally {
    await client.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(inject('databaseServer'));
  url.pathname = database;
  return url.href;
}

async function onServer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(inject('databaseServer'));
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
