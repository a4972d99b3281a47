import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { referenceHost } from '../../adapters/reference/reference-host.ts';
import { startOnce } from '../../client/start-once.ts';
import { openDatabase } from '../../database/pool.ts';
import { forgetDeliveries } from '../../ledger/inbox.ts';
import { instanceId } from '../../ledger/imports.ts';
import { missingMigrations } from '../../ledger/migrate.ts';
import { historyText } from '../support/history-text.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { the, world } from '../support/world-builder.ts';
import type { Given } from '../support/world-builder.ts';
import { openInbox, operationsOf } from './support/inbox-lab.ts';
import type { InboxLab } from './support/inbox-lab.ts';

let lab: Lab;
let inbox: InboxLab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());
beforeEach(async () => {
  await lab.sql.query('delete from lms_lifecycle.inbox');
  await lab.load(world(given));
});
afterEach(() => inbox.stop());

const given: Given = {
  users: [{ id: 'ann' }, { id: 'bob' }, { id: 'cyd', profile: { team: 'sales' } }],
  groups: [{ id: 'g-sales', smartRule: { '==': [{ var: 'team' }, 'sales'] } }],
  members: [
    ['ann', 'learner', 'g-one'],
    ['ann', 'learner', 'g-two'],
    ['ann', 'learner', 'g-three'],
    ['bob', 'learner', 'g-one'],
    ['bob', 'learner', 'g-two'],
  ],
};

const deleted = (user: string): object => ({ type: 'user.deleted', data: { user: { id: user } } });
const left = (user: unknown, group: string): object => ({
  type: 'group.member_removed',
  data: { group, user },
});

async function statusOf(user: string): Promise<string> {
  return the((await lab.dump()).users, user).status;
}

/** The workflow of a delivery with one event. */
async function workflowIdOf(messageId: string): Promise<string> {
  const instance = await instanceId(lab.sql);
  return `webhook:lms:${messageId}:0@${instance.slice(0, 8)}`;
}

async function groupsOf(user: string): Promise<string[]> {
  const { memberships } = await lab.dump();
  return memberships.flatMap((row) => (row.user === user ? [row.group] : [])).sort();
}

describe('a delivery', () => {
  it('HTTP starts one operation, as the system, triggered by a webhook; again it starts nothing, and what it told is forgotten', async () => {
    inbox = await openInbox(lab);
    const id = await inbox.send(deleted('ann'));
    await inbox.send(deleted('ann'), id);
    expect(await inbox.settled(id)).toMatchObject({
      state: 'started',
      events: [{ operation: 'done', tries: 1 }],
    });
    await inbox.send(deleted('bob'), id);
    expect(await operationsOf(lab)).toEqual([
      { kind: 'deleteUser', workflowId: await workflowIdOf(id), requestedBy: 'system', trigger: 'webhook' },
    ]);
    expect([await statusOf('ann'), await statusOf('bob')]).toEqual(['deleted', 'active']);
    expect(await inbox.row(id)).toEqual({ state: 'started', payload: null, problem: null });
  });

  it('HTTP of a type that means nothing is recorded as ignored, and starts nothing', async () => {
    inbox = await openInbox(lab);
    const id = await inbox.send({ type: 'course.published', data: {} });
    expect(await inbox.row(id)).toEqual({ state: 'ignored', payload: null, problem: null });
    expect(await operationsOf(lab)).toEqual([]);
  });

  it('HTTP of several events starts one operation for each', async () => {
    inbox = await openInbox(lab);
    const data = [deleted('ann'), { type: 'course.published', data: {} }, left({ id: 'bob' }, 'g-two')];
    const id = await inbox.send({ type: 'batch', data });
    expect(await inbox.settled(id)).toMatchObject({
      state: 'started',
      events: [{ operation: 'done' }, { state: 'ignored', workflow_id: null }, { operation: 'done' }],
    });
    const parts = (await operationsOf(lab)).map(({ workflowId }) => workflowId.split(/[:@]/)[3]);
    expect(parts).toEqual(['0', '2']);
    expect(await groupsOf('bob')).toEqual(['g-one']);
  });

  it('X-04 a deletion that was requested waits for approval', async () => {
    inbox = await openInbox(lab);
    const id = await inbox.send({ type: 'user.deletion_requested', data: { user: { id: 'ann' } } });
    const workflowId = await workflowIdOf(id);
    const stands = (): Promise<unknown> =>
      lab.sql.query('select state from lms_lifecycle.operation where workflow_id = $1', [workflowId]);
    await expect
      .poll(stands, { timeout: 20_000 })
      .toMatchObject({ rows: [{ state: 'waiting-for-approval' }] });
    expect(await statusOf('ann')).toBe('active');
    await lab.client.workflow
      .getHandle(workflowId)
      .executeUpdate('reject', { args: [{ by: 'u-admin', reason: 'no' }] });
    await inbox.settled(id);
  });

  it('C-04 a profile that was updated: smart groups are judged by what the database says, not by the event', async () => {
    inbox = await openInbox(lab);
    const profile = { team: 'support' };
    await inbox.settled(
      await inbox.send({ type: 'user.profile_updated', data: { user: { id: 'cyd' }, profile } }),
    );
    expect(await groupsOf('cyd')).toEqual(['g-sales']);
    expect(the((await lab.dump()).users, 'cyd').profile).toEqual({ team: 'sales' });
  });

  it('X-10 emails are resolved, or stored as a list: none is in Temporal, nor kept when it is over', async () => {
    inbox = await openInbox(lab);
    const first = await inbox.send({ type: 'user.deleted', data: { user: { email: 'BOB@example.org' } } });
    const users = [{ email: 'ann@example.org' }, 'nobody@example.org'];
    const second = await inbox.send({ type: 'group.member_removed', data: { group: 'g-one', users } });
    expect(await inbox.settled(first)).toMatchObject({ events: [{ operation: 'done' }] });
    expect(await inbox.settled(second)).toMatchObject({ events: [{ operation: 'done' }] });
    expect(await statusOf('bob')).toBe('deleted');
    expect(await groupsOf('ann')).toEqual(['g-three', 'g-two']);
    for (const id of [first, second]) {
      expect(await historyText(lab.client, await workflowIdOf(id))).not.toMatch(/@example\.org/i);
    }
    const { rows } = await lab.sql.query(`select from lms_lifecycle.stored_list where source = 'webhook'`);
    expect(rows).toEqual([]);
  });

  it('X-10 an id of a delivery that looks like an address does not get into Temporal', async () => {
    inbox = await openInbox(lab);
    await inbox.send(deleted('ann'), 'ann@example.org/1');
    await inbox.settled('ann@example.org/1');
    expect((await operationsOf(lab)).map(({ workflowId }) => workflowId)).toEqual([
      expect.stringMatching(/^webhook:lms:\+[0-9a-f]{64}:0@[0-9a-f]{8}$/),
    ]);
  });

  it('HTTP that names nobody is failed, and says why without saying whom', async () => {
    inbox = await openInbox(lab);
    const id = await inbox.send({ type: 'user.deleted', data: { user: { email: 'nobody@example.org' } } });
    expect(await inbox.settled(id)).toMatchObject({ state: 'failed', problem: 'its user is nobody' });
    expect(await inbox.row(id)).toMatchObject({ payload: null });
  });

  it('D-20 that comes after the user was reinstated, and is older, deletes nobody', async () => {
    inbox = await openInbox(lab);
    const timestamp = new Date(Date.now() - 60_000).toISOString();
    await inbox.settled(await inbox.send(deleted('ann')));
    await lab.run('reinstateUser', { user: { id: 'ann' }, requestedBy: 'u-admin' });
    const late = await inbox.send({ ...deleted('ann'), timestamp });
    expect(await inbox.settled(late)).toMatchObject({ state: 'ignored', events: [{ workflow_id: null }] });
    expect(await statusOf('ann')).toBe('active');
  });

  it('G-01 that is late removes nobody who was added to the group again since, and all others', async () => {
    const since = '2026-03-02T00:00:00Z';
    const before = (given.members ?? []).filter(([user, , group]) => user !== 'ann' || group !== 'g-one');
    await lab.load(world({ ...given, members: [...before, ['ann', 'learner', 'g-one', since]] }));
    inbox = await openInbox(lab);
    const users = [{ email: 'ANN@example.org' }, { id: 'bob' }];
    const both = { type: 'group.member_removed', data: { group: 'g-one', users } };
    const late = { ...both, timestamp: '2026-03-01T12:00:00Z' };
    expect(await inbox.settled(await inbox.send(late))).toMatchObject({ events: [{ operation: 'done' }] });
    expect([await groupsOf('ann'), await groupsOf('bob')]).toEqual([
      ['g-one', 'g-three', 'g-two'],
      ['g-two'],
    ]);
    const nobody = { ...left('ann', 'g-one'), timestamp: '2026-03-01T12:00:00Z' };
    expect(await inbox.settled(await inbox.send(nobody))).toMatchObject({
      state: 'ignored',
      problem: 'its users came to the group after it',
    });
    const newer = { ...left('ann', 'g-one'), timestamp: '2026-03-02T12:00:00Z' };
    expect(await inbox.settled(await inbox.send(newer))).toMatchObject({ events: [{ operation: 'done' }] });
    expect(await groupsOf('ann')).toEqual(['g-three', 'g-two']);
  });

  it('X-11 whose operation is terminated by hand is failed, and is not started again', async () => {
    inbox = await openInbox(lab);
    const id = await inbox.send({ type: 'user.deletion_requested', data: { user: { id: 'ann' } } });
    const workflow = lab.client.workflow.getHandle(await workflowIdOf(id));
    const stands = (): Promise<unknown> =>
      lab.sql.query('select state from lms_lifecycle.operation where workflow_id = $1', [
        workflow.workflowId,
      ]);
    await expect
      .poll(stands, { timeout: 20_000 })
      .toMatchObject({ rows: [{ state: 'waiting-for-approval' }] });
    await workflow.terminate();
    expect(await inbox.settled(id)).toMatchObject({
      state: 'failed',
      problem: 'its workflow was terminated, or is lost',
      events: [{ state: 'failed', tries: 1 }],
    });
    expect(await statusOf('ann')).toBe('active');
    expect(await inbox.settled(await inbox.send(deleted('ann')))).toMatchObject({
      events: [{ operation: 'done' }],
    });
  });
});

describe('exactly one operation', () => {
  it('X-05 although the dispatcher dies between starting it and noting that', async () => {
    let deaths = 0;
    inbox = await openInbox(lab, {
      start: async (request) => {
        await startOnce(lab.client, { ...request, taskQueue: lab.taskQueue });
        if ((deaths += 1) <= 2) throw new Error('died');
      },
    });
    const id = await inbox.send({ type: 'batch', data: [deleted('ann'), deleted('bob')] });
    expect(await inbox.settled(id)).toMatchObject({ state: 'started' });
    expect(deaths).toBeGreaterThanOrEqual(2);
    expect(await operationsOf(lab)).toHaveLength(2);
  });

  it('X-05 although Temporal has forgotten that it was started: the ledger has not', async () => {
    let starts = 0;
    inbox = await openInbox(lab, {
      start: async (request) => {
        starts += 1;
        await startOnce(lab.client, { ...request, taskQueue: lab.taskQueue });
      },
    });
    const id = await inbox.send(deleted('ann'));
    await inbox.settled(id);
    await lab.sql.query('delete from lms_lifecycle.inbox');
    await inbox.send(deleted('ann'), id);
    await inbox.settled(id);
    expect(starts).toBe(1);
  });

  it('X-05 although it was started before instances were told apart, whether or not that was noted', async () => {
    let starts = 0;
    inbox = await openInbox(lab, {
      start: async (request) => {
        starts += 1;
        const [workflowId = ''] = request.workflowId.split('@');
        await startOnce(lab.client, { ...request, workflowId, taskQueue: lab.taskQueue });
        if (starts === 1) throw new Error('died');
      },
    });
    const id = await inbox.send(deleted('ann'));
    const earlier = `webhook:lms:${id}:0`;
    expect(await inbox.settled(id)).toMatchObject({ events: [{ workflow_id: earlier, operation: 'done' }] });
    await lab.sql.query('delete from lms_lifecycle.inbox');
    await inbox.send(deleted('ann'), id);
    expect(await inbox.settled(id)).toMatchObject({ events: [{ workflow_id: earlier }] });
    expect(starts).toBe(1);
  });

  it('X-05 for each of two instances that share Temporal and name their sources and deliveries alike', async () => {
    inbox = await openInbox(lab);
    const neighbour = await openLab();
    await neighbour.load(world(given));
    // Databases of tests are copies of one, and so is what tells them apart.
    await neighbour.sql.query('update lms_lifecycle.instance set id = gen_random_uuid()::text');
    const theirs = await openInbox(neighbour);
    const id = await inbox.send(deleted('ann'));
    await theirs.send(deleted('ann'), id);
    for (const one of [inbox, theirs]) {
      expect(await one.settled(id)).toMatchObject({ events: [{ operation: 'done' }] });
    }
    await theirs.stop();
    await neighbour.close();
  });

  it('X-05 although two dispatchers work on one inbox', async () => {
    inbox = await openInbox(lab);
    const other = await openInbox(lab);
    const starts = Array.from({ length: 30 }, (_, i) =>
      (i % 2 ? inbox : other).send(left({ id: 'bob' }, `g-${i}`)),
    );
    const ids = await Promise.all(starts);
    for (const id of ids) expect(await inbox.settled(id)).toMatchObject({ events: [{ tries: 1 }] });
    expect(await operationsOf(lab)).toHaveLength(30);
    await other.stop();
  });

  it('X-05 once Temporal is back, having been away', async () => {
    let away = true;
    inbox = await openInbox(lab, {
      start: (request) =>
        away
          ? Promise.reject(new Error('UNAVAILABLE'))
          : startOnce(lab.client, { ...request, taskQueue: lab.taskQueue }),
    });
    const ids = await Promise.all([inbox.send(deleted('ann')), inbox.send(deleted('bob'))]);
    await expect
      .poll(() => inbox.row(ids[0]))
      .toMatchObject({ state: 'received', problem: expect.any(String) });
    away = false;
    for (const id of ids) expect(await inbox.settled(id)).toMatchObject({ state: 'started' });
    expect(await operationsOf(lab)).toHaveLength(2);
  });

  it('X-11 that others stood in the way of is tried again until it gets its turn', async () => {
    inbox = await openInbox(lab);
    const held = await lab.start('deleteUser', {
      user: { id: 'ann' },
      requestedBy: 'u-admin',
      approval: 'required',
    });
    const waits = (): Promise<{ state: string }> => held.query('progress');
    await expect.poll(waits, { timeout: 20_000 }).toMatchObject({ state: 'waiting-for-approval' });
    const id = await inbox.send(left({ id: 'ann' }, 'g-one'));
    const tries = (): Promise<unknown> =>
      lab.sql.query('select tries > 1 as again from lms_lifecycle.inbox_event');
    await expect.poll(tries, { timeout: 20_000 }).toMatchObject({ rows: [{ again: true }] });
    await held.update('reject', { by: 'u-admin', reason: 'not now' });
    expect(await inbox.settled(id)).toMatchObject({ state: 'started', problem: null });
    expect(await groupsOf('ann')).toEqual(['g-three', 'g-two']);
  });

  it('X-11 that others stand in the way of for ever is failed in the end', async () => {
    const pace = { pollMs: 30, firstRetryMs: 10, mostRetryMs: 20, maxTries: 2 };
    inbox = await openInbox(lab, { pace });
    const held = await lab.start('deleteUser', {
      user: { id: 'ann' },
      requestedBy: 'u-admin',
      approval: 'required',
    });
    const waits = (): Promise<{ state: string }> => held.query('progress');
    await expect.poll(waits, { timeout: 20_000 }).toMatchObject({ state: 'waiting-for-approval' });
    const id = await inbox.send(left({ id: 'ann' }, 'g-one'));
    expect(await inbox.settled(id)).toMatchObject({ state: 'failed', problem: 'OperationInProgress' });
    await held.update('reject', { by: 'u-admin', reason: 'not now' });
  });
});

it('HTTP the role that docs/operations.md names may do all that the server does', async () => {
  const role = `server_${randomUUID().replaceAll('-', '')}`;
  await lab.sql.query(`
    create role ${role} login password 'secret';
    grant usage on schema lms_lifecycle, lms to ${role};
    grant select, insert, update, delete on lms_lifecycle.inbox, lms_lifecycle.inbox_event, lms_lifecycle.stored_list,
      lms_lifecycle.stored_list_line to ${role};
    grant select on lms_lifecycle.operation, lms_lifecycle.operation_target, lms_lifecycle.change,
      lms_lifecycle.migration, lms_lifecycle.instance, lms.account, lms.membership, lms.user_group,
      lms.platform to ${role};`);
  const url = new URL(lab.databaseUrl);
  [url.username, url.password] = [role, 'secret'];
  inbox = await openInbox({ ...lab, databaseUrl: url.href });
  const users = [{ email: 'ann@example.org' }, { id: 'bob' }];
  const data = [
    { ...deleted('ann'), timestamp: new Date().toISOString() },
    { type: 'group.member_removed', timestamp: new Date().toISOString(), data: { group: 'g-one', users } },
  ];
  const id = await inbox.send({ type: 'batch', data });
  expect(await inbox.settled(id)).toMatchObject({ events: [{ operation: 'done' }, { operation: 'done' }] });
  const asRole = openDatabase(url.href, {
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 5_000,
    maxConnections: 1,
  });
  expect(await asRole.transaction(missingMigrations)).toEqual([]);
  expect(await asRole.transaction((sql) => forgetDeliveries(sql, 0, 10))).toBe(1);
  expect(await asRole.transaction((sql) => referenceHost.preflight(sql))).toEqual([]);
  await asRole.close();
  await inbox.stop();
  await lab.sql.query(`drop owned by ${role}; drop role ${role}`);
  inbox = await openInbox(lab);
});

it('HTTP the inbox forgets what is old and over, some at a time, and nothing else', async () => {
  inbox = await openInbox(lab, { pace: { pollMs: 60_000 } });
  await lab.sql.query(`
    insert into lms_lifecycle.inbox (source, message_id, type, payload, state, received_at, due_at)
    select 'lms', 'old-' || n, 't', null::jsonb, 'ignored', now() - interval '91 days', now() from generate_series(1, 3) n
    union all select 'lms', 'new', 't', null, 'ignored', now() - interval '89 days', now()
    union all select 'lms', 'waiting', 't', '[]', 'received', now() - interval '91 days', now() + interval '1 day'
    union all select 'lms', 'open', 't', null, 'started', now() - interval '91 days', now()`);
  await lab.sql.query(`
    insert into lms_lifecycle.inbox_event (inbox_id, part, type, state, workflow_id, settled)
    select id, 0, 't', 'started', 'w', false from lms_lifecycle.inbox where message_id = 'open'`);
  expect([await forgetDeliveries(lab.sql, 90, 2), await forgetDeliveries(lab.sql, 90, 2)]).toEqual([2, 1]);
  const { rows } = await lab.sql.query('select message_id from lms_lifecycle.inbox order by 1');
  expect(rows.map((row) => row['message_id'])).toEqual(['new', 'open', 'waiting']);
});
