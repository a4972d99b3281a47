import { rmSync } from 'node:fs';
import { z } from 'zod';
import { devError } from './dev-errors.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { thisProcess } from './lock-file.ts';
import { commandLine, markProcess, stillLives } from './process-mark.ts';
import type { ProcessMark } from './process-mark.ts';
import type { Log } from './child-process.ts';

const markSchema = z.object({ pid: z.number().int(), startedAt: z.string().nullable() });
const recordSchema = z.object({ owner: markSchema, child: markSchema });

/** Writes down beside the data of a child which process it is and who started it. */
export function recordChild(path: string, pid: number): void {
  writeJsonFile(path, { owner: thisProcess(), child: markProcess(pid) ?? { pid, startedAt: null } });
}

export function forgetChild(path: string): void {
  rmSync(path, { force: true });
}

/**
 * The recorded child if it still lives although whoever started it has died; undefined if none does. A
 * DevError (LOCKED) if it lives and so does its owner. `isOurs` has the last word by its command line:
 * what is not surely ours is never touched.
 */
export function findOrphan(
  path: string,
  what: string,
  isOurs: (commandLine: string) => boolean,
): ProcessMark | undefined {
  const record = readJsonFile(path, recordSchema);
  if (record === undefined || !stillLives(record.child)) return undefined;
  if (!isOurs(commandLine(record.child.pid) ?? '')) return undefined;
  if (stillLives(record.owner)) throw inUse(what, record.owner.pid, record.child.pid);
  return record.child;
}

/** The living process that started the recorded child, or undefined. */
export function recordedOwner(path: string): ProcessMark | undefined {
  const record = readJsonFile(path, recordSchema);
  return record !== undefined && stillLives(record.owner) ? record.owner : undefined;
}

/** Ends an orphan: `signal`, and SIGKILL after `graceMs`. Returns when it is gone. */
export async function endOrphan(
  orphan: ProcessMark,
  what: string,
  graceMs: number,
  log?: Log,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  log?.(`${what} (pid ${orphan.pid}) was left by a start that was killed: ending it`);
  signalIfAlive(orphan, signal);
  if (await untilGone(orphan, graceMs)) return;
  signalIfAlive(orphan, 'SIGKILL');
  if (await untilGone(orphan, 10_000)) return;
  throw devError(
    'LOCKED',
    `${what} (pid ${orphan.pid}) does not end.`,
    `End it by hand: kill -9 ${orphan.pid}`,
  );
}

export function inUse(what: string, owner: number, child: number): Error {
  const problem = `${what} is already running (pid ${child}), started by pid ${owner}.`;
  return devError('LOCKED', problem, `Stop pid ${owner} first, or use another LMS_STATE_DIR.`);
}

function signalIfAlive(mark: ProcessMark, signal: NodeJS.Signals): void {
  if (!stillLives(mark)) return;
  try {
    process.kill(mark.pid, signal);
  } catch {
    // It ended between the look and the signal, or is somebody else's: untilGone tells.
  }
}

async function untilGone(mark: ProcessMark, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (stillLives(mark)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}
