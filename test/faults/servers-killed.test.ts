import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { fullLifeCounts } from '../scenarios/full-life.ts';
import { commonOf, lifeOf } from './support/cohorts.ts';
import { closeGates, deletionPoints, gatesAt, installGates, undoPoints } from './support/gates.ts';
import { startServers } from './support/servers.ts';
import type { Servers } from './support/servers.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { deletions, fullLives, undisturbed, undos } from './support/wave.ts';
import type { Endings } from './support/wave.ts';
import { startWorker } from './support/worker.ts';
import type { WorkerProcess } from './support/worker.ts';

const deletionGates = gatesAt(deletionPoints);
const undoGates = gatesAt(undoPoints);
const { names, world } = fullLives([...deletionGates, ...undoGates]);

let servers: Servers;
let site: Site;
let worker: WorkerProcess;
let before: World;

beforeAll(async () => {
  servers = await startServers();
  await installGates(servers.postgres.url);
  site = await openSite(servers.postgres.url, servers.temporal.address);
  await site.load(world);
  before = await site.dump();
  worker = await startWorker(site);
});
afterAll(async () => {
  await worker.stop();
  await site.close();
  await servers.close();
});

describe('PostgreSQL killed by SIGKILL and started again', () => {
  let deleted: Endings;
  let undone: Endings;
  beforeAll(async () => {
    const first = await (console.error("close", Date.now()%1000000), closeGates)(site.databaseUrl, deletionGates);
    const wave = await deletions(site, names);
    await first.reached();
    // The gates are held by a connection, so they open with its end.
    await servers.postgres.kill();
    await servers.postgres.startAgain();console.error("again", Date.now()%1000000);
    deleted = await wave.end();console.error("ended", Date.now()%1000000);

    const second = await (console.error("close", Date.now()%1000000), closeGates)(site.databaseUrl, undoGates);
    const undoing = await undos(site, names, deleted);
    await second.reached();
    await servers.postgres.kill();
    await servers.postgres.startAgain();console.error("again", Date.now()%1000000);
    undone = await undoing.end();console.error("ended", Date.now()%1000000);
  });

  it('X-05 the worker outlives its database', () => {
    expect(worker.hasExited()).toBe(false);
  });

  it('X-05 (what the others are compared with) an undisturbed deletion and its undo do all that they have to', () => {
    expect(deleted.of(undisturbed).answer).toMatchObject({ state: 'done', counts: fullLifeCounts, conflicts: 0 });
    expect(undone.of(undisturbed).life).toEqual(lifeOf(before, undisturbed));
    expect(undone.common).toEqual(commonOf(before, names));
  });

  it.each(deletionGates)('X-05 a database killed at %s of a deletion changes nothing', (gate) => {
    expect(deleted.of(gate)).toEqual(deleted.of(undisturbed));
  });

  it.each(undoGates)('X-05 a database killed at %s of an undo changes nothing', (gate) => {
    expect(undone.of(gate)).toEqual(undone.of(undisturbed));
  });
});

describe('Temporal killed by SIGKILL and started again', () => {
  let deleted: Endings;
  let undone: Endings;
  beforeAll(async () => {
    const first = await (console.error("close", Date.now()%1000000), closeGates)(site.databaseUrl, deletionGates);
    const wave = await deletions(site, names);
    await first.reached();
    await servers.temporal.kill();
    // Half of them end while there is nobody to tell, the others when there is again.
    await first.open(deletionGates.filter((gate) => gate.endsWith('/within')));
    await servers.temporal.startAgain();console.error("again", Date.now()%1000000);
    await first.open();
    deleted = await wave.end();console.error("ended", Date.now()%1000000);

    const second = await (console.error("close", Date.now()%1000000), closeGates)(site.databaseUrl, undoGates);
    const undoing = await undos(site, names, deleted);
    await second.reached();
    await servers.temporal.kill();
    await second.open(undoGates.filter((gate) => gate.endsWith('/committing')));
    await servers.temporal.startAgain();console.error("again", Date.now()%1000000);
    await second.open();
    undone = await undoing.end();console.error("ended", Date.now()%1000000);
  });

  it('X-05 the worker outlives its Temporal server', () => {
    expect(worker.hasExited()).toBe(false);
  });

  it('X-05 (what the others are compared with) an undisturbed deletion and its undo do all that they have to', () => {
    expect(deleted.of(undisturbed).answer).toMatchObject({ state: 'done', counts: fullLifeCounts, conflicts: 0 });
    expect(undone.of(undisturbed).life).toEqual(lifeOf(before, undisturbed));
    expect(undone.common).toEqual(commonOf(before, names));
  });

  it.each(deletionGates)('X-05 a Temporal server killed at %s of a deletion changes nothing', (gate) => {
    expect(deleted.of(gate)).toEqual(deleted.of(undisturbed));
  });

  it.each(undoGates)('X-05 a Temporal server killed at %s of an undo changes nothing', (gate) => {
    expect(undone.of(gate)).toEqual(undone.of(undisturbed));
  });
});
