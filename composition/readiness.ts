import type { Connection } from '@temporalio/client';
import { fitsSchema } from '../activities/preflight.ts';
import type { HostLms } from '../adapters/host-lms.ts';
import type { Database } from '../database/pool.ts';
import { missingMigrations } from '../ledger/migrate.ts';
import type { Check } from './health.ts';

/** What the HTTP server needs, and the drift of the host's schema that the operator accepts. */
export interface Needs {
  database: Database;
  host: HostLms;
  waivedDrift: readonly string[];
  connection: Connection;
  namespace: string;
}

/** What has to be there for the HTTP server to be of use, by name. */
export function readinessChecks(needs: Needs): Readonly<Record<string, Check>> {
  const { database, host, waivedDrift, connection, namespace } = needs;
  return {
    database: async () => {
      await database.transaction((sql) => sql.query('select 1'));
    },
    migrations: async () => {
      const missing = await database.transaction(missingMigrations);
      if (missing.length > 0)
        throw new Error(`the ledger lacks ${missing.join(', ')}: run \`host migrate\`, or start a worker`);
    },
    schema: () => database.transaction((sql) => fitsSchema(sql, { host, settings: { waivedDrift } })),
    temporal: async () => {
      await connection.workflowService.describeNamespace({ namespace });
    },
  };
}
