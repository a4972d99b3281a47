import { Client, Connection } from '@temporalio/client';
import { dataConverterOf } from '../composition/data-converter.ts';
import type { Reach } from '../composition/reach.ts';
import { reach } from '../composition/reach.ts';
import { hostOf, limitsOf } from '../composition/host.ts';
import { readConfig } from '../config.ts';
import type { Config } from '../config.ts';
import type { HostLms } from '../adapters/host-lms.ts';
import { openDatabase } from '../database/pool.ts';
import type { Database } from '../database/pool.ts';

/** A command's connection to the running instance. */
export interface Session {
  config: Config;
  host: HostLms;
  database: Database;
  where: Reach;
  /** Connects to Temporal at the first call. */
  client: () => Promise<Client>;
}

/** Runs a command against the running instance, and lets go of it afterwards. */
export async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const config = readConfig();
  const where = reach(config);
  const database = openDatabase(where.databaseUrl, { ...limitsOf(config), maxConnections: 2 });
  let connection: Connection | undefined;
  const client = async (): Promise<Client> => {
    connection ??= await Connection.connect(where.temporal);
    const dataConverter = dataConverterOf(config.LMS_CODEC_KEYS);
    return new Client({ connection, namespace: where.namespace, dataConverter });
  };
  try {
    return await work({ config, host: hostOf(config), database, where, client });
  } finally {
    await connection?.close();
    await database.close();
  }
}
