import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { forgetChild, recordChild } from './child-record.ts';
import { spawnChild } from './child-process.ts';
import type { Child, Log } from './child-process.ts';
import { devError, remedyFor, systemErrorInText } from './dev-errors.ts';
import { assertPortFree, freePort, retryOnBusyPort } from './free-port.ts';
import { ensureCluster, postgresUser } from './postgres-init.ts';
import { endPostgresOrphan, postgresRecordPath, postmasterStatus } from './postgres-orphan.ts';
import { postgresRunner } from './postgres-runner.ts';
import type { PostgresRunner } from './postgres-runner.ts';
import { postgresSettings } from './postgres-settings.ts';

export interface StartPostgresOptions {
  /** Initialised on first use, kept afterwards. Files of the same name with an ending lie beside it. */
  dataDir: string;
  /** Default: a free one. */
  port?: number | undefined;
  /** False switches off what protects the data against a crash of the machine: for tests. */
  durable?: boolean | undefined;
  log?: Log | undefined;
}

export interface RunningPostgres {
  /** With the password: never print it. */
  url: string;
  port: number;
  pid: number;
  binDir: string;
  /** Settles with how the server ended, when it ends. */
  exited: Promise<string>;
  stop(): Promise<void>;
  /** SIGKILL, for fault tests. */
  kill(): void;
}

const database = 'lms';
// A server that comes back from a crash replays its log first, which takes as long as it takes.
const startTimeoutMs = 5 * 60_000;
const stopGraceMs = 30_000;

/**
 * Starts PostgreSQL on 127.0.0.1, with the database `lms` there, as an ordinary user or as root. A server
 * that a killed `start` left on the same data is shut down first. Throws DevErrors: LOCKED (somebody
 * living uses the data), EADDRINUSE, EACCES, ENOSPC, MISSING, CORRUPT, NO_START.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const { port, durable = true, log = () => {} } = options;
  const dataDir = resolve(options.dataDir);
  const runner = await postgresRunner(dataDir);
  await endPostgresOrphan(dataDir, log);
  const password = await ensureCluster(runner, { dataDir, durable, log });
  const start = (chosen: number) => launch({ runner, dataDir, port: chosen, durable, password, log });
  if (port === undefined) return retryOnBusyPort(async () => start(await freePort()));
  await assertPortFree(port, 'PostgreSQL');
  return start(port);
}

interface Launch {
  runner: PostgresRunner;
  dataDir: string;
  port: number;
  durable: boolean;
  password: string;
  log: Log;
}

async function launch({ runner, dataDir, port, durable, password, log }: Launch): Promise<RunningPostgres> {
  const { runAs, binaries } = runner;
  const args = ['-D', dataDir, ...(await postgresSettings(port, durable))];
  const env = { LC_ALL: 'C', TZ: 'UTC', PGDATA: undefined, PGPORT: undefined };
  const command = { name: 'postgres', command: binaries.postgres, args, env, cwd: '/', runAs, log };
  const child = await spawnChild({ ...command, stopSignal: 'SIGINT' });
  const server = `postgres://${postgresUser}:${password}@127.0.0.1:${port}`;
  try {
    recordChild(postgresRecordPath(dataDir), child.pid);
    await untilReady(child, dataDir);
    await ensureDatabase(server);
  } catch (error) {
    await stop(child, dataDir);
    throw error;
  }
  return {
    url: `${server}/${database}`,
    port,
    pid: child.pid,
    binDir: binaries.binDir,
    exited: child.exited,
    stop: () => stop(child, dataDir),
    kill: () => child.signal('SIGKILL'),
  };
}

async function stop(child: Child, dataDir: string): Promise<void> {
  await child.end(stopGraceMs);
  forgetChild(postgresRecordPath(dataDir));
}

async function untilReady(child: Child, dataDir: string): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const status = postmasterStatus(dataDir);
    if (status?.pid === child.pid && status.ready) return;
    if (child.hasExited() || Date.now() > deadline) throw await notStarted(child, dataDir);
    await sleep(25);
  }
}

async function notStarted(child: Child, dataDir: string): Promise<Error> {
  const how = child.hasExited() ? await child.exited : `not ready after ${startTimeoutMs / 1000} seconds`;
  const code = systemErrorInText(child.lastLines()) ?? 'NO_START';
  const remedy = remedyFor(code, dataDir) ?? remedyFromLog(child.lastLines());
  return devError(code, `PostgreSQL did not start (${how}):\n${child.lastLines()}`, remedy);
}

function remedyFromLog(text: string): string {
  if (text.includes('incompatible with server')) {
    return 'The data are of another PostgreSQL version. Begin anew: start --fresh (which deletes them).';
  }
  if (text.includes('wrong ownership')) return 'The data belong to another user: start as that user.';
  return 'If the data are of no value, begin anew: start --fresh (which deletes them).';
}

async function ensureDatabase(server: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${server}/postgres` });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}
