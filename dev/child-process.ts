import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
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
const lastWordsMs = 500;
const living = new Map<ChildProcess, NodeJS.Signals>();

/**
 * Starts a child in a session of its own, so that a Ctrl-C at the terminal reaches us only and we stop
 * our children in the right order. None stays behind: they are told to end when this process exits, and
 * where the system can do it even when it is killed (see parentDeathPrefix).
 * Throws a DevError if it cannot be started.
 */
export async function spawnChild(options: ChildOptions): Promise<Child> {
  const { runAs } = options;
  await assertExecutable(options);
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
  const exited = watchExit(child, options.stopSignal);
  const lines = keepLines(child, options);
  await untilSpawned(child).catch((error: unknown) => cannotStart(error, options));
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

/** Asked beforehand, since behind a prefix a missing program shows only as the end of the prefix. */
async function assertExecutable(options: ChildOptions): Promise<void> {
  if (!isAbsolute(options.command)) return;
  await access(options.command, constants.X_OK).catch((error: unknown) => cannotStart(error, options));
}

function cannotStart(error: unknown, { name, command }: ChildOptions): never {
  throw explainSystemError(error, `start ${name}`, command);
}

function untilSpawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}

function watchExit(child: ChildProcess, stopSignal: NodeJS.Signals): Promise<string> {
  if (living.size === 0) process.once('exit', endLiving);
  living.set(child, stopSignal);
  return new Promise((resolve) => {
    const gone = (how: string): void => {
      living.delete(child);
      if (living.size === 0) process.off('exit', endLiving);
      // Its last words are still on their way. Not for long: its own children may hold the pipe open.
      child.once('close', () => resolve(how));
      setTimeout(() => resolve(how), lastWordsMs);
    };
    child.once('exit', (code, signal) => gone(signal ?? `exit code ${code ?? 'unknown'}`));
    child.once('error', (error) => gone(error.message));
  });
}

/** The last resort, when this process exits without having stopped its children: nothing can be awaited. */
function endLiving(): void {
  for (const [child, stopSignal] of living) child.kill(stopSignal);
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
