import { chown, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { devError, explainSystemError } from './dev-errors.ts';
import { copyBinaries, postgresBinaries } from './postgres-binaries.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { privateDirMode } from './private-dir.ts';
import { asOurselves, closedDirectory, runAsPastClosedDirectories, unprivilegedUser } from './run-as.ts';
import type { RunAs, UserIds } from './run-as.ts';

/** PostgreSQL's programs, and the identity to run them under. */
export interface PostgresRunner {
  binaries: PostgresBinaries;
  runAs: RunAs;
  /** Who must own the data directory; undefined: we ourselves. */
  owner: UserIds | undefined;
}

/**
 * Decides how PostgreSQL can be run on this data directory (which need not exist yet, its parent is made).
 * An ordinary user runs it as itself. Root runs it as the owner of the data, else an unprivileged user.
 * DevErrors: EACCES (that user cannot reach the data), NO_USER, MISSING.
 */
export async function postgresRunner(dataDir: string): Promise<PostgresRunner> {
  await mkdir(dirname(dataDir), { recursive: true, mode: privateDirMode }).catch((error: unknown) => {
    throw explainSystemError(error, 'make the directory for the database', dirname(dataDir));
  });
  const binaries = await postgresBinaries();
  if (process.getuid?.() !== 0) return { binaries, runAs: asOurselves, owner: undefined };
  const owner = (await ownerOf(dataDir)) ?? (await unprivilegedUser());
  return { ...(await runnableBy(owner, dataDir, binaries)), owner };
}

/** Gives a directory or file to the user that PostgreSQL runs as. */
export async function giveTo(owner: UserIds | undefined, path: string): Promise<void> {
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
}

async function runnableBy(owner: UserIds, dataDir: string, binaries: PostgresBinaries) {
  const closedData = await closedDirectory(owner, dataDir);
  const closed = closedData ?? (await closedDirectory(owner, binaries.postgres));
  if (closed === undefined) return { binaries, runAs: { prefix: [], ids: owner } };
  const past = await runAsPastClosedDirectories(owner, [binaries.postgres, '--version']);
  if ('runAs' in past) return { binaries, runAs: past.runAs };
  if (closedData !== undefined) throw unreachable(owner, closedData, past.reason);
  // Only the installation is closed: a copy of the programs beside the data will do.
  return { binaries: await copyBinaries(binaries, dataDir), runAs: { prefix: [], ids: owner } };
}

function unreachable({ uid }: UserIds, closed: string, reason: string): Error {
  const problem =
    `PostgreSQL does not run as root, and user ${uid}, whom it would run as, cannot pass the directory ${closed}. ` +
    `setpriv (of util-linux) could help, but: ${reason}`;
  const remedy =
    'Install util-linux, or start as an ordinary user, or set LMS_STATE_DIR to a directory that others may ' +
    'pass (such as /var/lib/lms-lifecycle), or set DATABASE_URL to a PostgreSQL of your own.';
  return devError('EACCES', problem, remedy);
}

/** Who owns existing data. Data of root cannot be PostgreSQL's: it is an empty directory, made beforehand. */
async function ownerOf(dataDir: string): Promise<UserIds | undefined> {
  const found = await stat(dataDir).catch(() => undefined);
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}
