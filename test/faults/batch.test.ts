import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { worldWithoutAll } from '../support/naive-batch.ts';
import { admin } from '../support/world-builder.ts';
import { copyDatabase, crowdOf, crowdWorld, deleteCrowd, differences, workDone } from './support/batch.ts';
import { play, plotOf } from './support/disturbances.ts';
import type { Scene } from './support/disturbances.ts';
import { answerOf, recordOf } from './support/record.ts';
import type { LedgerRecord } from './support/record.ts';
import { startServers } from './support/servers.ts';
import type { Servers } from './support/servers.ts';
import { openSite } from './support/site.ts';
import type { Handle, Site } from './support/site.ts';
import { startWorker } from './support/worker.ts';

/** Twenty chunks, three at a time. */
const size = 10_000;
const settings = { LMS_CHUNK_USERS: '500', LMS_CHUNK_WINDOW: '3', LMS_APPROVAL_ABOVE: String(size) };

/** How many disturbances there are, ten to a batch: by hand LMS_FAULTS=50; LMS_FAULTS_SEED repeats what has failed. */
const total = Number(process.env['LMS_FAULTS'] ?? 4);
const perBatch = 10;
const firstSeed = Number(process.env['LMS_FAULTS_SEED'] ?? randomInt(1_000_000));
const seeds = Array.from({ length: Math.ceil(total / perBatch) }, (_, i) => firstSeed + i);

interface Ending {
  answer: object;
  record: LedgerRecord;
  world: World;
}

let servers: Servers;
let before: World;
let model: Ending;
/** What an operation writes from its beginning to its end, see `workDone`. */
let work: number;

beforeAll(async () => {
  servers = await startServers();
  const site = await openSite(servers.postgres.url, servers.temporal.address);
  await site.load(crowdWorld(size));
  before = await site.dump();
  await site.close();
  model = await onCopy('model', async (scene) => {
    const ending = await endingOf(scene.site, scene.handle);
    work = await workDone(scene.site.sql, scene.handle.firstExecutionRunId);
    return ending;
  });
}, 180_000);
afterAll(() => servers.close());

/** Starts the batch in a copy of the world, with a worker of its own. */
async function onCopy<T>(name: string, run: (scene: Scene) => Promise<T>): Promise<T> {
  const url = await copyDatabase(servers.postgres.url, name);
  const site = await openSite(url, servers.temporal.address);
  const worker = await startWorker(site, settings);
  const scene: Scene = { servers, site, worker, settings, handle: await deleteCrowd(site, size) };
  try {
    return await run(scene);
  } finally {
    await scene.worker.stop();
    await site.close();
  }
}

async function endingOf(site: Site, handle: Handle): Promise<Ending> {
  const answer = answerOf((await handle.result()) as OperationResult, 'nobody');
  const record = await recordOf(site.sql, handle.firstExecutionRunId, 'nobody');
  const dump = await site.dump();
  const users = dump.users.map((user) => (user.deletedBy === admin ? { ...user, deletedAt: null } : user));
  return { answer, record, world: { ...dump, users } };
}

describe('a batch of ten thousand users', () => {
  it('X-05 (what the others are compared with) undisturbed deletes all of them', () => {
    const users = { done: size, unchanged: 0, attention: 0 };
    expect(model.answer).toMatchObject({ state: 'done', users, conflicts: 0 });
    expect(model.record.claims).toEqual([]);
    const then = worldWithoutAll(before, crowdOf(size), admin, new Date());
    expect(differences(then, model.world)).toEqual([]);
  });

  it.each(seeds)(
    `X-05 disturbed ${Math.min(total, perBatch)} times at random (seed %i) leaves what an undisturbed one leaves`,
    async (seed) => {
      const plot = plotOf(Math.min(total, perBatch), seed);
      const { story, ending } = await onCopy(`seed_${seed}`, async (scene) => {
        const story = (await play(scene, plot, work)).join('; ');
        return { story, ending: await endingOf(scene.site, scene.handle) };
      });
      const told = `seed ${seed}: ${story}`;
      expect(ending.answer, told).toEqual(model.answer);
      expect(differences(model.record, ending.record), told).toEqual([]);
      expect(differences(model.world, ending.world), told).toEqual([]);
    },
    280_000,
  );
});
