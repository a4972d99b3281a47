import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../../workflows/messages.ts';
import { workDone } from './batch.ts';
import { eventually } from './eventually.ts';
import { waitingForLocks } from './gates.ts';
import type { Servers } from './servers.ts';
import type { Handle, Site } from './site.ts';
import { untilProgress } from './until.ts';
import { startWorker } from './worker.ts';
import type { WorkerProcess } from './worker.ts';

/** An operation under way, and all that can be done to it. */
export interface Scene {
  servers: Servers;
  site: Site;
  handle: Handle;
  /** The only one, between two disturbances. */
  worker: WorkerProcess;
  settings: Record<string, string>;
}

/** By name, what happens while an operation runs; each has passed when it returns. */
const disturbances: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'worker killed': async (scene) => {
    await scene.worker.kill();
    scene.worker = await startWorker(scene.site, scene.settings);
  },

  'PostgreSQL killed': async ({ servers: { postgres } }) => {
    await postgres.kill();
    await postgres.startAgain();
  },

  'Temporal killed': async ({ servers: { temporal } }) => {
    await temporal.kill();
    await temporal.startAgain();
  },

  'a connection cut': async (scene) => {
    const cut = async (): Promise<boolean> => {
      const { rowCount } = await scene.site.sql.query(
        `select pg_terminate_backend(pid) from (
           select pid from pg_stat_activity
            where datname = current_database() and application_name = 'lms-lifecycle' and xact_start is not null
            order by random() limit 1) as busy`,
      );
      return rowCount === 1 || isOver(scene);
    };
    await eventually(cut, () => 'no transaction is open');
  },

  'paused and resumed': async (scene) => {
    const { handle } = scene;
    try {
      await handle.executeUpdate('pause');
      // Where the last chunks have been begun there is nothing left to pause.
      const still = ({ state, chunks, chunksDone }: Progress): boolean =>
        state === 'paused' || chunks - chunksDone <= 3;
      await untilProgress(handle, still, 'paused');
      await handle.executeUpdate('resume');
    } catch (error) {
      if (!(await isOver(scene))) throw error;
    }
  },

  'worker frozen and overlapped': async (scene) => {
    const { site, handle, worker } = scene;
    const operation = handle.firstExecutionRunId;
    worker.freeze();
    const before = await workDone(site.sql, operation);
    scene.worker = await startWorker(site, scene.settings);
    const overlapped = async (): Promise<boolean> =>
      (await waitingForLocks(site.sql)) > 0 ||
      (await workDone(site.sql, operation)) > before ||
      isOver(scene);
    await eventually(overlapped, () => 'no other worker takes over', 120_000);
    worker.thaw();
    await worker.stop();
  },
};

async function isOver({ site, handle }: Scene): Promise<boolean> {
  const { rowCount } = await site.sql.query(
    'select from lms_lifecycle.operation where id = $1 and closed_at is not null',
    [handle.firstExecutionRunId],
  );
  return rowCount === 1;
}

/** What happens when: at which share of the work, and how many milliseconds later. */
export interface Plot {
  name: string;
  atShare: number;
  afterMs: number;
}

/** A seeded choice: each of the disturbances as often as any other, at random moments of an operation. */
export function plotOf(count: number, seed: number): Plot[] {
  const random = randomFrom(seed);
  const names = Object.keys(disturbances);
  const rounds = Array.from({ length: Math.ceil(count / names.length) }, () => shuffled(names, random));
  const shares = Array.from({ length: count }, () => 0.01 + 0.9 * random()).sort((a, b) => a - b);
  const chosen = rounds.flat().slice(0, count);
  return shares.map((atShare, i) => ({
    name: chosen[i] ?? '',
    atShare,
    afterMs: Math.floor(200 * random()),
  }));
}

/** Carries out a plot, while an operation does its work of that size; what was done, and after how much of it. */
export async function play(scene: Scene, plot: readonly Plot[], work: number): Promise<string[]> {
  const story: string[] = [];
  for (const { name, atShare, afterMs } of plot) {
    let done = 0;
    const isTime = async (): Promise<boolean> => {
      done = await workDone(scene.site.sql, scene.handle.firstExecutionRunId);
      return done >= atShare * work;
    };
    await eventually(isTime, () => `${done} of ${work} done, ${[...story, name].join('; ')}`, 120_000);
    await sleep(afterMs);
    await disturbances[name]?.(scene);
    story.push(`${name} after ${done} of ${work}`);
  }
  return story;
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
