import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from './child-process.ts';
import { devError, explainSystemError, remedyFor, systemErrorCode, systemErrorInText } from './dev-errors.ts';
import { giveTo } from './postgres-runner.ts';
import type { PostgresRunner } from './postgres-runner.ts';
import { runCommand } from './run-command.ts';

/** The superuser of the embedded cluster. */
export const postgresUser = 'lms';

export interface InitOptions {
  dataDir: string;
  durable: boolean;
  log: Log;
}

/**
 * Makes the cluster on first use and returns its password, which is random and lies beside the data in a
 * file that only this user can read. Made aside and renamed when complete, so that an initialisation cut
 * short is done again from the start. A DevError if the disk or permissions do not allow it, or if there
 * are data but no password.
 */
export async function ensureCluster(runner: PostgresRunner, options: InitOptions): Promise<string> {
  const { dataDir } = options;
  try {
    if (await exists(join(dataDir, 'PG_VERSION'))) return await readPassword(dataDir);
    await makeWayFor(dataDir);
    const password = (await readFileOrUndefined(passwordPath(dataDir))) ?? (await newPassword(dataDir));
    options.log(`making a new PostgreSQL cluster in ${dataDir}`);
    await initialise(runner, options, password);
    return password;
  } catch (error) {
    throw explainSystemError(error, 'set up the database', dataDir);
  }
}

async function initialise(
  runner: PostgresRunner,
  { dataDir, durable }: InitOptions,
  password: string,
): Promise<void> {
  const fresh = `${dataDir}.new`;
  const passwordFile = `${dataDir}.init-password`;
  await rm(fresh, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await mkdir(fresh, { mode: 0o700 });
  await giveTo(runner.owner, fresh);
  try {
    await writeFile(passwordFile, password, { mode: 0o600 });
    await giveTo(runner.owner, passwordFile);
    await runInitdb(runner, fresh, passwordFile, durable);
    await rename(fresh, dataDir);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(fresh, { recursive: true, force: true });
  }
}

async function runInitdb(
  { binaries, runAs }: PostgresRunner,
  dir: string,
  passwordFile: string,
  durable: boolean,
) {
  // The built-in locale sorts and folds case alike on every machine, whatever the system has installed.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--auth=scram-sha-256', `--username=${postgresUser}`, `--pwfile=${passwordFile}`];
  const [command, ...args] = [...runAs.prefix, binaries.initdb, `--pgdata=${dir}`];
  const answer = await runCommand(
    command,
    [...args, ...locale, ...access, ...(durable ? [] : ['--no-sync'])],
    {
      env: { LC_ALL: 'C', TZ: 'UTC' },
      ...runAs.ids,
    },
  );
  if (answer.ok) return;
  const code = systemErrorInText(answer.reason) ?? 'INITDB';
  const remedy = remedyFor(code, dir) ?? 'Or set DATABASE_URL to a PostgreSQL of your own.';
  throw devError(code, `PostgreSQL's initdb failed:\n${answer.reason}`, remedy);
}

/** initdb's result is renamed to `dataDir`: an empty directory there gives way, anything else is not ours to delete. */
async function makeWayFor(dataDir: string): Promise<void> {
  if (!(await exists(dataDir))) return;
  if ((await readdir(dataDir)).length === 0) return rmdir(dataDir);
  const problem = `${dataDir} is not empty, and holds no PostgreSQL data either.`;
  throw devError('CORRUPT', problem, 'Move it out of the way, or use another LMS_STATE_DIR.');
}

async function readPassword(dataDir: string): Promise<string> {
  const password = await readFileOrUndefined(passwordPath(dataDir));
  if (password !== undefined) return password;
  const problem = `There are PostgreSQL data in ${dataDir}, but their password file ${passwordPath(dataDir)} is gone.`;
  throw devError('CORRUPT', problem, 'Put it back, or begin anew: start --fresh (which deletes these data).');
}

async function newPassword(dataDir: string): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  await writeFile(passwordPath(dataDir), password, { mode: 0o600 });
  return password;
}

function passwordPath(dataDir: string): string {
  return `${dataDir}.password`;
}

async function readFileOrUndefined(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
