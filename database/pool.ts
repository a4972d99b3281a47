import { Pool } from 'pg';
import type { PoolClient } from 'pg';

/** Bounds on what one statement may wait for and run, so that a stuck host never hangs an operation silently. */
export interface DatabaseLimits {
  statementTimeoutMs: number;
  lockTimeoutMs: number;
  maxConnections: number;
}

/** The database that holds the host's tables and the ledger: one pool, and transactions on it. */
export interface Database {
  /** Runs `work` in a transaction that commits when it resolves and rolls back when it throws. */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** Like `transaction`, but all reads see one snapshot; for planning. */
  snapshot<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openDatabase(url: string, limits: DatabaseLimits): Database {
  const pool = new Pool({
    connectionString: url,
    max: limits.maxConnections,
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    connectionTimeoutMillis: 10_000,
    application_name: 'lms-lifecycle',
    // Instants inside JSON (images, results) read the same whatever the server's own time zone is.
    options: '-c TimeZone=UTC',
  });
  // An idle connection that dies is replaced by the pool at the next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  return {
    transaction: (work) => inTransaction(pool, 'begin', work),
    snapshot: (work) => inTransaction(pool, 'begin isolation level repeatable read', work),
    close: () => pool.end(),
  };
}

async function inTransaction<T>(
  pool: Pool,
  begin: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  // A connection that breaks between two statements must not end the process; the next statement reports it.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw error;
  } finally {
    client.removeListener('error', ignore);
    client.release(broken);
  }
}
