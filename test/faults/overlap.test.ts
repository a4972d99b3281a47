import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { fullLifeCounts } from '../scenarios/full-life.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { commonOf, lifeOf } from './support/cohorts.ts';
import {
  closeGates,
  deletionPoints,
  gatesAt,
  installGates,
  undoPoints,
  untilQuiet,
} from './support/gates.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { deletions, fullLives, undisturbed, undos } from './support/wave.ts';
import type { Endings } from './support/wave.ts';
import { startWorker } from './support/worker.ts';
import type { WorkerProcess } from './support/worker.ts';

const deletionGates = gatesAt(deletionPoints, ['within', 'committing']);
const undoGates = gatesAt(undoPoints, ['within', 'committing']);
const lives = fullLives(deletionGates.length);
const quickly = { TEST_IDLE_IN_TRANSACTION_MS: '2000' };

let site: Site;
let slow: WorkerProcess;
let other: WorkerProcess;
let drop: () => Promise<void>;
let before: World;
let deleted: Endings;

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  await installGates(database.url);
  site = await openSite(database.url, inject('temporalAddress'));
  await site.load(lives.world);
  before = await site.dump();
});
afterAll(async () => {
  slow.thaw();
  await Promise.all([slow.stop(), other.stop()]);
  await site.close();
  await drop();
});

describe('a worker that is given up for dead and is not', () => {
  beforeAll(async () => {
    slow = await startWorker(site, quickly);
    const gates = await closeGates(site.databaseUrl, deletionGates);
    const wave = await deletions(site, lives, deletionGates);
    await gates.reached();
    slow.freeze();
    other = await startWorker(site);
    await gates.crowded();
    slow.thaw();
    await gates.open();
    deleted = await wave.end();
  });

  it('X-05 (what the others are compared with) an undisturbed deletion does all that it has to', () => {
    expect(deleted.of(undisturbed).answer).toMatchObject({
      state: 'done',
      counts: fullLifeCounts,
      conflicts: 0,
    });
    expect(deleted.common).toEqual(commonOf(before, lives.names));
  });

  it.each(deletionGates)(
    'X-05 at %s, and finishes while its retry is under way: all is done once',
    (gate) => {
      expect(deleted.of(gate)).toEqual(deleted.of(undisturbed));
    },
  );

  it('X-05 goes on working', () => {
    expect(slow.hasExited()).toBe(false);
  });
});

describe('a worker that is frozen for good', () => {
  let undone: Endings;
  let meanwhile: World;
  beforeAll(async () => {
    await other.stop();
    const gates = await closeGates(site.databaseUrl, undoGates);
    const wave = await undos(site, lives, undoGates, deleted);
    await gates.reached();
    slow.freeze();
    other = await startWorker(site);
    await gates.crowded();
    await gates.open();
    undone = await wave.end();
    meanwhile = await site.dump();
    slow.thaw();
    await untilQuiet(site.databaseUrl);
  });

  it('X-05 (what the others are compared with) an undisturbed undo brings everything back', () => {
    expect(undone.of(undisturbed).life).toEqual(lifeOf(before, lives.names[0] ?? ''));
    expect(undone.common).toEqual(commonOf(before, lives.names));
  });

  it.each(undoGates)('X-05 at %s of an undo, does not hold up what another worker takes over', (gate) => {
    expect(undone.of(gate)).toEqual(undone.of(undisturbed));
  });

  it('X-05 changes nothing when it comes back to life', async () => {
    expect(slow.hasExited()).toBe(false);
    expect(await site.dump()).toEqual(meanwhile);
  });
});
