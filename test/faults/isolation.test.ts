import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  it,
  onTestFinished,
} from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import type { Progress } from '../../workflows/messages.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { timeless, worldWithoutAll } from '../support/naive-batch.ts';
import { admin, the } from '../support/world-builder.ts';
import { connect } from './support/connect.ts';
import { attentionOf, crewEnding, crewOf, crewWorld, deleteCrew } from './support/crew.ts';
import type { CrewEnding } from './support/crew.ts';
import { startInnerWorker } from './support/inner-worker.ts';
import type { InnerWorker } from './support/inner-worker.ts';
import { refuse, repair } from './support/refusing-host.ts';
import { openSite } from './support/site.ts';
import type { Handle, Site } from './support/site.ts';
import { untilState } from './support/until.ts';

/** One chunk. */
const size = 500;
const crew = crewOf(size);

let site: Site;
let worker: InnerWorker;
let drop: () => Promise<void>;
let before: World;
/** What all the others come to when nothing refuses. */
let model: CrewEnding;

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  site = await openSite(database.url, inject('temporalAddress'));
  const settings = { approvalAbove: size };
  worker = await startInnerWorker(site, { settings, limits: { lockTimeoutMs: 250 } });
  await site.load(crewWorld(size));
  before = await site.dump();
  model = await crewEnding(site, await deleteCrew(site, size), size);
  expect(model.answer).toMatchObject({ state: 'done', users: { done: size } });
  expect(model.world).toEqual(timeless(worldWithoutAll(before, crew, admin, new Date()), crew));
});
beforeEach(() => site.load(crewWorld(size)));
afterEach(() => repair(site.sql));
afterAll(async () => {
  await worker.stop();
  await site.close();
  await drop();
});

/** Deletes the crew; returns when everybody is done whom the host does not refuse. */
async function startRefused(): Promise<Handle> {
  const handle = await deleteCrew(site, size);
  onTestFinished(async () => {
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') await handle.terminate('its test has failed');
  });
  await untilState(handle, 'needs-attention');
  return handle;
}

/** The list names these and only these, by line, with nothing of what the host has quoted. */
async function expectListed(handle: Handle, users: readonly string[], code: string): Promise<void> {
  const listed = await attentionOf(handle);
  expect(listed.map(({ line, user, type }) => ({ line, user, type }))).toEqual(
    users.map((user) => ({ line: 1 + crew.indexOf(user), user, type: 'Unexpected' })),
  );
  for (const { user, message } of listed) {
    expect(message).toMatch(
      new RegExp(`^user ${user}: the host refused the change: database error ${code}(, [a-z]+ \\w+)*$`),
    );
  }
}

/** The others have gone, and of those on the list is left what had not been done before the host refused. */
async function expectOthersGone(listed: readonly string[], edit: (then: World) => void = () => undefined) {
  const others = crew.filter((user) => !listed.includes(user));
  const then = worldWithoutAll(before, others, admin, new Date());
  edit(then);
  expect(timeless(await site.dump(), others)).toEqual(timeless(then, others));
}

async function expectAsUndisturbed(handle: Handle): Promise<void> {
  expect(await crewEnding(site, handle, size)).toEqual(model);
}

describe('a host that refuses to change', () => {
  it('X-07 one user of five hundred: the others finish, and the one is done when tried again', async () => {
    await refuse(site.sql, 'membership', ['u-123']);
    const handle = await startRefused();
    await expectListed(handle, ['u-123'], 'P0001');
    await expectOthersGone(['u-123']);
    await repair(site.sql);
    await handle.executeUpdate('retryAttention');
    await expectAsUndisturbed(handle);
  });

  it('X-07 three users at three different steps: each keeps what had not been done before', async () => {
    await refuse(site.sql, 'course', ['u-010']);
    await refuse(site.sql, 'membership', ['u-251', 'u-499']);
    await refuse(site.sql, 'account', ['u-500']);
    const listed = ['u-010', 'u-251', 'u-499', 'u-500'];
    const handle = await startRefused();
    await expectListed(handle, listed, 'P0001');
    await expectOthersGone(listed, (then) => {
      then.memberships = then.memberships.filter(({ user }) => user !== 'u-500');
      the(then.courses, 'c-u-500').mainAuthor = admin;
    });
    await repair(site.sql);
    await handle.executeUpdate('retryAttention');
    await expectAsUndisturbed(handle);
  });

  it('X-07 a user only when everything is to be committed', async () => {
    await refuse(site.sql, 'account', ['u-077'], 'at commit');
    const handle = await startRefused();
    await expectListed(handle, ['u-077'], 'P0001');
    await expectOthersGone(['u-077'], (then) => {
      then.memberships = then.memberships.filter(({ user }) => user !== 'u-077');
    });
    await repair(site.sql);
    await handle.executeUpdate('retryAttention');
    await expectAsUndisturbed(handle);
  });

  it('D-18 one user, who is then done: the progress counts each chunk and each user once', async () => {
    await refuse(site.sql, 'membership', ['u-123']);
    const handle = await startRefused();
    const isolated = await handle.query<Progress>('progress');
    expect(isolated).toMatchObject({ chunks: 1, chunksDone: 1, applied: 2 * (size - 1) + size / 10 });
    await repair(site.sql);
    await handle.executeUpdate('retryAttention');
    await handle.result();
    const progress = await handle.query<Progress>('progress');
    expect(progress).toMatchObject({ chunks: 1, chunksDone: 1, users: { total: size, done: size } });
    expect(progress.applied).toBe(progress.planned);
  });

  it('X-07 two users whose rows somebody has locked for long', async () => {
    const somebody = await connect(site.databaseUrl);
    onTestFinished(() => somebody.end());
    await somebody.query(`begin; select from lms.membership where user_id = 'u-321' for update;
      select from lms.account where id = 'u-450' for update`);
    const handle = await startRefused();
    await expectListed(handle, ['u-321', 'u-450'], '55P03');
    await expectOthersGone(['u-321', 'u-450'], (then) => {
      then.memberships = then.memberships.filter(({ user }) => user !== 'u-450');
      the(then.courses, 'c-u-450').mainAuthor = admin;
    });
    await somebody.query('rollback');
    await handle.executeUpdate('retryAttention');
    await expectAsUndisturbed(handle);
  });

  it('X-07 anybody, because a trigger is broken: nothing is changed until that is repaired', async () => {
    await refuse(site.sql, 'membership');
    const handle = await startRefused();
    await expectListed(handle, crew.slice(0, 100), '42883');
    await expectOthersGone(crew, (then) => {
      for (const course of then.courses) course.mainAuthor = admin;
    });
    await handle.executeUpdate('retryAttention');
    await untilState(handle, 'needs-attention');
    await expectListed(handle, crew.slice(0, 100), '42883');
    await repair(site.sql);
    await handle.executeUpdate('retryAttention');
    await expectAsUndisturbed(handle);
  });

  it('X-07 anybody, each for a reason of their own', async () => {
    await refuse(site.sql, 'account', crew);
    const handle = await startRefused();
    await expectListed(handle, crew.slice(0, 100), 'P0001');
    await repair(site.sql);
    await handle.executeUpdate('retryAttention');
    await expectAsUndisturbed(handle);
  });

  it.each(['skipAttention', 'cancelAfterChunk'])(
    'X-07 some users: %s ends it and lets them go',
    async (end) => {
      await refuse(site.sql, 'membership', ['u-007', 'u-008']);
      const handle = await startRefused();
      await handle.executeUpdate(end);
      const { state, users, attention } = (await handle.result()) as OperationResult;
      expect({ state, users, lines: attention.map(({ line }) => line) }).toEqual({
        state: end === 'skipAttention' ? 'done' : 'cancelled',
        users: { done: size - 2, unchanged: 0, attention: 2 },
        lines: [7, 8],
      });
      await expectOthersGone(['u-007', 'u-008']);
      const left = `select distinct state from lms_lifecycle.change where operation_id = $1 and user_id in ('u-007', 'u-008')`;
      expect((await site.sql.query(left, [handle.firstExecutionRunId])).rows).toEqual([{ state: 'skipped' }]);
      expect((await site.sql.query('select * from lms_lifecycle.claim')).rows).toEqual([]);
      await repair(site.sql);
      const rest = (await (await deleteCrew(site, size)).result()) as OperationResult;
      expect(rest.users).toEqual({ done: 2, unchanged: size - 2, attention: 0 });
    },
  );
});
