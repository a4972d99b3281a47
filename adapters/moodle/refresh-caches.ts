import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

const twoMinutes = 120_000;
/** Of what the command complains about, enough for its last line. */
const keptCharacters = 4_000;

/**
 * Runs the command that empties Moodle's own caches, which rows changed behind Moodle's back leave stale (Moodle 4.5:
 * measured: some of them for ever), through the shell. What it prints is not kept.
 *
 * @throws when it fails, with its exit code and the last line that it complained with, or takes too long; then it is ended
 *   with everything that it started
 */
export async function refreshCaches(command: string, timeoutMs: number = twoMinutes): Promise<void> {
  const child = spawn(command, { shell: true, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-keptCharacters);
  });
  try {
    const outcome = await endOf(child, timeoutMs);
    if (outcome !== 0) throw new Error(failure(outcome, complaints));
  } finally {
    child.stderr.destroy(); // whoever may still hold the other end
  }
}

/** The exit code, or the signal that ended it. */
function endOf(child: ChildProcess, timeoutMs: number): Promise<string | number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      endGroup(child.pid);
      reject(new Error(`the cache command took longer than ${timeoutMs / 1000} s and was ended`));
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve(code ?? signal ?? 'unknown');
    });
  });
}

function failure(outcome: string | number, complaints: string): string {
  const last = complaints.trim().split('\n').at(-1)?.trim() ?? '';
  return `the cache command failed (exit code ${outcome})${last === '' ? '' : `: ${last}`}`;
}

/** The shell leads a process group of its own, so that what it started ends with it. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended in this very moment.
  }
}
