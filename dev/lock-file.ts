import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { createJsonFile, readJsonFile } from './json-file.ts';
import { markProcess, stillLives } from './process-mark.ts';
import type { ProcessMark } from './process-mark.ts';

const lockSchema = z.object({ pid: z.number().int(), startedAt: z.string().nullable(), token: z.string() });
type LockContent = z.infer<typeof lockSchema>;

export type LockAttempt = { held: true; release(): void } | { held: false; owner: ProcessMark };

/**
 * Tries to take the lock that the file stands for. It is held by a process, not by a file: the lock of a
 * process that has died, or whose pid belongs to another program by now, is taken over. Throws a DevError
 * (CORRUPT) if the file is not one of ours.
 */
export function tryLock(path: string): LockAttempt {
  const mine: LockContent = { ...thisProcess(), token: randomUUID() };
  for (;;) {
    if (createJsonFile(path, mine)) return { held: true, release: () => release(path, mine) };
    const other = readJsonFile(path, lockSchema);
    if (other === undefined) continue;
    if (stillLives(other)) return { held: false, owner: { pid: other.pid, startedAt: other.startedAt } };
    removeStale(path, other);
  }
}

/** Who holds the lock: a living process, or undefined. */
export function lockOwner(path: string): ProcessMark | undefined {
  const content = readJsonFile(path, lockSchema);
  return content !== undefined && stillLives(content) ? content : undefined;
}

/** The mark of this very process. */
export function thisProcess(): ProcessMark {
  return markProcess(process.pid) ?? { pid: process.pid, startedAt: null };
}

/**
 * Takes a stale lock away. Of two who find it stale at once, the slower may catch the fresh lock of the
 * faster one: it moves what it takes aside first, looks at it, and puts back what was not stale.
 */
function removeStale(path: string, stale: LockContent): void {
  const aside = `${path}.${process.pid}-${randomUUID().slice(0, 8)}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // somebody else was faster
  }
  const taken = readJsonFile(aside, lockSchema);
  rmSync(aside, { force: true });
  if (taken !== undefined && taken.token !== stale.token) createJsonFile(path, taken);
}

function release(path: string, mine: LockContent): void {
  const current = readJsonFile(path, lockSchema);
  if (current?.token === mine.token) rmSync(path, { force: true });
}
