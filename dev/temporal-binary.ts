import { delimiter, isAbsolute } from 'node:path';
import { searchPath } from './child-env.ts';
import type { Log } from './child-process.ts';
import { devError } from './dev-errors.ts';
import { findExecutables } from './find-executable.ts';
import { runCommand } from './run-command.ts';
import type { FailedTry } from './temporal-fetch.ts';
import { temporalFileName } from './temporal-file-name.ts';
import { installTemporal } from './temporal-install.ts';

export interface FindTemporalOptions {
  /** The setting TEMPORAL_CLI: a path that is used or refused, never passed over. */
  explicit?: string | undefined;
  /** Directories that may hold the binary already. */
  cacheDirs: readonly string[];
  /** Where a binary that has to be fetched or built is put; made where it is missing. */
  installDir: string;
  /** Where to look for `temporal` and `go`. Default: the PATH of this process. */
  path?: string | undefined;
  log: Log;
}

// What the workflows use (updates, details in the UI) is complete since this server.
const oldestServer = [1, 26] as const;

/**
 * The path of a `temporal` binary that runs: TEMPORAL_CLI, the PATH, our caches, the SDK's download, a
 * build by Go, in this order; the latter two leave it in `installDir`. A DevError (MISSING) that lists
 * each try with its reason, and what to install, when none serves.
 */
export async function findTemporal(options: FindTemporalOptions): Promise<string> {
  const { explicit, cacheDirs, installDir, log } = options;
  const path = options.path ?? searchPath();
  if (explicit !== undefined && explicit !== '') return explicitTemporal(explicit);
  const failed: FailedTry[] = [];
  const found =
    (await firstUsable('PATH', path.split(delimiter), failed)) ??
    (await firstUsable('cache', cacheDirs, failed));
  if (found !== undefined) return found;
  const installed = await installTemporal({ installDir, path, log, failed, check: whyUnusable });
  if (installed !== undefined) return installed;
  throw noTemporal(failed);
}

/** Why this binary does not serve, or undefined if it does. */
async function whyUnusable(binary: string): Promise<string | undefined> {
  const answer = await runCommand(binary, ['--version'], { timeoutMs: 20_000 });
  if (!answer.ok) return `it does not run: ${answer.reason}`;
  const server = /Server (\d+)\.(\d+)/.exec(answer.stdout);
  if (server === null)
    return `it is no Temporal CLI with a dev server: ${answer.stdout.trim().slice(0, 200)}`;
  const [major, minor] = [Number(server[1]), Number(server[2])];
  const recent = major > oldestServer[0] || (major === oldestServer[0] && minor >= oldestServer[1]);
  return recent ? undefined : `its server ${major}.${minor} is older than ${oldestServer.join('.')}`;
}

async function explicitTemporal(binary: string): Promise<string> {
  const reason = isAbsolute(binary) ? await whyUnusable(binary) : 'it is not an absolute path';
  if (reason === undefined) return binary;
  const problem = `TEMPORAL_CLI=${binary} cannot be used: ${reason}`;
  throw devError('MISSING', problem, 'Correct TEMPORAL_CLI, or unset it to have the binary looked for.');
}

async function firstUsable(
  place: string,
  dirs: readonly string[],
  failed: FailedTry[],
): Promise<string | undefined> {
  const before = failed.length;
  for (const binary of await findExecutables(temporalFileName, dirs)) {
    const reason = await whyUnusable(binary);
    if (reason === undefined) return binary;
    failed.push({ what: `${place}: ${binary}`, reason });
  }
  if (failed.length === before) failed.push({ what: place, reason: nothingIn(place, dirs) });
  return undefined;
}

function nothingIn(place: string, dirs: readonly string[]): string {
  return place === 'PATH' ? `no ${temporalFileName} in it` : `no ${temporalFileName} in ${dirs.join(', ')}`;
}

function noTemporal(failed: readonly FailedTry[]): Error {
  const tries = failed.map(({ what, reason }) => `  - ${what}: ${reason.replaceAll('\n', '\n    ')}`);
  const remedy =
    'Install the Temporal CLI (https://docs.temporal.io/cli) so that it is in the PATH, or set TEMPORAL_CLI to its ' +
    'absolute path, or install Go (https://go.dev/dl) to have it built here; or set TEMPORAL_ADDRESS to a server ' +
    'that runs already.';
  return devError('MISSING', `No Temporal CLI could be found or fetched:\n${tries.join('\n')}`, remedy);
}
