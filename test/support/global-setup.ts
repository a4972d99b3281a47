import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrateReferenceHost } from '../../adapters/reference/migrate.ts';
import { referenceHost } from '../../adapters/reference/reference-host.ts';
import { bundleWorkflows } from '../../dev/bundle-workflows.ts';
import { startPostgres } from '../../dev/embedded-postgres.ts';
import { startTemporal } from '../../dev/embedded-temporal.ts';
import { binaryCacheDir, binaryCacheDirs, defaultStateDir } from '../../dev/state-dir.ts';
import { findTemporal } from '../../dev/temporal-binary.ts';
import { migrateLedger } from '../../ledger/migrate.ts';
import { makeRoles } from './database-role.ts';
import { searchAttributeTypes } from '../../workflows/search-attributes.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server's own database; each test file clones `lms_template`. */
    databaseServer: string;
    temporalAddress: string;
    temporalBinary: string;
    workflowBundle: string;
  }
}

/** One real PostgreSQL and one real Temporal server for all tests of a run, with nothing kept afterwards. */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'lms-lifecycle-test-'));
  const stateDir = defaultStateDir(process.env);
  const temporalBinary = await findTemporal({
    explicit: process.env['TEMPORAL_CLI'],
    cacheDirs: binaryCacheDirs(stateDir, process.env),
    installDir: binaryCacheDir(stateDir),
    log: console.error,
  });
  const postgres = await startPostgres({ dataDir: join(dir, 'postgres'), durable: false });
  const temporal = await startTemporal({
    binary: temporalBinary,
    headless: true,
    searchAttributes: searchAttributeTypes,
  });
  await makeTemplate(postgres.url);
  const workflowBundle = join(dir, 'workflow-bundle.js');
  await bundleWorkflows(workflowBundle);
  project.provide('databaseServer', postgres.url);
  project.provide('temporalAddress', temporal.address);
  project.provide('temporalBinary', temporalBinary);
  project.provide('workflowBundle', workflowBundle);
  return async () => {
    await temporal.stop();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  };
}

async function makeTemplate(server: string): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  await client.query('create database lms_template');
  await client.end();
  const url = new URL(server);
  url.pathname = 'lms_template';
  await migrateReferenceHost(url.href);
  await migrateLedger(url.href);
  await makeRoles(url.href, referenceHost);
}
