import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { fullLifeCounts } from '../scenarios/full-life.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { commonOf, lifeOf } from './support/cohorts.ts';
import { closeGates, deletionPoints, gatesAt, installGates, undoPoints } from './support/gates.ts';
import type { Gate } from './support/gates.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { deletions, fullLives, undisturbed, undos } from './support/wave.ts';
import type { Endings, Wave } from './support/wave.ts';
import { startWorker } from './support/worker.ts';
import type { WorkerProcess } from './support/worker.ts';

const deletionGates = gatesAt(deletionPoints, ['within', 'committing']);
const undoGates = gatesAt(undoPoints, ['within', 'committing']);
const lives = fullLives(deletionGates.length);

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
  worker = await startWorker(site);
  deleted = await killedAt(deletionGates, () => deletions(site, lives, deletionGates));
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
  worker = await startWorker(site);
  return wave.end();
}

describe('a worker killed by SIGKILL', () => {
  it('X-05 (what the others are compared with) an undisturbed deletion and its undo do all that they have to', () => {
    const { answer, record } = deleted.of(undisturbed);
    expect(answer).toMatchObject({ state: 'done', counts: fullLifeCounts, conflicts: 0 });
    expect(record.changes).toHaveLength(19);
    expect(deleted.common).toEqual(commonOf(before, lives.names));
    expect(undone.of(undisturbed).life).toEqual(lifeOf(before, lives.names[0] ?? ''));
    expect(undone.common).toEqual(commonOf(before, lives.names));
  });

  it.each(deletionPoints)(
    'X-05 in the middle of %s of a deletion, leaves what an undisturbed run leaves',
    (point) => {
      expect(deleted.of(`${point}/within`)).toEqual(deleted.of(undisturbed));
    },
  );

  it.each(deletionPoints)('X-05 after %s of a deletion, before it could tell, leaves the same', (point) => {
    expect(deleted.of(`${point}/committing`)).toEqual(deleted.of(undisturbed));
  });

  it.each(undoPoints)(
    'X-05 in the middle of %s of an undo, leaves what an undisturbed run leaves',
    (point) => {
      expect(undone.of(`${point}/within`)).toEqual(undone.of(undisturbed));
    },
  );

  it.each(undoPoints)('X-05 after %s of an undo, before it could tell, leaves the same', (point) => {
    expect(undone.of(`${point}/committing`)).toEqual(undone.of(undisturbed));
  });
});
