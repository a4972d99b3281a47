import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../dev/embedded-postgres.ts';
import type { RunningPostgres } from '../dev/embedded-postgres.ts';
import { startTemporal } from '../dev/embedded-temporal.ts';
import { binaryCacheDir, binaryCacheDirs, defaultStateDir } from '../dev/state-dir.ts';
import { findTemporal } from '../dev/temporal-binary.ts';
import { searchAttributeTypes } from '../workflows/search-attributes.ts';
import { prepareProfile } from './profile.ts';

/** What a benchmark runs on; nothing of it stays. */
export interface Servers {
  postgresUrl: string;
  temporalAddress: string;
  /** For files of the benchmark's own. */
  dir: string;
  /** The file for what PostgreSQL spends its time on, if anybody wants to know. */
  profile: string | undefined;
}

/** Starts PostgreSQL, with durable settings, and Temporal for the work, in a directory of its own. */
export async function withServers(
  work: (servers: Servers) => Promise<void>,
  { profile }: { profile?: string } = {},
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'lms-lifecycle-bench-'));
  const stops = [(): Promise<void> => rm(dir, { recursive: true, force: true })];
  try {
    const postgres = await startDatabase(join(dir, 'postgres'), profile);
    stops.unshift(() => postgres.stop());
    const binary = await temporalBinary();
    const temporal = await startTemporal({ binary, headless: true, searchAttributes: searchAttributeTypes });
    stops.unshift(() => temporal.stop());
    await work({ postgresUrl: postgres.url, temporalAddress: temporal.address, dir, profile });
  } finally {
    for (const stop of stops) await stop();
  }
}

async function startDatabase(dataDir: string, profile: string | undefined): Promise<RunningPostgres> {
  const postgres = await startPostgres({ dataDir });
  if (profile === undefined) return postgres;
  await prepareProfile(postgres.url);
  await postgres.stop();
  return startPostgres({
    dataDir,
    log: (line) => {
      appendFileSync(profile, `${line}\n`);
    },
  });
}

function temporalBinary(): Promise<string> {
  const stateDir = defaultStateDir(process.env);
  return findTemporal({
    explicit: process.env['TEMPORAL_CLI'],
    cacheDirs: binaryCacheDirs(stateDir, process.env),
    installDir: binaryCacheDir(stateDir),
    log: console.error,
  });
}
