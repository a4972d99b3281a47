import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { migrateReferenceHost } from '../../../adapters/reference/migrate.ts';
import { startPostgres } from '../../../dev/embedded-postgres.ts';
import { startTemporal } from '../../../dev/embedded-temporal.ts';
import { freePort } from '../../../dev/free-port.ts';
import { migrateLedger } from '../../../ledger/migrate.ts';
import { searchAttributeTypes } from '../../../workflows/search-attributes.ts';

/** A server of the test's own, which keeps its data and its port when it is killed and started again. */
export interface MortalServer {
  /** SIGKILL; returns when it is dead. */
  kill(): Promise<void>;
  startAgain(): Promise<void>;
}

export interface Servers {
  postgres: MortalServer & { url: string };
  temporal: MortalServer & { address: string };
  close(): Promise<void>;
}

/** PostgreSQL as it is in production, with all that protects its data, and a Temporal server that keeps its own. */
export async function startServers(): Promise<Servers> {
  const dir = await mkdtemp(join(tmpdir(), 'lms-faults-'));
  const postgresOptions = { dataDir: join(dir, 'postgres'), port: await freePort(), durable: true };
  const temporalOptions = {
    binary: inject('temporalBinary'),
    port: await freePort(),
    headless: true,
    dbFile: join(dir, 'temporal.db'),
    searchAttributes: searchAttributeTypes,
  };
  const postgres = await mortal(() => startPostgres(postgresOptions));
  const temporal = await mortal(() => startTemporal(temporalOptions));
  const { url } = postgres.first;
  await migrateReferenceHost(url);
  await migrateLedger(url);
  return {
    postgres: { ...postgres.server, url },
    temporal: { ...temporal.server, address: temporal.first.address },
    close: async () => {
      await temporal.stop();
      await postgres.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

interface Running {
  exited: Promise<string>;
  kill(): void;
  stop(): Promise<void>;
}

async function mortal<S extends Running>(start: () => Promise<S>) {
  const first = await start();
  let current = first;
  const server: MortalServer = {
    kill: async () => {
      current.kill();
      await current.exited;
    },
    startAgain: async () => {
      current = await start();
    },
  };
  return { first, server, stop: () => current.stop() };
}
