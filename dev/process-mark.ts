import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Which process, beyond doubt: a pid alone is used again by other programs, a pid with its start time is
 * not. `startedAt` is opaque (boot and clock tick on Linux, a date elsewhere) and null where the system
 * does not tell.
 */
export interface ProcessMark {
  pid: number;
  startedAt: string | null;
}

/** The mark of a living process, or undefined if no such process lives. */
export function markProcess(pid: number): ProcessMark | undefined {
  return pidLives(pid) ? { pid, startedAt: startTime(pid) } : undefined;
}

/** Whether the very process of the mark still lives (and not another one that got its pid). */
export function stillLives(mark: ProcessMark): boolean {
  const now = markProcess(mark.pid);
  if (now === undefined) return false;
  return mark.startedAt === null || now.startedAt === null || now.startedAt === mark.startedAt;
}

/** The command line of a living process, or undefined where it cannot be read. */
export function commandLine(pid: number): string | undefined {
  const raw = readOrUndefined(`/proc/${pid}/cmdline`);
  if (raw !== undefined) return raw.replaceAll('\0', ' ').trim();
  return process.platform === 'linux' ? undefined : askPs(pid, 'command=');
}

function pidLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  // A zombie has ended; it only waits for its parent to notice.
  return procStat(pid)?.[0] !== 'Z';
}

function startTime(pid: number): string | null {
  const ticks = procStat(pid)?.[19];
  if (ticks !== undefined) {
    // Ticks count from boot, so they mean nothing without it.
    const boot = readOrUndefined('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
    return `${boot}/${ticks}`;
  }
  return (process.platform === 'linux' ? undefined : askPs(pid, 'lstart=')) ?? null;
}

/** The fields of /proc/PID/stat from the third (state) on: a name with spaces or brackets comes before. */
function procStat(pid: number): string[] | undefined {
  const stat = readOrUndefined(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function askPs(pid: number, column: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    const answer = execFileSync('ps', ['-ww', '-p', String(pid), '-o', column], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return answer.trim() || undefined;
  } catch {
    return undefined;
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
