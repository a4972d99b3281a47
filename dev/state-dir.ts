import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { devError, explainSystemError } from './dev-errors.ts';
import { lockOwner, tryLock } from './lock-file.ts';
import { privateDirMode } from './private-dir.ts';

/** The environment as config.ts hands it in; this room reads no settings of its own. */
export type Environment = Record<string, string | undefined>;

const appName = 'lms-lifecycle';

/** Where the embedded data and the caches live unless LMS_STATE_DIR says otherwise. */
export function defaultStateDir(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const home = env['HOME'] || homedir();
  // The XDG specification: a relative path is invalid and counts as not set.
  const xdg = env['XDG_STATE_HOME'];
  if (xdg?.startsWith('/') === true) return join(xdg, appName);
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', appName);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), appName);
  return join(home, '.local', 'state', appName);
}

/** Where a binary that we fetched or built is kept. */
export function binaryCacheDir(stateDir: string): string {
  return join(stateDir, 'cache', 'bin');
}

/** The caches to look in: the state directory's own, then the default one's, which may be filled already. */
export function binaryCacheDirs(stateDir: string, env: Environment): string[] {
  return [...new Set([resolve(stateDir), resolve(defaultStateDir(env))])].map(binaryCacheDir);
}

export interface StateDirLock {
  release(): void;
}

/**
 * Makes the directory where it is missing and takes it for this process, until `release` or the end of
 * the process. A DevError (LOCKED) if another living `start` has it.
 */
export function lockStateDir(dir: string): StateDirLock {
  try {
    mkdirSync(dir, { recursive: true, mode: privateDirMode });
    const attempt = tryLock(lockPath(dir));
    if (attempt.held) return attempt;
    throw alreadyRunning(dir, attempt.owner.pid);
  } catch (error) {
    throw explainSystemError(error, 'use the state directory', dir);
  }
}

/** The pid of the living `start` that has the directory, or undefined. */
export function stateDirOwner(dir: string): number | undefined {
  return lockOwner(lockPath(dir))?.pid;
}

function lockPath(dir: string): string {
  return join(dir, 'start.lock');
}

function alreadyRunning(dir: string, pid: number): Error {
  const problem = `An instance with the state directory ${dir} is already running as pid ${pid}.`;
  const remedy = 'Stop it, or use another LMS_STATE_DIR (and start --ports auto) for a second one.';
  return devError('LOCKED', problem, remedy);
}

export { readInstance, removeInstance, requireInstance, writeInstance } from './instance.ts';
export type { Instance } from './instance.ts';
