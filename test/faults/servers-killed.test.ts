import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { fullLifeCounts } from '../scenarios/full-life.ts';
import { admin } from '../support/world-builder.ts';
import { commonOf, lifeOf } from './support/cohorts.ts';
import { closeGates, deletionPoints, gatesAt, installGates, undoPoints } from './support/gates.ts';
import { answerOf, recordOf } from './support/record.ts';
import { startServers } from './support/servers.ts';
import type { Servers } from './support/servers.ts';
import { openSite } from './support/site.ts';
import type { Handle, Site } from './support/site.ts';
import { untilWaiting } from './support/until.ts';
import { adaOf, deletions, fullLives, undisturbed, undos } from './support/wave.ts';
import type { Endings } from './support/wave.ts';
import { startWorker } from './support/worker.ts';
import type { WorkerProcess } from './support/worker.ts';

const lives = fullLives(deletionPoints.length);
const within = gatesAt(deletionPoints, ['within']);
const committing = gatesAt(undoPoints, ['committing']);

let servers: Servers;
let site: Site;
let worker: WorkerProcess;
let before: World;

beforeAll(async () => {
  servers = await startServers();
  await installGates(servers.postgres.url);
  site = await openSite(servers.postgres.url, servers.temporal.address);
  await site.load(lives.world);
  before = await site.dump();
  worker = await startWorker(site);
});
afterAll(async () => {
  await worker.stop();
  await site.close();
  await servers.close();
});

function expectModel(deleted: Endings, undone: Endings): void {
  expect(deleted.of(undisturbed).answer).toMatchObject({
    state: 'done',
    counts: fullLifeCounts,
    conflicts: 0,
  });
  expect(undone.of(undisturbed).life).toEqual(lifeOf(before, lives.names[0] ?? ''));
  expect(undone.common).toEqual(commonOf(before, lives.names));
}

describe('PostgreSQL killed by SIGKILL and started again', () => {
  let deleted: Endings;
  let undone: Endings;
  beforeAll(async () => {
    const first = await closeGates(site.databaseUrl, within);
    const deleting = await deletions(site, lives, within);
    await first.reached();
    // The gates are held by a connection: they open with its end.
    await servers.postgres.kill();
    await servers.postgres.startAgain();
    deleted = await deleting.end();

    const second = await closeGates(site.databaseUrl, committing);
    const undoing = await undos(site, lives, committing, deleted);
    await second.reached();
    await servers.postgres.kill();
    await servers.postgres.startAgain();
    undone = await undoing.end();
  });

  it('X-05 does not take the worker with it', () => {
    expect(worker.hasExited()).toBe(false);
    expectModel(deleted, undone);
  });

  it.each(deletionPoints)(
    'X-05 in the middle of %s of a deletion, leaves what an undisturbed run leaves',
    (point) => {
      expect(deleted.of(`${point}/within`)).toEqual(deleted.of(undisturbed));
    },
  );

  it.each(undoPoints)('X-05 while %s of an undo commits, leaves what an undisturbed run leaves', (point) => {
    expect(undone.of(`${point}/committing`)).toEqual(undone.of(undisturbed));
  });
});

describe('Temporal killed by SIGKILL and started again', () => {
  let deleted: Endings;
  let undone: Endings;
  beforeAll(async () => {
    const first = await closeGates(site.databaseUrl, within);
    const deleting = await deletions(site, lives, within);
    await first.reached();
    await servers.temporal.kill();
    await first.open();
    await servers.temporal.startAgain();
    deleted = await deleting.end();

    const second = await closeGates(site.databaseUrl, committing);
    const undoing = await undos(site, lives, committing, deleted);
    await second.reached();
    await servers.temporal.kill();
    await servers.temporal.startAgain();
    await second.open();
    undone = await undoing.end();
  });

  it('X-05 does not take the worker with it', () => {
    expect(worker.hasExited()).toBe(false);
    expectModel(deleted, undone);
  });

  it.each(deletionPoints)('X-05 when %s of a deletion ends with nobody to tell, leaves the same', (point) => {
    expect(deleted.of(`${point}/within`)).toEqual(deleted.of(undisturbed));
  });

  it.each(undoPoints)('X-05 when %s of an undo ends after its return, leaves the same', (point) => {
    expect(undone.of(`${point}/committing`)).toEqual(undone.of(undisturbed));
  });
});

describe('all of them killed by SIGKILL and started again', () => {
  const [left = '', waiting = '', amid = ''] = lives.names;
  const start = (life: string, more: object): Promise<Handle> =>
    site.start('deleteUser', {
      user: adaOf(life),
      requestedBy: admin,
      includePrivateSubgroups: true,
      ...more,
    });
  const approve = async (handle: Handle, planHash: string | null): Promise<void> => {
    await handle.executeUpdate('approve', { args: [{ by: admin, planHash }] });
  };
  const endOf = async (handle: Handle, life: string) => ({
    answer: answerOf((await handle.result()) as OperationResult, life),
    record: await recordOf(site.sql, handle.firstExecutionRunId, life),
    life: lifeOf(await site.dump(), life),
  });

  it('X-04 a plan that waits for approval still waits, and a step that ran is done once', async () => {
    const model = await start(left, { approval: 'required' });
    await approve(model, (await untilWaiting(model)).planHash);
    const expected = await endOf(model, left);

    const closed = await closeGates(site.databaseUrl, ['leaveGroups/within']);
    const running = await start(amid, { reason: 'leaveGroups/within' });
    const patient = await start(waiting, { approval: 'required' });
    const plan = await untilWaiting(patient);
    await closed.reached();
    const untouched = lifeOf(await site.dump(), waiting);

    await Promise.all([worker.kill(), servers.temporal.kill(), servers.postgres.kill()]);
    await Promise.all([servers.postgres.startAgain(), servers.temporal.startAgain()]);
    worker = await startWorker(site);

    const { record, ...rest } = await endOf(running, amid);
    expect({
      ...rest,
      record: { ...record, operation: { ...record.operation, approved_by: admin } },
    }).toEqual(expected);
    expect(await untilWaiting(patient)).toEqual(plan);
    expect(lifeOf(await site.dump(), waiting)).toEqual(untouched);
    await approve(patient, plan.planHash);
    expect(await endOf(patient, waiting)).toEqual(expected);
  });
});
