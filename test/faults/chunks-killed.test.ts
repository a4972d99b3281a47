import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { commonOf, lifeOf } from './support/cohorts.ts';
import { closeGates, deletionPoints, gatesAt, installGates, undoPoints } from './support/gates.ts';
import type { Gate } from './support/gates.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { batchDeletions, fullLives, undisturbed, undos } from './support/wave.ts';
import type { Endings, Wave } from './support/wave.ts';
import { startWorker } from './support/worker.ts';
import type { WorkerProcess } from './support/worker.ts';

const deletionGates = gatesAt(deletionPoints, ['within', 'committing']);
const undoGates = gatesAt(undoPoints, ['within', 'committing']);
const lives = fullLives(deletionGates.length);
/** Three users are three chunks, of which two are applied side by side. */
const smallChunks = { LMS_CHUNK_USERS: '1', LMS_CHUNK_WINDOW: '2' };

let site: Site;
let worker: WorkerProcess;
let drop: () => Promise<void>;
let before: World;
let deleted: Endings;
let undone: Endings;

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  await installGates(database.url);
  site = await openSite(database.url, inject('temporalAddress'));
  await site.load(lives.world);
  before = await site.dump();
  worker = await startWorker(site, smallChunks);
  deleted = await killedAt(deletionGates, () => batchDeletions(site, lives, deletionGates));
  undone = await killedAt(undoGates, () => undos(site, lives, undoGates, deleted));
});
afterAll(async () => {
  await worker.stop();
  await site.close();
  await drop();
});

/** Lets every operation come to its gate, kills the worker that has them all, and lets another one finish. */
async function killedAt(gates: readonly Gate[], start: () => Promise<Wave>): Promise<Endings> {
  const closed = await closeGates(site.databaseUrl, gates);
  const wave = await start();
  await closed.reached();
  await worker.kill();
  await closed.open();
  worker = await startWorker(site, smallChunks);
  return wave.end();
}

describe('a worker killed by SIGKILL amid operations of several chunks', () => {
  it('X-05 (what the others are compared with) an undisturbed deletion and its undo do all three chunks', () => {
    const { answer, record } = deleted.of(undisturbed);
    expect(answer).toMatchObject({ state: 'done', users: { done: 3 }, conflicts: 0, attention: [] });
    expect(record.targets).toMatchObject([1, 2, 3].map((chunk) => ({ chunk, state: 'done', leaves: true })));
    expect(deleted.common).toEqual(commonOf(before, lives.names));
    expect(undone.of(undisturbed).life).toEqual(lifeOf(before, lives.names[0] ?? ''));
    expect(undone.common).toEqual(commonOf(before, lives.names));
  });

  it.each(deletionGates)('X-05 at %s of a deletion, leaves what an undisturbed run leaves', (gate) => {
    expect(deleted.of(gate)).toEqual(deleted.of(undisturbed));
  });

  it.each(undoGates)('X-05 at %s of an undo, leaves what an undisturbed run leaves', (gate) => {
    expect(undone.of(gate)).toEqual(undone.of(undisturbed));
  });
});
