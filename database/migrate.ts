import knex from 'knex';
import type { Knex } from 'knex';

/** One forward step of a schema, as SQL; never edited once it has been released. */
export interface SqlMigration {
  name: string;
  up: string;
}

/** Names this program's migration lock among PostgreSQL's advisory locks. */
const lockKey = 6_207_311;

/**
 * Brings a schema up to date: applies the migrations that its bookkeeping table does not list, in order.
 * Safe to run again, and by several processes at once: they queue on an advisory lock.
 *
 * @param schema where the bookkeeping table lives; created when missing
 * @throws the database's error; each migration is applied whole or not at all
 */
export async function migrate(
  databaseUrl: string,
  schema: string,
  migrations: SqlMigration[],
): Promise<void> {
  const db = knex({ client: 'pg', connection: databaseUrl, pool: { min: 0, max: 2 } });
  try {
    await withAdvisoryLock(db, async () => {
      await db.raw('create schema if not exists ??', [schema]);
      await db.migrate.latest({
        migrationSource: sqlSource(migrations),
        schemaName: schema,
        tableName: 'migration',
      });
    });
  } finally {
    await db.destroy();
  }
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
