import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { timeless, worldWithoutAll } from '../support/naive-batch.ts';
import { admin } from '../support/world-builder.ts';
import { crewOf, crewWorld, deleteCrew } from './support/crew.ts';
import { eventually } from './support/eventually.ts';
import { failureType } from './support/failure-type.ts';
import { closeGates, installGates, untilQuiet, waitingForLocks } from './support/gates.ts';
import type { ClosedGates } from './support/gates.ts';
import { startInnerWorker } from './support/inner-worker.ts';
import type { InnerWorker } from './support/inner-worker.ts';
import { reset } from './support/reset.ts';
import { openSite } from './support/site.ts';
import type { Handle, Site } from './support/site.ts';
import { untilProgress } from './support/until.ts';

/** Four chunks, of which two are amid their first change when somebody stops them by hand. */
const size = 20;
const crew = crewOf(size);
const gate = 'leaveGroups/within';

let site: Site;
let worker: InnerWorker;
let drop: () => Promise<void>;
let before: World;

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  await installGates(database.url);
  site = await openSite(database.url, inject('temporalAddress'));
  worker = await startInnerWorker(site, { settings: { chunkUsers: 5, window: 2 } });
});
beforeEach(async () => {
  await site.load(crewWorld(size));
  before = await site.dump();
});
afterAll(async () => {
  await worker.stop();
  await site.close();
  await drop();
});

async function startAndStop(): Promise<{ closed: ClosedGates; handle: Handle }> {
  const closed = await closeGates(site.databaseUrl, [gate]);
  onTestFinished(() => closed.open());
  const handle = await deleteCrew(site, size, { reason: gate });
  await untilWaiting(2);
  return { closed, handle };
}

async function untilWaiting(sessions: number): Promise<void> {
  const waiting = async (): Promise<boolean> => (await waitingForLocks(site.sql)) >= sessions;
  await eventually(waiting, () => `fewer than ${sessions} wait`);
}

/** Everybody is gone, each change has been made once, by whichever of the operations, and nothing is left of them. */
async function expectAllGone(...handles: Handle[]): Promise<void> {
  await untilQuiet(site.databaseUrl);
  const then = worldWithoutAll(before, crew, admin, new Date());
  expect(timeless(await site.dump(), crew)).toEqual(timeless(then, crew));
  const { rows } = await site.sql.query(
    `select count(*)::int as n, count(distinct (kind, user_id, item))::int as once from lms_lifecycle.change
      where operation_id = any($1) and state = 'applied'`,
    [handles.map((handle) => handle.firstExecutionRunId)],
  );
  const changes = 2 * size + size / 10;
  expect(rows).toEqual([{ n: changes, once: changes }]);
  const left = `select user_id from lms_lifecycle.claim union all select user_id from lms_lifecycle.change where state = 'pending'`;
  expect((await site.sql.query(left)).rows).toEqual([]);
}

describe('an operation of several chunks that is stopped amid two of them', () => {
  it('X-11 terminated, is followed by the next when both have ended, and they never interleave', async () => {
    const { closed, handle } = await startAndStop();
    await handle.terminate('by hand');
    const next = await deleteCrew(site, size);
    await untilWaiting(3);
    await closed.open();
    expect(await next.result()).toMatchObject({ state: 'done', users: { done: size }, conflicts: 0 });
    await expectAllGone(handle, next);
  });

  it('X-05 reset, does each of them once, and the rest', async () => {
    const { closed, handle } = await startAndStop();
    const again = await reset(site, handle);
    await untilProgress(again, ({ state }) => state !== 'planning', 'as far as it was');
    await closed.open();
    const result = (await again.result()) as OperationResult;
    expect(result).toMatchObject({ state: 'done', users: { done: size }, conflicts: 0 });
    await expectAllGone(handle);
  });

  it('X-15 cancelled by way of its chunks, finishes them and goes on', async () => {
    const { closed, handle } = await startAndStop();
    for (const chunk of [1, 2]) {
      await site.client.workflow.getHandle(`${handle.workflowId}/chunk-${chunk}`).cancel();
    }
    await closed.open();
    expect(await handle.result()).toMatchObject({ state: 'done', users: { done: size } });
    await expectAllGone(handle);
  });

  it('X-07 terminated by way of one of its chunks, fails with whom that left half done, and can be started again', async () => {
    const { closed, handle } = await startAndStop();
    await site.client.workflow.getHandle(`${handle.workflowId}/chunk-1`).terminate('by hand');
    await closed.open();
    expect(await handle.result().catch(failureType)).toBe('Unexpected');
    const next = (await (await deleteCrew(site, size)).result()) as OperationResult;
    expect(next).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
    const then = worldWithoutAll(before, crew, admin, new Date());
    expect(timeless(await site.dump(), crew)).toEqual(timeless(then, crew));
    expect((await site.sql.query('select * from lms_lifecycle.claim')).rows).toEqual([]);
  });
});
