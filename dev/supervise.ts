import { setTimeout as sleep } from 'node:timers/promises';
import { endOrphan, findOrphan, forgetChild, recordChild } from './child-record.ts';
import { spawnChild } from './child-process.ts';
import type { Child, Log } from './child-process.ts';

export interface SuperviseOptions {
  /** For log lines: "worker". */
  name: string;
  command: string;
  args: readonly string[];
  /** Variables on top of this process's own; undefined removes one. */
  env?: Record<string, string | undefined> | undefined;
  log: Log;
  /**
   * A file in the state directory that remembers the child, so that one that a killed `start` left is
   * ended before a new one is started.
   */
  recordFile?: string | undefined;
  /** How long it may take to stop by itself. */
  stopGraceMs?: number | undefined;
  /** The first wait before a restart; it doubles up to `maxBackoffMs`. */
  minBackoffMs?: number | undefined;
  maxBackoffMs?: number | undefined;
}

export interface SupervisedChild {
  /** The child that runs now; undefined while it waits to be restarted. */
  pid(): number | undefined;
  /** How often it has been restarted. */
  restarts(): number;
  /** SIGTERM, then SIGKILL after `stopGraceMs`; no restart. Returns when it is gone. */
  stop(): Promise<void>;
  /** SIGKILL, for fault tests; it is restarted. */
  kill(): void;
}

const defaults = { stopGraceMs: 30_000, minBackoffMs: 500, maxBackoffMs: 30_000 };

/**
 * Runs a process for as long as we run: when it ends, it is started again, at once and then with growing
 * waits while it keeps ending early. Throws DevErrors: LOCKED (it runs already, for somebody living),
 * ENOENT, EACCES (the first start).
 */
export async function superviseChild(options: SuperviseOptions): Promise<SupervisedChild> {
  await endLeftChild(options);
  const stopping = new AbortController();
  const current: Current = { child: await startChild(options), restarts: 0 };
  const loop = keepRunning(options, current, stopping.signal);
  return {
    pid: () => (current.child?.hasExited() === false ? current.child.pid : undefined),
    restarts: () => current.restarts,
    async stop() {
      stopping.abort();
      await current.child?.end(options.stopGraceMs ?? defaults.stopGraceMs);
      await loop;
      if (options.recordFile !== undefined) forgetChild(options.recordFile);
    },
    kill: () => current.child?.signal('SIGKILL'),
  };
}

interface Current {
  child: Child | undefined;
  restarts: number;
}

async function keepRunning(
  options: SuperviseOptions,
  current: Current,
  stopping: AbortSignal,
): Promise<void> {
  const { name, log, minBackoffMs = defaults.minBackoffMs, maxBackoffMs = defaults.maxBackoffMs } = options;
  // A call, because awaiting changes the answer, which a property seems not to do.
  const isStopping = (): boolean => stopping.aborted;
  let wait = minBackoffMs;
  for (;;) {
    const since = Date.now();
    const how = (await current.child?.exited) ?? 'it could not be started';
    current.child = undefined;
    if (isStopping()) return;
    // Having run for a while it deserves a fresh start: what ended it is something new.
    if (Date.now() - since > 2 * maxBackoffMs) wait = minBackoffMs;
    log(`${name} has ended (${how}): starting it again in ${wait} ms`);
    await sleep(wait, undefined, { signal: stopping }).catch(() => undefined);
    if (isStopping()) return;
    wait = Math.min(wait * 2, maxBackoffMs);
    current.restarts += 1;
    current.child = await startChild(options).catch((error: unknown) => {
      log(`${name}: ${String(error)}`);
      return undefined;
    });
    if (isStopping()) await current.child?.end(options.stopGraceMs ?? defaults.stopGraceMs);
  }
}

async function startChild({ name, command, args, env, log, recordFile }: SuperviseOptions): Promise<Child> {
  const changes = env === undefined ? {} : { env };
  const child = await spawnChild({ name, command, args, ...changes, stopSignal: 'SIGTERM', log });
  if (recordFile !== undefined) recordChild(recordFile, child.pid);
  return child;
}

/** Ours is a child that runs the very command; a program that only has its pid is left alone. */
async function endLeftChild({
  name,
  command,
  args,
  log,
  recordFile,
  stopGraceMs,
}: SuperviseOptions): Promise<void> {
  if (recordFile === undefined) return;
  const isOurs = (line: string) => line.includes([command, ...args].join(' ').trim());
  const orphan = findOrphan(recordFile, name, isOurs);
  if (orphan !== undefined) await endOrphan(orphan, name, stopGraceMs ?? defaults.stopGraceMs, log);
}
