import { fileURLToPath } from 'node:url';
import { migrateHost } from '../composition/host.ts';
import { readConfig, temporalCaches, temporalConfig, withoutSecrets } from '../config.ts';
import type { Config } from '../config.ts';
import { embeddedDataPaths, removeEmbeddedData } from '../dev/embedded-data.ts';
import { startPostgres } from '../dev/embedded-postgres.ts';
import { startTemporal } from '../dev/embedded-temporal.ts';
import { binaryCacheDir, lockStateDir, removeInstance, writeInstance } from '../dev/state-dir.ts';
import type { Instance } from '../dev/state-dir.ts';
import { assertPortFree, freePort } from '../dev/free-port.ts';
import { superviseChild } from '../dev/supervise.ts';
import { findTemporal } from '../dev/temporal-binary.ts';
import { searchAttributeTypes } from '../workflows/search-attributes.ts';
import { fillHost } from './fill-host.ts';
import { serverReady } from './server-ready.ts';
import { workerReady } from './worker-ready.ts';

export interface StartOptions {
  /** Forget the data of earlier starts. */
  fresh?: boolean;
  /** A world file to begin with. */
  world?: string;
  /** Begin with a generated world of this many users. */
  users?: number;
  /** `auto`: free ones. */
  ports?: 'auto' | 'fixed';
  json?: boolean;
}

/** What has to be stopped, in the order in which it was started. */
type Stops = (() => unknown)[];

/** Chosen so that they do not meet a PostgreSQL or Temporal of one's own. */
const fixedPorts = { postgres: 54329, temporal: 7239, ui: 8239 };

/**
 * `start`: brings up whatever the settings do not name (PostgreSQL, Temporal with its Web UI), the demo world where
 * the host is empty, the worker and the HTTP server; stays until it is told to stop, and then stops them all.
 */
export async function start(options: StartOptions): Promise<void> {
  const config = readConfig();
  const stopAsked = stopSignal();
  const stops: Stops = [];
  try {
    const lock = lockStateDir(config.LMS_STATE_DIR);
    stops.push(() => lock.release());
    const up = await Promise.race([bringUp(config, options, stops), stopAsked]);
    if (up) tell(config, up, options);
    await stopAsked;
    say('Stopping…');
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
  say('Stopped.');
  // A start that was interrupted may still be bringing something up; it ends with this process.
  process.exit();
}

async function bringUp(config: Config, options: StartOptions, stops: Stops): Promise<Instance> {
  const dir = config.LMS_STATE_DIR;
  if (options.fresh) await removeEmbeddedData(dir, say);
  const databaseUrl = config.DATABASE_URL ?? (await embeddedDatabase(config, options, stops));
  await migrateHost(config, databaseUrl);
  if (config.LMS_ADAPTER === 'reference') await fillHost(databaseUrl, options);
  const temporal = await ownOrEmbeddedTemporal(config, options, stops);
  const instance: Instance = { databaseUrl, ...temporal, adapter: config.LMS_ADAPTER };
  writeInstance(dir, instance);
  stops.push(() => removeInstance(dir));
  await supervise('worker', { LMS_STATE_DIR: dir }, stops);
  await workerReady(config);
  // A free port is looked for as late as can be: nobody keeps it free.
  const { http, httpUrl } = await httpPlace(config, options);
  await supervise('server', { LMS_STATE_DIR: dir, ...http }, stops);
  await serverReady(httpUrl);
  writeInstance(dir, { ...instance, httpUrl });
  return { ...instance, httpUrl };
}

/** Runs a root of ours, `dist/NAME.js`, for as long as we run. */
async function supervise(name: string, env: { LMS_STATE_DIR: string }, stops: Stops): Promise<void> {
  const child = await superviseChild({
    name,
    command: process.execPath,
    args: [fileURLToPath(new URL(`../${name}.js`, import.meta.url))],
    env,
    recordFile: embeddedDataPaths(env.LMS_STATE_DIR).recordFile(name),
    log: say,
  });
  stops.push(() => child.stop());
}

/** Where the HTTP server is to listen, as it is told and as others reach it. */
async function httpPlace(
  { LMS_HTTP_HOST: host, LMS_HTTP_PORT: fixed }: Config,
  { ports }: StartOptions,
): Promise<{ http: { LMS_HTTP_PORT: string }; httpUrl: string }> {
  const port = ports === 'auto' || fixed === 0 ? await freePort() : fixed;
  await assertPortFree(port, 'the HTTP server');
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const httpUrl = `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
  return { http: { LMS_HTTP_PORT: String(port) }, httpUrl };
}

async function embeddedDatabase(config: Config, options: StartOptions, stops: Stops): Promise<string> {
  const { dataDir } = embeddedDataPaths(config.LMS_STATE_DIR);
  const port = options.ports === 'auto' ? undefined : fixedPorts.postgres;
  const postgres = await startPostgres({ dataDir, port, log: say });
  stops.push(() => postgres.stop());
  return postgres.url;
}

async function ownOrEmbeddedTemporal(
  config: Config,
  options: StartOptions,
  stops: Stops,
): Promise<Pick<Instance, 'temporalAddress' | 'uiUrl' | 'namespace'>> {
  const own = temporalConfig();
  if (own) {
    const { address = '' } = own.connectionOptions;
    return { temporalAddress: address, uiUrl: '', namespace: own.namespace ?? 'default' };
  }
  const dir = config.LMS_STATE_DIR;
  const caches = { cacheDirs: temporalCaches(config), installDir: binaryCacheDir(dir) };
  const binary = await findTemporal({ explicit: config.TEMPORAL_CLI, ...caches, log: say });
  const ports = options.ports === 'auto' ? {} : { port: fixedPorts.temporal, uiPort: fixedPorts.ui };
  const { dbFile } = embeddedDataPaths(dir);
  const temporal = await startTemporal({
    binary,
    dbFile,
    searchAttributes: searchAttributeTypes,
    log: say,
    ...ports,
  });
  stops.push(() => temporal.stop());
  return { temporalAddress: temporal.address, uiUrl: temporal.uiUrl, namespace: 'default' };
}

function tell(config: Config, instance: Instance, { json = false }: StartOptions): void {
  const { databaseUrl, temporalAddress, uiUrl, httpUrl } = instance;
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...instance, stateDir: config.LMS_STATE_DIR })}\n`);
    return;
  }
  const lines = [
    '',
    'lms-lifecycle is running.',
    `  Temporal Web UI  ${uiUrl === '' ? '(your own)' : uiUrl}`,
    `  HTTP             ${httpUrl ?? ''}`,
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
function stopSignal(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(null));
  });
}
