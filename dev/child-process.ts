import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childEnv } from './child-env.ts';
import { explainSystemError } from './dev-errors.ts';
import { parentDeathPrefix } from './parent-death.ts';
import type { RunAs } from './run-as.ts';

/** Takes one line for the reader at the terminal. */
export type Log = (line: string) => void;

export interface ChildOptions {
  /** For log lines and messages: "postgres", "temporal", "worker". */
  name: string;
  command: string;
  args: readonly string[];
  /** Variables on top of this process's own; undefined removes one. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  runAs?: RunAs;
  /** The signal that ends it gracefully. */
  stopSignal: 'SIGINT' | 'SIGTERM';
  log?: Log | undefined;
}

export interface Child {
  readonly pid: number;
  /** Settles when the process has ended, with how it ended ("exit code 1", "SIGKILL"); never rejects. */
  readonly exited: Promise<string>;
  hasExited(): boolean;
  /** The last lines that it wrote, for messages. */
  lastLines(): string;
  signal(signal: NodeJS.Signals): void;
  /** Ends it gracefully, and by SIGKILL after `graceMs`. */
  end(graceMs: number): Promise<void>;
}

const keptLines = 30;
const living = new Set<ChildProcess>();

/**
 * Starts a child in a session of its own, so that a Ctrl-C at the terminal reaches us only and we stop
 * our children in the right order. None outlives us: they are killed when this process exits, and where
 * the system can do it they end even when we are killed (see parentDeathPrefix).
 * Throws a DevError if it cannot be started.
 */
export async function spawnChild(options: ChildOptions): Promise<Child> {
  const { runAs } = options;
  const prefix = [...(runAs?.prefix ?? []), ...(await parentDeathPrefix(options.stopSignal))];
  const [command = options.command, ...args] = [...prefix, options.command, ...options.args];
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: childEnv(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
    ...runAs?.ids,
  });
  const exited = watchExit(child);
  const lines = keepLines(child, options);
  await untilSpawned(child).catch((error: unknown) => {
    throw explainSystemError(error, `start ${options.name}`, options.command);
  });
  return asChild(child, exited, lines, options.stopSignal);
}

function asChild(
  child: ChildProcess,
  exited: Promise<string>,
  lines: readonly string[],
  stopSignal: NodeJS.Signals,
): Child {
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? -1,
    exited,
    hasExited,
    lastLines: () => lines.join('\n'),
    signal: (signal) => void child.kill(signal),
    async end(graceMs) {
      if (!hasExited()) child.kill(stopSignal);
      const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(killer);
    },
  };
}

function untilSpawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}

function watchExit(child: ChildProcess): Promise<string> {
  if (living.size === 0) process.once('exit', killLiving);
  living.add(child);
  return new Promise((resolve) => {
    const gone = (how: string): void => {
      living.delete(child);
      if (living.size === 0) process.off('exit', killLiving);
      resolve(how);
    };
    child.once('exit', (code, signal) => gone(signal ?? `exit code ${code ?? 'unknown'}`));
    child.once('error', (error) => gone(error.message));
  });
}

/** The last resort, when this process exits without having stopped its children. */
function killLiving(): void {
  for (const child of living) child.kill('SIGKILL');
}

function keepLines(child: ChildProcess, { name, log }: ChildOptions): readonly string[] {
  const kept: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (line === '') return;
      kept.push(line);
      if (kept.length > keptLines) kept.shift();
      log?.(`${name}: ${line}`);
    });
  }
  return kept;
}
