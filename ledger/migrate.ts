import { migrate } from '../database/migrate.ts';
import { ledgerSchema } from './schema.sql.ts';

/** Creates the ledger in the host's database, or brings it up to date. Safe to run again and concurrently. */
export function migrateLedger(databaseUrl: string): Promise<void> {
  return migrate(databaseUrl, 'lms_lifecycle', [{ name: '001_ledger', up: ledgerSchema }]);
}
