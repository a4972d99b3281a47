import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Log } from './child-process.ts';
import { explainSystemError } from './dev-errors.ts';
import { endTemporalOrphan } from './embedded-temporal.ts';
import { endPostgresOrphan } from './postgres-orphan.ts';

/** What of the embedded instance lies where in its state directory. */
export function embeddedDataPaths(stateDir: string) {
  const dir = resolve(stateDir);
  return {
    /** For startPostgres. */
    dataDir: join(dir, 'postgres'),
    /** For startTemporal. */
    dbFile: join(dir, 'temporal.db'),
    /** For superviseChild: a record file for each child. */
    recordFile: (name: string) => join(dir, `${name}.process.json`),
  };
}

/**
 * For `start --fresh`, under the lock of the state directory: ends what a killed `start` left running on
 * the data, and deletes them. The caches, the lock and whatever is not ours stay. DevErrors: LOCKED,
 * EACCES.
 */
export async function removeEmbeddedData(stateDir: string, log: Log): Promise<void> {
  const { dataDir, dbFile } = embeddedDataPaths(stateDir);
  await endPostgresOrphan(dataDir, log);
  await endTemporalOrphan(dbFile, log);
  try {
    for (const name of await readdir(stateDir)) {
      const path = join(resolve(stateDir), name);
      const isOurs = path === dataDir || path.startsWith(`${dataDir}.`) || path.startsWith(dbFile);
      if (isOurs) await rm(path, { recursive: true, force: true });
    }
  } catch (error) {
    throw explainSystemError(error, 'delete the embedded data', stateDir);
  }
}
