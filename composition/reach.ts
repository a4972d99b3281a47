import type { ClientConnectConfig } from '@temporalio/envconfig';
import { temporalConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { requireInstance } from '../dev/state-dir.ts';

/** Where the database and Temporal are. The database URL may hold a password: never print it. */
export interface Reach {
  databaseUrl: string;
  temporal: ClientConnectConfig['connectionOptions'];
  namespace: string;
}

/**
 * The running instance: what the settings name, and for the rest what `start` left in the state directory.
 *
 * @throws DevError NOT_RUNNING when the settings leave something open and nothing runs
 */
export function reach(config: Config): Reach {
  const temporal = temporalConfig();
  const instance =
    config.DATABASE_URL === undefined || temporal === null ? requireInstance(config.LMS_STATE_DIR) : null;
  const embedded = { address: instance?.temporalAddress ?? '' };
  return {
    databaseUrl: config.DATABASE_URL ?? instance?.databaseUrl ?? '',
    temporal: temporal?.connectionOptions ?? embedded,
    namespace: temporal?.namespace ?? instance?.namespace ?? 'default',
  };
}
