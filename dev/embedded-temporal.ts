import { chmod, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { endOrphan, findOrphan, forgetChild, recordChild } from './child-record.ts';
import { spawnChild } from './child-process.ts';
import type { Log } from './child-process.ts';
import { explainSystemError } from './dev-errors.ts';
import { assertPortFree, freePort, retryOnBusyPort } from './free-port.ts';
import { privateDirMode } from './private-dir.ts';
import { untilTemporalReady } from './temporal-ready.ts';
import type { SearchAttributes } from './temporal-search-attributes.ts';

export interface StartTemporalOptions {
  /** From findTemporal. */
  binary: string;
  /** Default: a free one; likewise for the Web UI. */
  port?: number | undefined;
  uiPort?: number | undefined;
  /** Without the Web UI: for tests. */
  headless?: boolean | undefined;
  /** Where the workflows are kept from start to start. Default: in memory only. */
  dbFile?: string | undefined;
  /** Default: `default`. Made if it is missing. */
  namespace?: string | undefined;
  searchAttributes: SearchAttributes;
  log?: Log | undefined;
}

export interface RunningTemporal {
  /** host:port of the gRPC API. */
  address: string;
  /** Empty when headless. */
  uiUrl: string;
  pid: number;
  /** Settles with how the server ended, when it ends. */
  exited: Promise<string>;
  stop(): Promise<void>;
  /** SIGKILL, for fault tests. */
  kill(): void;
}

const loopback = '127.0.0.1';
// By default one shard hands out 20 tasks a second, made for clusters of many: a workflow of ten activities takes a
// second. With these it takes a quarter of that (measured).
const swiftness = ['history.transferProcessorMaxPollRPS=1000', 'system.enableActivityEagerExecution=true'];
// Priorities and shares of operations (client/priority.ts): a server of this release ignores them unless it is told, and keeps to them
// within a partition of the queue; one is enough for what a dev server does.
const fairness = [
  'matching.enableFairness=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
];
const stopGraceMs = 15_000;

/**
 * Starts a Temporal dev server on 127.0.0.1 and returns when it really serves: the namespace is there and
 * the search attributes can be used. A server that a killed `start` left on the same `dbFile` is ended
 * first. Throws DevErrors: LOCKED (somebody living uses the file), EADDRINUSE, ENOSPC, EACCES,
 * SEARCH_ATTRIBUTE, NO_START.
 */
export async function startTemporal(options: StartTemporalOptions): Promise<RunningTemporal> {
  const { port, uiPort, headless = false } = options;
  const dbFile = options.dbFile === undefined ? undefined : resolve(options.dbFile);
  if (dbFile !== undefined) {
    await makeParent(dbFile);
    await endTemporalOrphan(dbFile, options.log);
  }
  if (port !== undefined) await assertPortFree(port, 'Temporal');
  if (uiPort !== undefined && !headless) await assertPortFree(uiPort, 'the Temporal Web UI');
  const start = async () => {
    const chosen = { port: port ?? (await freePort()), uiPort: uiPort ?? (await freePort()) };
    return launch({ ...options, ...chosen, headless, dbFile });
  };
  const chosenForUs = port === undefined || uiPort === undefined;
  return chosenForUs ? retryOnBusyPort(start) : start();
}

type Launch = StartTemporalOptions & { port: number; uiPort: number; headless: boolean };

async function launch(options: Launch): Promise<RunningTemporal> {
  const { binary, port, uiPort, headless, dbFile, log } = options;
  // Settings of a Temporal client (TEMPORAL_ADDRESS, …) are not meant for this server.
  const env = { TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined, TEMPORAL_PROFILE: undefined };
  const command = { name: 'temporal', command: binary, args: serverArgs(options), env, cwd: '/', log };
  const child = await spawnChild({ ...command, stopSignal: 'SIGTERM' });
  const address = `${loopback}:${port}`;
  const stop = async () => {
    await child.end(stopGraceMs);
    if (dbFile !== undefined) forgetChild(recordPath(dbFile));
  };
  try {
    if (dbFile !== undefined) recordChild(recordPath(dbFile), child.pid);
    await untilTemporalReady(child, address, options);
    // The server makes it for all to read; it holds what the workflows were given.
    if (dbFile !== undefined) await chmod(dbFile, 0o600);
  } catch (error) {
    await stop();
    throw error;
  }
  const uiUrl = headless ? '' : `http://${loopback}:${uiPort}`;
  return { address, uiUrl, pid: child.pid, exited: child.exited, stop, kill: () => child.signal('SIGKILL') };
}

function serverArgs({ port, uiPort, headless, dbFile, namespace }: Launch): string[] {
  const args = ['server', 'start-dev', '--ip', loopback, '--port', String(port), '--log-level', 'error'];
  args.push(...(headless ? ['--headless'] : ['--ui-ip', loopback, '--ui-port', String(uiPort)]));
  for (const setting of [...swiftness, ...fairness]) args.push('--dynamic-config-value', setting);
  if (dbFile !== undefined) args.push('--db-filename', dbFile);
  if (namespace !== undefined) args.push('--namespace', namespace);
  return args;
}

async function makeParent(dbFile: string): Promise<void> {
  await mkdir(dirname(dbFile), { recursive: true, mode: privateDirMode }).catch((error: unknown) => {
    throw explainSystemError(error, "make the directory for Temporal's data", dirname(dbFile));
  });
}

/** Ends a server that a killed `start` left on the file. A DevError (LOCKED) if its owner lives. */
export async function endTemporalOrphan(dbFile: string, log?: Log): Promise<void> {
  const isOurs = (command: string) => command.includes('start-dev') && command.includes(dbFile);
  const orphan = findOrphan(recordPath(dbFile), 'The Temporal server', isOurs);
  if (orphan !== undefined) await endOrphan(orphan, 'The Temporal server', stopGraceMs, log);
}

function recordPath(dbFile: string): string {
  return `${dbFile}.process.json`;
}
