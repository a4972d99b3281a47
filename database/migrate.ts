import knex from 'knex';
import type { Knex } from 'knex';
import { isDatabaseError } from './describe-error.ts';

/** One forward step of a schema, as SQL; never edited once it has been released. */
export interface SqlMigration {
  name: string;
  up: string;
}

/** Names this program's migration lock among PostgreSQL's advisory locks. */
const lockKey = 6_207_311;

/** This database role may not bring a schema up to date; the message says what to run. */
class MigrationRefused extends Error {
  override name = 'MigrationRefused';
}

/** SQLSTATE insufficient_privilege. */
const insufficientPrivilege = '42501';

/**
 * Brings a schema up to date: applies the migrations that its bookkeeping table does not list, in order.
 * Safe to run again, and by several processes at once: they queue on an advisory lock. Where none is missing nothing is touched, so that
 * a role that may only work with the schema can ask too; those of a newer release are left to it.
 *
 * @param schema where the bookkeeping table lives; created when missing
 * @throws MigrationRefused, or the database's error; each migration is applied whole or not at all
 */
export async function migrate(
  databaseUrl: string,
  schema: string,
  migrations: SqlMigration[],
): Promise<void> {
  const db = knex({ client: 'pg', connection: databaseUrl, pool: { min: 0, max: 2 } });
  try {
    if ((await missingMigrations((text) => db.raw(text), schema, migrations)).length === 0) return;
    await withAdvisoryLock(db, async () => {
      await db.raw('create schema if not exists ??', [schema]);
      await db.migrate.latest({
        migrationSource: sqlSource(migrations),
        schemaName: schema,
        tableName: 'migration',
      });
    });
  } catch (error) {
    if (!isDatabaseError(error) || error.code !== insufficientPrivilege) throw error;
    throw new MigrationRefused(
      `the schema ${schema} is not up to date, or closed to this database role, which may not change that: as its owner run ` +
        '`host migrate`, then `host grants`',
    );
  } finally {
    await db.destroy();
  }
}

/** The names of those migrations that a schema's bookkeeping table does not list; all of them where there is none. */
export async function missingMigrations(
  query: (text: string) => PromiseLike<{ rows: { name: string }[] }>,
  schema: string,
  migrations: readonly SqlMigration[],
): Promise<string[]> {
  // Asked for before it is read: what fails is an error in the server's log.
  const { rows: tables } = await query(
    `select relname as name from pg_class where oid = to_regclass('${schema}.migration')`,
  );
  const { rows } = tables.length === 0 ? { rows: [] } : await query(`select name from ${schema}.migration`);
  const there = new Set(rows.map(({ name }) => name));
  return migrations.flatMap(({ name }) => (there.has(name) ? [] : [name]));
}

async function withAdvisoryLock(db: Knex, work: () => Promise<void>): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(?)', [lockKey]);
    await work();
  });
}

function sqlSource(migrations: SqlMigration[]): Knex.MigrationSource<SqlMigration> {
  return {
    getMigrations: () => Promise.resolve(migrations),
    getMigrationName: (migration) => migration.name,
    getMigration: (migration) =>
      Promise.resolve({
        up: (db: Knex) => db.raw(migration.up),
        down: () => Promise.reject(new Error('migrations only go forward')),
      }),
  };
}
