import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Attention, OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab, Running } from '../support/lab.ts';
import { timeless, worldWithoutAll } from '../support/naive-batch.ts';
import { admin, owner, world } from '../support/world-builder.ts';
import { failureOf, pause, startWaiting, untilState } from './steps.ts';
import type { Input, Progress } from './steps.ts';

/** One with many small chunks, done one after the other, and one that takes a crowd at once. */
let lab: Lab;
let big: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 2, window: 1 });
  big = await openLab({ chunkUsers: 50 });
}, 120_000);
afterAll(() => Promise.all([lab.close(), big.close()]));

interface BatchProgress extends Progress {
  planned: number;
  applied: number;
  chunks: number;
  chunksDone: number;
  users: { total: number; done: number };
  paused: boolean;
}

/** `u-001`, `u-002` and so on: learners of one group, beside the platform's owner and admin. */
function crew(size: number): string[] {
  return Array.from({ length: size }, (_, index) => `u-${String(index + 1).padStart(3, '0')}`);
}

function crowd(size: number, deleted: string[] = []): World {
  return world({ deleted, members: crew(size).map((id) => [id, 'learner', 'g-crew'] as const) });
}

function by(users: unknown, more: Input = {}): Input {
  return { users, requestedBy: admin, ...more };
}

/** Exactly those are deleted of the world as it was, and nothing else has happened. */
async function expectGone(before: World, gone: string[], where = lab): Promise<void> {
  expect(timeless(await where.dump(), gone)).toEqual(worldWithoutAll(before, gone, admin, new Date()));
}

function deletedOf(then: World): string[] {
  return then.users.filter((user) => user.status === 'deleted').map((user) => user.id);
}

function progressOf(running: Running): Promise<BatchProgress> {
  return running.query<BatchProgress>('progress');
}

async function untilChunksDone(running: Running, chunks: number): Promise<void> {
  const done = async (): Promise<number> => (await progressOf(running)).chunksDone;
  await expect.poll(done, { timeout: 30_000 }).toBeGreaterThanOrEqual(chunks);
}

async function untilApproval(where: Lab, input: Input): Promise<{ running: Running; planHash: string }> {
  const running = await where.start('deleteUsers', input);
  const { planHash } = await untilState(running, 'waiting-for-approval');
  return { running, planHash };
}

describe('the guard', () => {
  async function expectGuarded(where: Lab, input: Input): Promise<void> {
    const before = await where.dump();
    await failureOf(where.run('deleteUsers', input), 'GuardExceeded');
    expect(await where.dump()).toEqual(before);
  }

  it('X-03 maxUsers stops a list with more users to change, in whatever chunk, before the first change', async () => {
    await lab.load(crowd(7, ['old', 'ex']));
    const before = await lab.dump();
    await expectGuarded(lab, by(crew(7), { maxUsers: 6 }));
    await expectGuarded(lab, by(crew(1), { maxUsers: 0 }));
    // Neither duplicates nor the deleted nor the refused are reached.
    const users = [...crew(7), 'old', 'ex', 'u-001', 'nobody', owner];
    const result = await lab.run('deleteUsers', by(users, { maxUsers: 7 }));
    expect(result.users).toEqual({ done: 7, unchanged: 3, attention: 2 });
    await expectGone(before, crew(7));
  });

  it('X-03 maxShare, a fifth when not given, stops a list of more than 100 users', async () => {
    await big.load(crowd(150));
    await expectGuarded(big, by(crew(101)));
    await expectGuarded(big, by(crew(150), { maxShare: 0.98 }));
    await expectGuarded(big, by(crew(101), { maxShare: 1, maxUsers: 100 }));
  });

  it('X-03 maxShare is of the living, and is not exceeded by being reached', async () => {
    await big.load(crowd(150));
    const before = await big.dump();
    // 114 of the 152 living are three quarters.
    await expectGuarded(big, by(crew(115), { maxShare: 0.75 }));
    const { running, planHash } = await untilApproval(big, by(crew(114), { maxShare: 0.75 }));
    await running.update('reject', { by: admin, planHash, reason: 'seen enough' });
    await failureOf(running.result(), 'ApprovalRejected');
    expect(await big.dump()).toEqual(before);
  });

  it('X-03 maxShare of an undo is of those who live then: all may come back', async () => {
    await big.load(crowd(150));
    const before = await big.dump();
    const { running, planHash } = await untilApproval(big, by(crew(150), { maxShare: 1 }));
    await running.update('approve', { by: admin, planHash });
    const { operation } = await running.result();
    const input = { operation, requestedBy: admin };
    await failureOf(big.run('undoOperation', input), 'GuardExceeded');
    const undone = await big.start('undoOperation', { ...input, maxShare: 1 });
    const waiting = await untilState(undone, 'waiting-for-approval');
    await undone.update('approve', { by: admin, planHash: waiting.planHash });
    expect((await undone.result()).users.done).toBe(150);
    expect(await big.dump()).toEqual(before);
  });

  it('X-03 maxShare says nothing of 100 users, for whom X-04 asks for no approval either', async () => {
    await big.load(crowd(150));
    const before = await big.dump();
    const result = await big.run('deleteUsers', by([...crew(100), 'u-001', 'nobody'], { maxShare: 0 }));
    expect(result.users).toEqual({ done: 100, unchanged: 1, attention: 1 });
    await expectGone(before, crew(100), big);
  });
});

describe('approval and preview', () => {
  it('X-04 above 100 users an approval is waited for unasked, and bound to the plan', async () => {
    await big.load(crowd(150));
    const before = await big.dump();
    const { running, planHash } = await untilApproval(big, by(crew(101), { maxShare: 1 }));
    const waiting = { planned: 202, applied: 0, chunks: 3, chunksDone: 0, users: { total: 101, done: 0 } };
    expect(await progressOf(running)).toMatchObject(waiting);
    await failureOf(running.update('approve', { by: admin, planHash: '0'.repeat(64) }));
    await failureOf(running.update('approve', { by: 'u-102', planHash }));
    await untilState(running, 'waiting-for-approval');
    expect(await big.dump()).toEqual(before);
    await running.update('approve', { by: owner, planHash });
    expect(await running.result()).toMatchObject({ state: 'done', planHash, users: { done: 101 } });
    await expectGone(before, crew(101), big);
  });

  it('X-02 goes through by the hash of its preview, but stops before any chunk when one user has changed', async () => {
    await lab.load(crowd(7));
    const { planHash } = await lab.run('deleteUsers', by(crew(7), { mode: 'preview' }));
    await lab.sql.query(
      `insert into lms.membership (group_id, user_id, role, since) values ('g-root', 'u-006', 'coach', now())`,
    );
    const before = await lab.dump();
    const { message } = await failureOf(lab.run('deleteUsers', by(crew(7), { planHash })), 'PlanChanged');
    expect(message).toContain('g-root');
    await failureOf(lab.run('deleteUsers', by(crew(6), { planHash })), 'PlanChanged');
    expect(await lab.dump()).toEqual(before);
    await lab.sql.query(`delete from lms.membership where role = 'coach'`);
    expect(await lab.run('deleteUsers', by(crew(7), { planHash }))).toMatchObject({
      state: 'done',
      planHash,
    });
  });
});

describe('control while it runs', () => {
  const all = crew(12);

  /** Six chunks, at a pace that leaves about a second for each. */
  async function startSlowly(): Promise<{ running: Running; before: World }> {
    await lab.load(crowd(12));
    const before = await lab.dump();
    const { running, planHash } = await untilApproval(lab, by(all, { approval: 'required' }));
    await running.update('setPace', { usersPerSecond: 2 });
    await running.update('approve', { by: admin, planHash });
    return { running, before };
  }

  it('X-15 paused it stands still between two chunks, and resumed it does the rest', async () => {
    const { running, before } = await startSlowly();
    await untilChunksDone(running, 1);
    await running.update('pause');
    await untilState(running, 'paused');
    const { chunksDone, users, paused } = await progressOf(running);
    const still = await lab.dump();
    expect({ users, paused }).toEqual({ users: { total: 12, done: 2 * chunksDone }, paused: true });
    expect(chunksDone).toBeLessThan(6);
    expect(deletedOf(still)).toHaveLength(2 * chunksDone);
    await expectGone(before, deletedOf(still));
    await pause(1_500);
    expect(await lab.dump()).toEqual(still);
    await running.update('resume');
    expect(await running.result()).toMatchObject({ state: 'done', users: { done: 12 } });
    await expectGone(before, all);
  });

  it('X-15 paused while it waits for approval, it does nothing once approved until it is resumed', async () => {
    await lab.load(crowd(5));
    const before = await lab.dump();
    const { running, planHash } = await untilApproval(lab, by(crew(5), { approval: 'required' }));
    await running.update('pause');
    expect((await progressOf(running)).paused).toBe(true);
    await running.update('approve', { by: admin, planHash });
    await untilState(running, 'paused');
    await pause(500);
    expect(await lab.dump()).toEqual(before);
    await running.update('resume');
    expect((await running.result()).users.done).toBe(5);
    expect(await progressOf(running)).toMatchObject({ state: 'done', paused: false });
    await expectGone(before, crew(5));
  });

  it('X-15 cancelled it finishes its chunk, leaves the rest untouched and lets them go', async () => {
    const { running, before } = await startSlowly();
    await untilChunksDone(running, 2);
    await running.update('cancelAfterChunk');
    const { state, users, counts } = await running.result();
    expect(state).toBe('cancelled');
    expect(users).toEqual({ done: users.done, unchanged: 12 - users.done, attention: 0 });
    expect(counts).toEqual({ 'membership.remove': users.done, 'account.retire': users.done });
    const gone = deletedOf(await lab.dump());
    expect(gone).toHaveLength(users.done);
    expect([4, 6, 8, 10]).toContain(users.done);
    await expectGone(before, gone);
    const rest = await lab.run('deleteUsers', by(all));
    expect(rest.users).toEqual({ done: 12 - users.done, unchanged: users.done, attention: 0 });
    await expectGone(before, all);
  });

  it('X-15 cancelled while it is paused it ends as it is', async () => {
    await lab.load(crowd(5));
    const before = await lab.dump();
    const { running, planHash } = await untilApproval(lab, by(crew(5), { approval: 'required' }));
    await running.update('pause');
    await running.update('approve', { by: admin, planHash });
    await untilState(running, 'paused');
    await running.update('cancelAfterChunk');
    const nothing = { counts: {}, users: { done: 0, unchanged: 5, attention: 0 } };
    expect(await running.result()).toMatchObject({ state: 'cancelled', ...nothing });
    expect(await lab.dump()).toEqual(before);
  });

  it('X-15 goes no faster than its pace, and at full speed again once that is taken away', async () => {
    const { running, before } = await startSlowly();
    const began = Date.now();
    await untilChunksDone(running, 3);
    // Between the first chunk and the end of the third lie two users a second, twice.
    expect(Date.now() - began).toBeGreaterThan(1_500);
    await running.update('setPace', { usersPerSecond: 0.5 });
    await running.update('setPace', { usersPerSecond: null });
    const freed = Date.now();
    expect((await running.result()).users.done).toBe(12);
    expect(Date.now() - freed).toBeLessThan(10_000);
    await expectGone(before, all);
  });

  it.each<[unknown]>([
    [{ usersPerSecond: 0 }],
    [{ usersPerSecond: -1 }],
    [{ usersPerSecond: '5' }],
    [{ usersPerSecond: true }],
    [{}],
    [null],
    [undefined],
    [5],
  ])('X-15 setPace is refused with %j, and what runs goes on as it was', async (argument) => {
    await lab.load(crowd(2));
    const { running, planHash } = await untilApproval(lab, by(crew(2), { approval: 'required' }));
    await failureOf(running.update('setPace', argument));
    await running.update('approve', { by: admin, planHash });
    expect((await running.result()).users.done).toBe(2);
  });
});

describe('a user whom the database refuses to change', () => {
  const broken = { line: 4, user: 'u-003', type: 'Unexpected' };
  const users = ['u-001', 'u-002', 'nobody', 'u-003', 'u-004', 'u-005'];
  const others = ['u-001', 'u-002', 'u-004', 'u-005'];

  /** Changes of that user's rows fail, saying the email, until the test is over or `repair` is called. */
  async function breakUser(table: 'membership' | 'account'): Promise<void> {
    const [event, column] = table === 'membership' ? ['delete', 'user_id'] : ['update', 'id'];
    await lab.sql.query(`
      create sequence if not exists public.refusals;
      create or replace function public.refuse() returns trigger language plpgsql security definer as $$
      begin
        if to_jsonb(old)->>tg_argv[0] = 'u-003' then
          perform nextval('public.refusals');
          raise exception 'not with %', (select email from lms.account where id = 'u-003');
        end if;
        if tg_op = 'DELETE' then return old; end if;
        return new;
      end $$;
      create trigger refuse before ${event} on lms.${table} for each row execute function public.refuse('${column}')`);
  }

  async function repair(): Promise<void> {
    await lab.sql.query(
      `drop trigger if exists refuse on lms.membership; drop trigger if exists refuse on lms.account`,
    );
  }
  afterEach(repair);

  /** How often the database has refused; a sequence counts what is rolled back too. */
  async function refusals(): Promise<number> {
    const { rows } = await lab.sql.query<{ n: string }>('select last_value as n from public.refusals');
    return Number(rows[0]?.n);
  }

  async function startBroken(table: 'membership' | 'account'): Promise<{ running: Running; before: World }> {
    await lab.load(crowd(5));
    await breakUser(table);
    const before = await lab.dump();
    const running = await lab.start('deleteUsers', by(users));
    await untilState(running, 'needs-attention');
    return { running, before };
  }

  it('X-07 is isolated: the others finish, and the run waits with the line on its list (X-10)', async () => {
    const { running, before } = await startBroken('membership');
    const attention = await running.query<Attention[]>('attention');
    expect(attention).toMatchObject([{ line: 3, type: 'NotFound' }, broken]);
    expect(JSON.stringify(attention)).not.toContain('@');
    await expectGone(before, others);
    await pause(500);
    await untilState(running, 'needs-attention');
    await running.update('skipAttention');
    await running.result();
  });

  it('X-07 skipped it ends done, with the line left over, its changes skipped and the user let go', async () => {
    const { running, before } = await startBroken('membership');
    await running.update('skipAttention');
    const result = await running.result();
    expect(result).toMatchObject({
      ...{ state: 'done', users: { done: 4, unchanged: 0, attention: 2 } },
      attention: [{ line: 3, type: 'NotFound' }, broken],
    });
    expect(JSON.stringify(result)).not.toContain('@');
    await expectGone(before, others);
    const left = (await lab.changes(result.operation)).filter((change) => change.user === 'u-003');
    expect(left.map((change) => change.state)).toEqual(['skipped', 'skipped']);
    await repair();
    expect((await lab.run('deleteUser', { user: 'u-003', requestedBy: admin })).users.done).toBe(1);
  });

  it.each(['membership', 'account'] as const)(
    'X-07 retried when the cause is gone it ends as if nothing had been (refused: %s)',
    async (table) => {
      const { running, before } = await startBroken(table);
      await repair();
      await running.update('retryAttention');
      const { state, users: lines, attention, counts } = await running.result();
      expect({ state, lines }).toEqual({ state: 'done', lines: { done: 5, unchanged: 0, attention: 1 } });
      expect(attention).toMatchObject([{ line: 3, type: 'NotFound' }]);
      expect(counts).toEqual({ 'membership.remove': 5, 'account.retire': 5 });
      await expectGone(before, crew(5));
    },
  );

  it('X-07 retried while the cause persists it comes back to the list, as often as one likes', async () => {
    const { running, before } = await startBroken('membership');
    for (const _again of ['once', 'twice']) {
      const tried = await refusals();
      await running.update('retryAttention');
      await expect.poll(refusals, { timeout: 30_000 }).toBeGreaterThan(tried);
      await untilState(running, 'needs-attention');
      expect(await running.query('attention')).toMatchObject([{ line: 3, type: 'NotFound' }, broken]);
      await expectGone(before, others);
    }
    await repair();
    await running.update('retryAttention');
    expect((await running.result()).users).toEqual({ done: 5, unchanged: 0, attention: 1 });
  });

  it('X-07 lines that the rules refuse do not make a run wait', async () => {
    await lab.load(crowd(5));
    const result = await lab.run('deleteUsers', by(['nobody', owner, ' ', 'u-001']));
    expect(result).toMatchObject({ state: 'done', users: { done: 1, unchanged: 0, attention: 3 } });
  });
});

describe('two batches at a time', () => {
  it('X-11 the second leaves alone whom the first holds, and does the others', async () => {
    await lab.load(crowd(6));
    const before = await lab.dump();
    const first = await untilApproval(lab, by('u-001,u-002,u-003', { approval: 'required' }));
    const single = await startWaiting(lab, { user: 'u-006' });
    const second = await lab.run('deleteUsers', by(crew(6).toReversed()));
    expect(second.attention).toMatchObject(
      [
        [1, 'u-006'],
        [4, 'u-003'],
        [5, 'u-002'],
        [6, 'u-001'],
      ].map(([line, user]) => ({ line, user, type: 'OperationInProgress' })),
    );
    expect(second.users).toEqual({ done: 2, unchanged: 0, attention: 4 });
    await expectGone(before, ['u-004', 'u-005']);
    await failureOf(lab.run('deleteUser', { user: 'u-002', requestedBy: admin }), 'OperationInProgress');
    for (const { running, planHash } of [first, { running: single, planHash: single.planHash }]) {
      await running.update('approve', { by: admin, planHash });
      expect((await running.result()).state).toBe('done');
    }
    await expectGone(before, crew(6));
  });

  it('X-11 the same list, forwards and backwards at the same moment, deletes everybody once', async () => {
    await lab.load(crowd(9));
    const before = await lab.dump();
    const lists = [crew(9), crew(9).toReversed(), crew(9), crew(9).toReversed()];
    const results = await Promise.all(lists.map((users) => lab.run('deleteUsers', by(users))));
    const sum = (of: (result: OperationResult) => number): number =>
      results.reduce((total, result) => total + of(result), 0);
    expect(sum(({ users }) => users.done)).toBe(9);
    expect(sum(({ counts }) => counts['account.retire'] ?? 0)).toBe(9);
    expect(sum(({ users }) => users.unchanged + users.attention)).toBe(27);
    const types = results.flatMap(({ attention }) => attention.map((line) => line.type));
    expect(types.filter((type) => type !== 'OperationInProgress')).toEqual([]);
    await expectGone(before, crew(9));
  });
});
