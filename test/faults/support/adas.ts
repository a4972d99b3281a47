import { inject } from 'vitest';
import type { Dependencies } from '../../../activities/dependencies.ts';
import type { OperationResult } from '../../../contracts/operations.ts';
import type { World } from '../../../contracts/world.ts';
import { freshDatabase } from '../../support/fresh-database.ts';
import { admin } from '../../support/world-builder.ts';
import { failureType } from './failure-type.ts';
import { installGates, waitingForLocks } from './gates.ts';
import { startInnerWorker } from './inner-worker.ts';
import { openSite } from './site.ts';
import type { Handle, Site } from './site.ts';
import { adaOf, fullLives } from './wave.ts';
import type { Lives } from './wave.ts';

/** A platform of many Adas with a worker, for tests of who may touch whom. */
export interface Adas {
  site: Site;
  lives: Lives;
  before: World;
  /** As it was before. */
  restore(): Promise<void>;
  remove(life: string, more?: object): Promise<Handle>;
  undo(operation: string): Promise<Handle>;
  /** Which changes of these operations were applied, each with the row that it is about. */
  applied(...operations: string[]): Promise<string[]>;
  /** Changes of these operations that nothing has become of, or that met somebody else's: how many, by step. */
  unsettled(handles: readonly Handle[]): Promise<object[]>;
  /** The users whom some operation holds. */
  claims(): Promise<string[]>;
  /** How many sessions wait for a lock. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

export async function openAdas(
  count: number,
  executions: (site: Site) => Dependencies['executions'] | undefined = () => undefined,
): Promise<Adas> {
  const database = await freshDatabase();
  await installGates(database.url);
  const site = await openSite(database.url, inject('temporalAddress'));
  const asked = executions(site);
  const worker = await startInnerWorker(site, asked === undefined ? {} : { executions: asked });
  const lives = fullLives(count - 1);
  await site.load(lives.world);
  return {
    site,
    lives,
    before: await site.dump(),
    restore: () => site.load(lives.world),
    remove: (life, more) => {
      const input = { user: adaOf(life), requestedBy: admin, includePrivateSubgroups: true, ...more };
      return site.start('deleteUser', input);
    },
    undo: (operation) => site.start('undoOperation', { operation, requestedBy: admin }),
    applied: async (...operations) => {
      const { rows } = await site.sql.query<{ change: string }>(
        `select concat_ws(' ', kind, user_id, item) as change from lms_lifecycle.change
          where operation_id = any($1) and state = 'applied' order by 1`,
        [operations],
      );
      return rows.map((row) => row.change);
    },
    unsettled: async (handles) => {
      const { rows } = await site.sql.query<{ step: string; state: string; n: number }>(
        `select step, state, count(*)::int as n from lms_lifecycle.change
          where operation_id = any($1) and state in ('pending', 'conflict') group by 1, 2`,
        [handles.map((handle) => handle.firstExecutionRunId)],
      );
      return rows;
    },
    claims: async () => {
      const { rows } = await site.sql.query<{ user: string }>(
        `select user_id as "user" from lms_lifecycle.claim order by 1`,
      );
      return rows.map((row) => row.user);
    },
    waiting: () => waitingForLocks(site.sql),
    close: async () => {
      await worker.stop();
      await site.close();
      await database.drop();
    },
  };
}

/** How many users an operation changed, or why it was refused. */
export async function outcome(handle: Handle): Promise<number | string> {
  try {
    const { users, attention } = (await handle.result()) as OperationResult;
    return attention[0]?.type ?? users.done;
  } catch (error) {
    return failureType(error);
  }
}
