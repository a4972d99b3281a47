import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import type { PlanPage } from '../../workflows/messages.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { timeless, worldWithoutAll } from '../support/naive-batch.ts';
import { admin } from '../support/world-builder.ts';
import { attentionOf, crewOf, crewWorld, deleteCrew } from './support/crew.ts';
import { refuse, repair } from './support/refusing-host.ts';
import { runsOf, untilCut } from './support/runs.ts';
import { openSite } from './support/site.ts';
import type { Handle, Site } from './support/site.ts';
import { untilProgress, untilState, untilWaiting } from './support/until.ts';
import { startWorker } from './support/worker.ts';
import type { WorkerProcess } from './support/worker.ts';

/** As many chunks: the history is cut in every phase. */
const size = 300;
const oneByOne = { LMS_CHUNK_USERS: '1', LMS_CHUNK_WINDOW: '3' };

let site: Site;
let worker: WorkerProcess;
let drop: () => Promise<void>;
let before: World;

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  site = await openSite(database.url, inject('temporalAddress'));
  worker = await startWorker(site, oneByOne);
  await site.load(crewWorld(size));
  before = await site.dump();
});
afterAll(async () => {
  await worker.stop();
  await site.close();
  await drop();
});

async function replaceWorker(): Promise<void> {
  await worker.kill();
  worker = await startWorker(site, oneByOne);
}

async function pauseAndResume(handle: Handle): Promise<void> {
  await handle.executeUpdate('pause');
  expect(await untilState(handle, 'paused')).toMatchObject({ paused: true });
  await handle.executeUpdate('resume');
}

async function approve(handle: Handle): Promise<void> {
  const { planHash } = await untilWaiting(handle);
  await handle.executeUpdate('approve', { args: [{ by: admin, planHash }] });
}

describe('an operation of three hundred chunks', { timeout: 150_000 }, () => {
  let handle: Handle;

  /** Sends one message after the other until `all` is over; each is answered. */
  async function messagesUntil(all: Promise<void>): Promise<void> {
    const over = all.then(() => true);
    const answered = async (): Promise<boolean> => {
      await handle.executeUpdate('setPace', { args: [{ usersPerSecond: null }] });
      return false;
    };
    while (!(await Promise.race([over, answered()])));
  }

  it('X-15 answers every message while its history is cut, twice', async () => {
    await refuse(site.sql, 'membership', ['u-003', 'u-290']);
    handle = await deleteCrew(site, size);
    await messagesUntil(untilCut(site, handle).then(() => untilCut(site, handle)));
  });

  it('D-18 is judged and planned over several runs, in each of which it can be asked and paused', async () => {
    const planning = await handle.query('progress');
    expect(planning).toMatchObject({
      operation: handle.firstExecutionRunId,
      state: 'planning',
      chunks: size,
    });
    await pauseAndResume(handle);
    const waiting = await untilWaiting(handle);
    expect(waiting).toMatchObject({ planned: 2 * size + size / 10, users: { total: size, done: 0 } });
    expect((await runsOf(site, handle)).length).toBeGreaterThan(2);
  });

  it('X-05 goes on where it was when its worker is killed right after its history was cut', async () => {
    await approve(handle);
    await untilCut(site, handle);
    await replaceWorker();
    const { planned, chunksDone, users } = await untilProgress(
      handle,
      ({ chunksDone }) => chunksDone > 0,
      'on',
    );
    expect({ planned, users: users.total }).toEqual({ planned: 2 * size + size / 10, users: size });
    expect(chunksDone).toBeLessThan(size);
  });

  it('X-15 is paused, resumed and asked for its plan after the cut', async () => {
    await pauseAndResume(handle);
    const page = await handle.query<PlanPage, [object]>('plan', { offset: 90, limit: 100 });
    expect(page).toMatchObject({ total: 2 * size + size / 10, changes: { length: 10 } });
  });

  it('X-07 still has on its list whom the host refused runs ago, and tries them again', async () => {
    await untilState(handle, 'needs-attention');
    expect(await attentionOf(handle)).toMatchObject([{ user: 'u-003' }, { user: 'u-290' }]);
    await repair(site.sql);
    await handle.executeUpdate('retryAttention');
    expect(await handle.result()).toMatchObject({
      operation: handle.firstExecutionRunId,
      state: 'done',
      counts: { 'membership.remove': size, 'account.retire': size, 'ownership.transfer': size / 10 },
      users: { done: size, unchanged: 0, attention: 0 },
      conflicts: 0,
    });
  });

  it('X-05 ends as if all had been one chunk', async () => {
    const crew = crewOf(size);
    const then = worldWithoutAll(before, crew, admin, new Date());
    expect(timeless(await site.dump(), crew)).toEqual(timeless(then, crew));
  });

  it('D-18 has no history of 2,000 events or 2 MB', async () => {
    const runs = await runsOf(site, handle);
    expect(runs.length).toBeGreaterThan(4);
    expect(Math.max(...runs.map(({ events }) => events))).toBeLessThan(2_000);
    expect(Math.max(...runs.map(({ bytes }) => bytes))).toBeLessThan(2_000_000);
  });
});

describe('an operation whose history has been cut', { timeout: 150_000 }, () => {
  /** Half of the crew is enough for a cut while it is planned. */
  async function startHalf(users: string[]): Promise<Handle> {
    const half = await site.start('deleteUsers', { users, requestedBy: admin, maxShare: 1 });
    await untilCut(site, half);
    await approve(half);
    await untilProgress(half, ({ chunksDone, state }) => state === 'applying' && chunksDone > 5, 'on');
    return half;
  }

  it("X-15 is ended by cancelAfterChunk, and by Temporal's own cancel", async () => {
    await site.load(crewWorld(size));
    const crew = crewOf(size);
    const halves = [crew.slice(0, size / 2), crew.slice(size / 2)];
    const [one, other] = await Promise.all(halves.map(startHalf));
    await one?.executeUpdate('cancelAfterChunk');
    await other?.cancel();
    expect(await one?.result()).toMatchObject({ state: 'cancelled' });
    await expect(other?.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    const deleted = (await site.dump()).users.filter(({ status }) => status === 'deleted');
    for (const [i, half] of [one, other].entries()) {
      const { rows } = await site.sql.query<{ result: OperationResult }>(
        'select result from lms_lifecycle.operation where id = $1',
        [half?.firstExecutionRunId],
      );
      const done = deleted.filter(({ id }) => halves[i]?.includes(id)).length;
      const users = { done, unchanged: size / 2 - done, attention: 0 };
      expect(rows[0]?.result).toMatchObject({ state: 'cancelled', users, conflicts: 0 });
    }
    expect((await site.sql.query('select * from lms_lifecycle.claim')).rows).toEqual([]);
  });
});
