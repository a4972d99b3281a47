import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import type { Sql } from '../contracts/sql.ts';

/** Bounds on what one statement may wait for and run, so that a stuck host never hangs an operation silently. */
export interface DatabaseLimits {
  statementTimeoutMs: number;
  lockTimeoutMs: number;
  maxConnections: number;
  /** How long a transaction may sit between two statements; default one minute. */
  idleInTransactionTimeoutMs?: number;
}

// Far more than deciding about a chunk takes. A worker that is frozen, or cut off without a word, would otherwise keep
// its locks for hours, and whoever takes over would wait for them.
const defaultIdleInTransactionTimeoutMs = 60_000;

/** The database that holds the host's tables and the ledger: one pool, and transactions on it. */
export interface Database {
  /** Runs `work` in a transaction that commits when it resolves and rolls back when it throws. */
  transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** Like `transaction`, but all reads see one snapshot; for planning. */
  snapshot<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** Runs statements each of which is a transaction of its own: one round trip instead of three. */
  autocommit: Sql;
  close(): Promise<void>;
}

export function openDatabase(url: string, limits: DatabaseLimits): Database {
  const pool = new Pool({
    connectionString: url,
    max: limits.maxConnections,
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    idle_in_transaction_session_timeout:
      limits.idleInTransactionTimeoutMs ?? defaultIdleInTransactionTimeoutMs,
    connectionTimeoutMillis: 10_000,
    application_name: 'lms-lifecycle',
    // Instants inside JSON (images, results) read the same whatever the server's own time zone is.
    options: '-c TimeZone=UTC',
    // Statements that are not waited for one by one travel together: whoever has several that need nothing of each other
    // sends them with Promise.all. The server still carries them out one after the other, in the order of sending.
    pipeline: true,
  });
  // An idle connection that dies is replaced by the pool at the next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  return {
    transaction: (work) => inTransaction(pool, 'begin', work),
    snapshot: (work) => inTransaction(pool, 'begin isolation level repeatable read', work),
    autocommit: pool,
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
  const failures: unknown[] = [];
  try {
    await client.query(begin);
    const result = await work(noting(client, failures));
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw isAftermath(error) ? failures[0] : error;
  } finally {
    client.removeListener('error', ignore);
    client.release(broken);
  }
}

/**
 * Of statements that travel together the first that fails says why; those behind it fail too, and say only that the
 * transaction had failed. Whichever of these errors the work comes upon, the first is what decides about a retry.
 */
function noting(client: PoolClient, failures: unknown[]): PoolClient {
  const send = client.query.bind(client) as unknown as (...statement: unknown[]) => Promise<unknown>;
  const query = async (...statement: unknown[]): Promise<unknown> => {
    try {
      return await send(...statement);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  return Object.create(client, { query: { value: query } }) as PoolClient;
}

/** SQLSTATE in_failed_sql_transaction. */
function isAftermath(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '25P02';
}
