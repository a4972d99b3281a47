import { migrate } from '../../database/migrate.ts';
import { referenceSchema } from './schema.sql.ts';

/** Creates the reference host's schema `lms`, or brings it up to date. Safe to run again and concurrently. */
export function migrateReferenceHost(databaseUrl: string): Promise<void> {
  return migrate(databaseUrl, 'lms', [{ name: '001_world', up: referenceSchema }]);
}
