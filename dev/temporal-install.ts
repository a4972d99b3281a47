import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './child-process.ts';
import { explainSystemError } from './dev-errors.ts';
import { tryLock } from './lock-file.ts';
import { temporalFileName } from './temporal-file-name.ts';
import type { FailedTry, Fetch } from './temporal-fetch.ts';
import { buildTemporal } from './temporal-build.ts';
import { downloadTemporal } from './temporal-download.ts';

export interface InstallOptions {
  installDir: string;
  path: string;
  log: Log;
  /** Gets what was tried in vain. */
  failed: FailedTry[];
  /** Why a binary does not serve, or undefined. */
  check(binary: string): Promise<string | undefined>;
}

const ways: readonly { what: string; fetch: Fetch }[] = [
  { what: "the Temporal SDK's download", fetch: downloadTemporal },
  { what: 'a build by go install', fetch: buildTemporal },
];
const workPrefix = 'installing-';

/**
 * Fetches or builds the binary into `installDir`, once: of several processes that want it one does the
 * work and the others wait for it. It appears there whole, or not at all. Undefined, with the reasons in
 * `failed`, if no way led there. Throws DevErrors for a directory that cannot be written.
 */
export async function installTemporal(options: InstallOptions): Promise<string | undefined> {
  const { installDir, log } = options;
  try {
    await mkdir(installDir, { recursive: true, mode: 0o700 });
    const lock = await waitForLock(join(installDir, 'temporal.lock'), log);
    try {
      const target = join(installDir, temporalFileName);
      if ((await options.check(target)) === undefined) return target;
      return await tryWays(target, options);
    } finally {
      lock.release();
    }
  } catch (error) {
    throw explainSystemError(error, 'install the Temporal CLI', installDir);
  }
}

async function tryWays(target: string, options: InstallOptions): Promise<string | undefined> {
  await removeLeftovers(options.installDir);
  for (const { what, fetch } of ways) {
    const work = await mkdtemp(join(options.installDir, workPrefix));
    try {
      const result = await fetch(work, options);
      const reason = 'reason' in result ? result.reason : await options.check(result.binary);
      if ('binary' in result && reason === undefined) {
        await chmod(result.binary, 0o755);
        await rename(result.binary, target);
        return target;
      }
      options.failed.push({ what, reason: reason ?? 'unknown' });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return undefined;
}

/** Work that was killed half-way. Only under the lock: nobody is at work then. */
async function removeLeftovers(installDir: string): Promise<void> {
  for (const name of await readdir(installDir)) {
    if (name.startsWith(workPrefix)) await rm(join(installDir, name), { recursive: true, force: true });
  }
}

async function waitForLock(path: string, log: Log): Promise<{ release(): void }> {
  for (let told = false; ; told = true) {
    const attempt = tryLock(path);
    if (attempt.held) return attempt;
    if (!told) log(`pid ${attempt.owner.pid} is fetching the Temporal CLI already: waiting for it`);
    await sleep(1_000);
  }
}
