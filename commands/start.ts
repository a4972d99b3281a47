import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { demoWorld } from '../adapters/reference/demo-world.ts';
import { generateWorld } from '../adapters/reference/generate-world.ts';
import { loadWorld } from '../adapters/reference/load-world.ts';
import { migrateHost } from '../composition/host.ts';
import { readConfig, temporalCaches, temporalConfig, withoutSecrets } from '../config.ts';
import type { Config } from '../config.ts';
import { parseWorld } from '../contracts/world.ts';
import type { World } from '../contracts/world.ts';
import { startPostgres } from '../dev/embedded-postgres.ts';
import { startTemporal } from '../dev/embedded-temporal.ts';
import { binaryCacheDir, lockStateDir, removeInstance, writeInstance } from '../dev/state-dir.ts';
import type { Instance } from '../dev/state-dir.ts';
import { superviseChild } from '../dev/supervise.ts';
import { findTemporal } from '../dev/temporal-binary.ts';
import { searchAttributeTypes } from '../workflows/search-attributes.ts';
import { readWorld } from './host.ts';
import { workerReady } from './worker-ready.ts';

export interface StartOptions {
  fresh?: boolean;
  world?: string;
  users?: number;
  /** `auto`: free ones. */
  ports?: 'auto' | 'fixed';
  json?: boolean;
}

/** What has to be stopped, last started first. */
type Stops = (() => Promise<unknown> | undefined)[];

/** Chosen so that they do not meet a PostgreSQL or Temporal of one's own. */
const fixedPorts = { postgres: 54329, temporal: 7239, ui: 8239 };

/**
 * `start`: brings up whatever the settings do not name (PostgreSQL, Temporal with its Web UI), the demo world where
 * the host is empty, and the worker; stays until it is told to stop, and then stops them all.
 */
export async function start(options: StartOptions): Promise<void> {
  const config = readConfig();
  const stopAsked = stopSignal();
  const stops: Stops = [];
  try {
    const lock = lockStateDir(config.LMS_STATE_DIR);
    stops.push(async () => {
      lock.release();
      return Promise.resolve();
    });
    const instance = await bringUp(config, options, stops);
    tell(config, instance, options);
    await stopAsked;
    say('Stopping…');
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
  say('Stopped.');
}

async function bringUp(config: Config, options: StartOptions, stops: Stops): Promise<Instance> {
  if (options.fresh) await forget(config);
  const temporal = temporalConfig();
  const databaseUrl = config.DATABASE_URL ?? (await embeddedDatabase(config, options, stops));
  await migrateHost(config, databaseUrl);
  await fill(config, options, databaseUrl);
  const running = temporal === null ? await embeddedTemporal(config, options, stops) : null;
  const instance: Instance = {
    databaseUrl,
    temporalAddress: running?.address ?? temporal?.connectionOptions.address ?? '',
    uiUrl: running?.uiUrl ?? '',
    namespace: temporal?.namespace ?? 'default',
    adapter: config.LMS_ADAPTER,
  };
  writeInstance(config.LMS_STATE_DIR, instance);
  stops.push(async () => {
    removeInstance(config.LMS_STATE_DIR);
    return Promise.resolve();
  });
  const worker = await superviseChild({
    name: 'worker',
    command: process.execPath,
    args: [fileURLToPath(new URL('../worker.js', import.meta.url))],
    env: { LMS_STATE_DIR: config.LMS_STATE_DIR },
    recordFile: join(config.LMS_STATE_DIR, 'worker.process.json'),
    log: say,
  });
  stops.push(() => worker.stop());
  await workerReady(config);
  return instance;
}

async function forget({ LMS_STATE_DIR: dir }: Config): Promise<void> {
  for (const name of ['postgres', 'temporal']) await rm(join(dir, name), { recursive: true, force: true });
}

async function embeddedDatabase(config: Config, options: StartOptions, stops: Stops): Promise<string> {
  const dataDir = join(config.LMS_STATE_DIR, 'postgres', 'data');
  const port = options.ports === 'auto' ? undefined : fixedPorts.postgres;
  const postgres = await startPostgres({ dataDir, port, log: say });
  stops.push(() => postgres.stop());
  return postgres.url;
}

async function embeddedTemporal(
  config: Config,
  options: StartOptions,
  stops: Stops,
): Promise<{ address: string; uiUrl: string }> {
  const dir = config.LMS_STATE_DIR;
  const binary = await findTemporal({
    explicit: config.TEMPORAL_CLI,
    cacheDirs: temporalCaches(config),
    installDir: binaryCacheDir(dir),
    log: say,
  });
  const ports = options.ports === 'auto' ? {} : { port: fixedPorts.temporal, uiPort: fixedPorts.ui };
  const dbFile = join(dir, 'temporal', 'temporal.db');
  const temporal = await startTemporal({ binary, dbFile, searchAttributes: searchAttributeTypes, log: say, ...ports });
  stops.push(() => temporal.stop());
  return temporal;
}

/** Loads a world into an empty reference host; one that holds something is left as it is. */
async function fill(config: Config, options: StartOptions, databaseUrl: string): Promise<void> {
  if (config.LMS_ADAPTER !== 'reference') return;
  const sql = new pg.Client(databaseUrl);
  await sql.connect();
  try {
    const { rows } = await sql.query('select from lms.platform');
    if (rows.length > 0) return;
    await sql.query('begin');
    await loadWorld(sql, await worldFor(options), { replace: false });
    await sql.query('commit');
  } finally {
    await sql.end();
  }
}

async function worldFor({ world, users }: StartOptions): Promise<World> {
  if (world !== undefined) return readWorld(world);
  if (users === undefined) return demoWorld();
  const parts: string[] = [];
  await generateWorld({ users, seed: '1', write: (text) => void parts.push(text) });
  return parseWorld(JSON.parse(parts.join('')));
}

function tell(config: Config, instance: Instance, { json = false }: StartOptions): void {
  const { databaseUrl, temporalAddress, uiUrl } = instance;
  if (json) {
    const addresses = { ...instance, stateDir: config.LMS_STATE_DIR };
    process.stdout.write(`${JSON.stringify(addresses)}\n`);
    return;
  }
  const lines = [
    '',
    'lms-lifecycle is running.',
    `  Temporal Web UI  ${uiUrl === '' ? '(your own)' : uiUrl}`,
    `  Temporal         ${temporalAddress}`,
    `  PostgreSQL       ${withoutSecrets(databaseUrl)}`,
    `  State            ${config.LMS_STATE_DIR}`,
    '',
    'Try, in another terminal:',
    '  npm run cli -- delete-user ada@example.org --as owner@example.org --preview',
    '  npm run cli -- delete-user ada@example.org --as owner@example.org',
    '  npm run cli -- ops list',
    '',
    'Ctrl-C stops everything; the data are kept for the next start.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; later ones do not cut the stopping short. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}
