import pg from 'pg';
import type { HostLms } from '../../adapters/host-lms.ts';
import { grantStatements } from '../../composition/grants.ts';
import { purposes } from '../../ledger/privileges.ts';
import type { Purpose } from '../../ledger/privileges.ts';

/** The role that production has for a purpose, by its name in the tests' server. */
const roleOf = (purpose: Purpose): string => `lms_${purpose}`;

/** Makes the roles as production has them: exactly by what `host grants` prints. Copies of the database have the same. */
export async function makeRoles(databaseUrl: string, host: HostLms): Promise<void> {
  const sql = new pg.Client(databaseUrl);
  await sql.connect();
  try {
    for (const purpose of purposes) {
      const statements = await grantStatements(sql, host, { role: roleOf(purpose), purpose });
      await sql.query([...statements, `alter role ${roleOf(purpose)} password 'secret'`].join(';'));
    }
  } finally {
    await sql.end();
  }
}

/** The same database, for somebody who may no more than a role may. */
export function urlAs(databaseUrl: string, purpose: Purpose): string {
  const url = new URL(databaseUrl);
  [url.username, url.password] = [roleOf(purpose), 'secret'];
  return url.href;
}
