import { findTemporal } from '../../../dev/temporal-binary.ts';
import { binaryCacheDir, binaryCacheDirs, defaultStateDir } from '../../../dev/state-dir.ts';

/** The binary that `npm start` would use; where none is there yet it is fetched or built, once. */
export function temporalForTests(): Promise<string> {
  const stateDir = defaultStateDir(process.env);
  return findTemporal({
    explicit: process.env['TEMPORAL_CLI'],
    cacheDirs: binaryCacheDirs(stateDir, process.env),
    installDir: binaryCacheDir(stateDir),
    log: console.error,
  });
}
