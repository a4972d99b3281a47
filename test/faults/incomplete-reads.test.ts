import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type pg from 'pg';
import type { OperationResult } from '../../contracts/operations.ts';
import { fullLife, fullLifeCounts } from '../scenarios/full-life.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { admin, the } from '../support/world-builder.ts';
import { connect } from './support/connect.ts';
import { eventually } from './support/eventually.ts';
import { closeGates, installGates } from './support/gates.ts';
import { startInnerWorker } from './support/inner-worker.ts';
import type { InnerWorker } from './support/inner-worker.ts';
import { openSite } from './support/site.ts';
import type { Handle, Site } from './support/site.ts';
import { untilRetried, untilWaiting } from './support/until.ts';

/** Every table that the plan of a deletion is made from. */
const tables = [
  'account',
  'membership',
  'user_group',
  'platform',
  'course',
  'course_co_author',
  'path',
  'path_co_author',
  'path_session',
  'session_co_instructor',
  'session_participant',
  'slot',
  'slot_attendee',
];

let site: Site;
let worker: InnerWorker;
let drop: () => Promise<void>;
let locker: pg.Client;

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  await installGates(database.url);
  site = await openSite(database.url, inject('temporalAddress'));
  worker = await startInnerWorker(site, { limits: { statementTimeoutMs: 250 } });
  locker = await connect(database.url);
  await site.load(fullLife());
});
afterAll(async () => {
  await worker.stop();
  await locker.end();
  await site.close();
  await drop();
});

const remove = (more: object): Promise<Handle> =>
  site.start('deleteUser', { user: 'ada', requestedBy: admin, includePrivateSubgroups: true, ...more });

/** Breaks off a read that waits for the table's lock: the connection goes, as a database that is stopped ends it. */
async function breakOff(): Promise<void> {
  const broken = async (): Promise<boolean> => {
    const { rowCount } = await locker.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))`,
    );
    return rowCount !== null && rowCount > 0;
  };
  await eventually(broken, () => 'no read waits');
}

describe('a plan whose reads fail midway', () => {
  let complete: OperationResult;
  beforeAll(async () => {
    complete = (await (await remove({ mode: 'preview' })).result()) as OperationResult;
    expect(complete.counts).toEqual(fullLifeCounts);
  });

  it.each(tables)(
    'X-12 when reading %s is broken off and then times out, is made again and complete',
    async (table) => {
      await locker.query(`begin; lock table lms.${table} in access exclusive mode`);
      const preview = await remove({ mode: 'preview' });
      await breakOff();
      await untilRetried(preview, 2);
      await locker.query('rollback');
      const { counts, planHash, users } = (await preview.result()) as OperationResult;
      expect({ counts, planHash, users }).toEqual({
        counts: complete.counts,
        planHash: complete.planHash,
        users: complete.users,
      });
    },
  );
});

describe('an operation of several chunks', () => {
  const taskQueue = `chunks-${randomUUID()}`;
  const preview = (): Promise<Handle> => {
    const input = { users: ['ada', 'bob', 'gus'], requestedBy: admin, includePrivateSubgroups: true };
    const workflowId = `deleteUsers-${randomUUID()}`;
    const args = [{ ...input, mode: 'preview' }];
    return site.client.workflow.start('deleteUsers', { workflowId, taskQueue, args });
  };
  let small: InnerWorker;
  let complete: OperationResult;
  beforeAll(async () => {
    const limits = { statementTimeoutMs: 250 };
    small = await startInnerWorker(site, { taskQueue, limits, settings: { chunkUsers: 1 } });
    complete = (await (await preview()).result()) as OperationResult;
    expect(complete.users.done).toBe(3);
  });
  afterAll(() => small.stop());

  it.each(['account', 'membership', 'platform'])(
    'X-12 judges all of its users again when reading %s has been broken off and timed out',
    async (table) => {
      await locker.query(`begin; lock table lms.${table} in access exclusive mode`);
      const again = await preview();
      await breakOff();
      await untilRetried(again, 2);
      await locker.query('rollback');
      const { planHash, users } = (await again.result()) as OperationResult;
      expect({ planHash, users }).toEqual({ planHash: complete.planHash, users: complete.users });
    },
  );
});

describe('the look before a chunk begins', () => {
  beforeEach(() => site.load(fullLife()));

  it('X-12 is made again when it is broken off and then times out, and nothing is changed before', async () => {
    const handle = await remove({ approval: 'required' });
    const { planHash } = await untilWaiting(handle);
    const before = await site.dump();
    await handle.executeUpdate('pause');
    await handle.executeUpdate('approve', { args: [{ by: admin, planHash }] });
    await locker.query('begin; lock table lms.platform in access exclusive mode');
    await handle.executeUpdate('resume');
    await breakOff();
    await untilRetried(handle, 2);
    await locker.query(`update lms.platform set owner_id = 'ada'`);
    await locker.query('commit');
    const { counts, attention } = (await handle.result()) as OperationResult;
    expect({ counts, attention }).toMatchObject({
      counts: {},
      attention: [{ type: 'PlatformOwnerProtected' }],
    });
    expect(await site.dump()).toEqual({ ...before, platform: { ...before.platform, owner: 'ada' } });
  });
});

describe('a check whose reads fail after the plan was applied', () => {
  beforeEach(() => site.load(fullLife()));

  it('X-12 finds what came meanwhile, instead of taking no answer for nothing', async () => {
    const closed = await closeGates(site.databaseUrl, ['retireAccounts/within']);
    const handle = await remove({ reason: 'retireAccounts/within' });
    await closed.reached();
    await locker.query('begin; lock table lms.membership in access exclusive mode');
    await locker.query(
      `insert into lms.membership (group_id, user_id, role, since) values ('g-root', 'ada', 'coach', now())`,
    );
    await closed.open();
    await breakOff();
    await untilRetried(handle, 2);
    await locker.query('commit');
    const { state, counts } = (await handle.result()) as OperationResult;
    expect(state).toBe('done');
    expect(counts).toEqual({ ...fullLifeCounts, 'membership.remove': 6 });
    const after = await site.dump();
    expect(after.memberships.filter((membership) => membership.user === 'ada')).toEqual([]);
    expect(the(after.users, 'ada').status).toBe('deleted');
  });
});
