import { readFileSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from './child-process.ts';
import { endOrphan, inUse, recordedOwner } from './child-record.ts';
import { commandLine, markProcess } from './process-mark.ts';

/** The file beside the data that says which server runs on them, and who started it. */
export function postgresRecordPath(dataDir: string): string {
  return `${dataDir}.process.json`;
}

/**
 * Makes the data directory free for a new server. A server that runs on it and whose `start` has died is
 * shut down, as are processes of a server that was killed; a postmaster.pid whose pid belongs to another
 * program by now is removed (the server would refuse to start). A DevError (LOCKED) if the server that
 * runs there has a living owner.
 */
export async function endPostgresOrphan(dataDir: string, log: Log): Promise<void> {
  const pid = postmasterStatus(dataDir)?.pid;
  if (pid === undefined) return;
  const mark = markProcess(pid);
  if (mark === undefined) return endLeftBackends(dataDir, log);
  if (!runsOn(pid, realpathSync(dataDir))) {
    rmSync(join(dataDir, 'postmaster.pid'), { force: true });
    return;
  }
  const owner = recordedOwner(postgresRecordPath(dataDir));
  if (owner !== undefined) throw inUse('PostgreSQL', owner.pid, pid);
  // SIGINT is PostgreSQL's fast shutdown. It may have much to write, so it is given time.
  await endOrphan(mark, 'PostgreSQL', 60_000, log, 'SIGINT');
}

/** What a server has written of itself to its data directory, or undefined where there is none. */
export function postmasterStatus(dataDir: string): { pid: number; ready: boolean } | undefined {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
  } catch {
    return undefined;
  }
}

/** A killed server's other processes end by themselves as they notice; one amid a long statement does not. */
async function endLeftBackends(dataDir: string, log: Log): Promise<void> {
  if (process.platform !== 'linux') return;
  const dir = realpathSync(dataDir);
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && runsOn(pid, dir));
  for (const pid of pids) {
    const mark = markProcess(pid);
    if (mark !== undefined) await endOrphan(mark, 'A process of a killed PostgreSQL', 2_000, log, 'SIGQUIT');
  }
}

/** Whether the process is PostgreSQL on these data: it works in its data directory. */
function runsOn(pid: number, realDir: string): boolean {
  const command = commandLine(pid);
  if (command?.includes('postgres') !== true) return false;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realDir;
  } catch {
    return command.includes(realDir);
  }
}
