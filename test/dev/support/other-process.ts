import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '../../..');

export interface OtherProcess {
  pid: number;
  /** What it printed as its one line of JSON. */
  told: Record<string, unknown>;
  kill(): Promise<void>;
}

/**
 * Bundles a script of this directory so that plain Node can run it (also as another user), and returns how
 * to start it with an argument. It tells one line of JSON when it is ready and then stays.
 */
export async function otherProcess(script: string) {
  const dir = mkdtempSync(join(tmpdir(), 'lms-other-process-'));
  chmodSync(dir, 0o755);
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  const entry = join(import.meta.dirname, script);
  const output = { entryFileNames: 'script.mjs' };
  await build({
    root,
    logLevel: 'error',
    configFile: false,
    build: { ssr: entry, outDir: dir, emptyOutDir: false, target: 'node20', rollupOptions: { output } },
  });
  return {
    start: (argument: unknown, options: { env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {}) =>
      start(join(dir, 'script.mjs'), argument, options),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

type SpawnOptions = { env?: NodeJS.ProcessEnv; uid?: number; gid?: number };

async function start(path: string, argument: unknown, options: SpawnOptions): Promise<OtherProcess> {
  const env = { ...process.env, ...options.env };
  const child = spawn(process.execPath, [path, JSON.stringify(argument)], {
    ...options,
    env,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<void>((settle) => child.once('exit', () => settle()));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const line = await new Promise<string>((settle, reject) => {
    createInterface({ input: child.stdout }).once('line', settle);
    child.once('close', () => reject(new Error(`the other process ended:\n${errors}`)));
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { pid: child.pid ?? -1, told: JSON.parse(line) as Record<string, unknown>, kill };
}
