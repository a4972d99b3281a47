import { migrate, missingMigrations as missing } from '../database/migrate.ts';
import type { SqlMigration } from '../database/migrate.ts';
import type { Sql } from '../contracts/sql.ts';
import { ledgerSchema } from './migrations/001-ledger.sql.ts';
import { batches } from './migrations/002-batches.sql.ts';
import { content } from './migrations/003-content.sql.ts';
import { registrations } from './migrations/004-registrations.sql.ts';
import { imports } from './migrations/005-imports.sql.ts';
import { inbox } from './migrations/006-inbox.sql.ts';
import { reports } from './migrations/007-reports.sql.ts';

const schema = 'lms_lifecycle';

const migrations: SqlMigration[] = [
  { name: '001_ledger', up: ledgerSchema },
  { name: '002_batches', up: batches },
  { name: '003_content', up: content },
  { name: '004_registrations', up: registrations },
  { name: '005_imports', up: imports },
  { name: '006_inbox', up: inbox },
  { name: '007_reports', up: reports },
];

/** Creates the ledger in the host's database, or brings it up to date. Safe to run again and concurrently. */
export function migrateLedger(databaseUrl: string): Promise<void> {
  return migrate(databaseUrl, schema, migrations);
}

/** The migrations that the ledger lacks, as after an update whose worker has not been started yet. */
export function missingMigrations(sql: Sql): Promise<string[]> {
  return missing((text) => sql.query<{ name: string }>(text), schema, migrations);
}
