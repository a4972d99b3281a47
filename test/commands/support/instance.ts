import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { expect, inject } from 'vitest';

const cli = resolve(import.meta.dirname, '../../../dist/cli.js');

/** How a command ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A running `start` of one's own, and commands beside it. */
export interface Instance {
  addresses: Record<string, string>;
  stateDir: string;
  run(...args: string[]): Promise<Ended>;
  /** Runs a command with --json and gives its document. */
  json<T = Record<string, unknown>>(...args: string[]): Promise<T>;
  /** Waits until the ledger has an operation, named by its id or its workflow's, in this state. */
  untilState(id: string, state: string): Promise<void>;
  /** SIGTERM, and how it ended. */
  stop(): Promise<Ended>;
  remove(): Promise<void>;
}

/** The built command line, in a process of its own. */
export async function runCli(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

/** Runs `start --ports auto --json` with a state directory of its own, until it tells where it is. */
export async function startInstance(
  stateDir?: string,
  args: string[] = [],
  settings: Record<string, string> = {},
): Promise<Instance> {
  const dir = stateDir ?? (await mkdtemp(join(tmpdir(), 'lms-lifecycle-cli-')));
  const env = { LMS_STATE_DIR: dir, TEMPORAL_CLI: inject('temporalBinary'), ...settings };
  const child = spawn(process.execPath, [cli, 'start', '--ports', 'auto', '--json', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = once(child, 'close') as Promise<[number | null]>;
  const line = once(createInterface(child.stdout), 'line') as Promise<[string]>;
  const first = await Promise.race([line, closed.then(() => null)]);
  if (first === null) throw new Error(`start ended before it was ready:\n${stderr}`);
  const run = (...more: string[]): Promise<Ended> => runCli(more, env);
  const addresses = JSON.parse(first[0]) as Record<string, string>;
  return {
    addresses,
    stateDir: dir,
    run,
    untilState: (id, state) => untilState(addresses['databaseUrl'] ?? '', id, state),
    json: async <T>(...more: string[]) => JSON.parse((await run(...more, '--json')).stdout) as T,
    stop: async () => {
      child.kill('SIGTERM');
      const [code] = await closed;
      return { code, stdout: '', stderr };
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

async function untilState(databaseUrl: string, id: string, state: string): Promise<void> {
  const sql = new pg.Client(databaseUrl);
  await sql.connect();
  const now = async (): Promise<string | undefined> => {
    const { rows } = await sql.query<{ state: string }>(
      'select state from lms_lifecycle.operation where $1 in (id, workflow_id)',
      [id],
    );
    return rows[0]?.state;
  };
  try {
    await expect.poll(now, { timeout: 30_000, interval: 100 }).toBe(state);
  } finally {
    await sql.end();
  }
}
