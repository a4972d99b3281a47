import { access, constants, mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { findExecutables } from './find-executable.ts';
import { parentDeathPrefix } from './parent-death.ts';
import { runCommand } from './run-command.ts';
import { temporalFileName } from './temporal-file-name.ts';
import type { Fetch } from './temporal-fetch.ts';

// Server 1.29, UI 2.42. Later versions have a replace directive, which `go install` refuses.
const module = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const timeoutMs = 60 * 60_000;

/** Builds the Temporal CLI from source, where Go is there: for machines that reach Go modules but not the download. */
export const buildTemporal: Fetch = async (dir, { path, log }) => {
  const name = process.platform === 'win32' ? 'go.exe' : 'go';
  const [go] = await findExecutables(name, path.split(delimiter));
  if (go === undefined) return { reason: 'no go in the PATH' };
  log('building the Temporal CLI with Go: about three minutes on two cores, once');
  const started = Date.now();
  const env = { GOBIN: dir, CGO_ENABLED: '0', ...(await goCaches(go, dir)) };
  const install = [go, 'install', '-modcacherw', '-ldflags=-s -w', module];
  const [command = go, ...args] = [...(await parentDeathPrefix('SIGTERM')), ...install];
  const built = await runCommand(command, args, { env, timeoutMs });
  if (!built.ok) return { reason: built.reason };
  log(`built the Temporal CLI in ${Math.round((Date.now() - started) / 1000)} seconds`);
  return { binary: join(dir, temporalFileName) };
};

/** Go's own caches, or some in the work directory where the user has none that can be written (no HOME). */
async function goCaches(go: string, dir: string): Promise<Record<string, string>> {
  const answer = await runCommand(go, ['env', 'GOCACHE', 'GOMODCACHE'], { timeoutMs: 20_000 });
  const caches = answer.stdout.split('\n').filter((line) => line !== '');
  const writable = await Promise.all(caches.map(isWritable));
  if (caches.length === 2 && !writable.includes(false)) return {};
  return {
    GOCACHE: join(dir, 'build-cache'),
    GOPATH: join(dir, 'go'),
    GOMODCACHE: join(dir, 'module-cache'),
  };
}

async function isWritable(dir: string): Promise<boolean> {
  try {
    await mkdir(dir, { recursive: true });
    await access(dir, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
