import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attention } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { timeless, worldWithoutAll } from '../support/naive-batch.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { admin, owner, past, the, world } from '../support/world-builder.ts';
import { expectNothingHeldByDeleted, failureOf, untilState, without } from './steps.ts';
import type { Input, Outcome } from './steps.ts';
import { undo, whole } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 2 });
}, 120_000);
afterAll(() => lab.close());

/** Who is deleted in these stories, in several chunks. `bob`, `mia`, `max` and `gus` stay. */
const team = ['ann', 'ben', 'cas', 'dov', 'eli', 'fio', 'gil'];

/** Each of the team holds something of every kind, which passes to somebody who stays. */
function livesOf(more: Given = {}): World {
  const everybody = [...team, 'bob'];
  const members: Member[] = team.flatMap((id, index): Member[] => [
    [id, 'learner', 'g-team', `2023-01-0${index + 1}T00:00:00Z`],
    [id, 'coach', 'g-closed'],
  ]);
  return world({
    users: team.map((id, index) => ({ id, loginSessions: index })),
    deleted: ['old'],
    groups: [{ id: 'g-closed', visibility: 'private' }],
    members: [...members, ['bob', 'learner', 'g-team'], ['gus', 'admin', 'g-team']],
    courses: [
      ...team.map((id) => ({ id: `c-${id}`, mainAuthor: id, coAuthors: ['mia', 'max'] })),
      { id: 'c-all', mainAuthor: 'bob', coAuthors: ['gil', 'mia', 'ann', 'cas', 'ben', 'max', 'dov'] },
    ],
    paths: [
      ...team.map((id) => ({ id: `p-${id}`, mainAuthor: id, ownerGroup: 'g-team' })),
      { id: 'p-all', mainAuthor: 'bob' },
    ],
    sessions: [
      ...team.map((id) => ({ id: `s-${id}`, path: `p-${id}`, mainInstructor: id, coInstructors: ['max'] })),
      {
        ...{ id: 's-all', path: 'p-all', mainInstructor: 'bob', coInstructors: team },
        ...{ audience: 'dynamic' as const, audienceGroups: ['g-team'], participants: everybody },
      },
    ],
    slots: [
      { id: 't-next', session: 's-all', attendees: everybody, capacity: 8 },
      { id: 't-past', session: 's-all', attendees: everybody, ...past },
    ],
    registrations: team.map((user) => ({ user, activity: 'c-all' })),
    ...more,
  });
}

type Batch = Outcome & { operation: string };

async function deletedBatch(given: World = livesOf(), input: Input = {}): Promise<Batch> {
  await lab.load(given);
  const before = await lab.dump();
  const result = await lab.run('deleteUsers', { users: team, requestedBy: admin, ...whole, ...input });
  return { before, after: await lab.dump(), result, operation: result.operation };
}

/** The attention lines that say more than that the account is back, one for each type and user. */
function said(attention: readonly Attention[]): string[] {
  return [...new Set(attention.map(({ line, user, type }) => `${line} ${user} ${type}`))];
}

describe('undo of a batch', () => {
  it('X-08 brings back everything of every chunk', async () => {
    const { before, result, operation } = await deletedBatch();
    expect(result.users).toEqual({ done: 7, unchanged: 0, attention: 0 });
    const undone = await undo(lab, operation);
    expect(await lab.dump()).toEqual(before);
    expect(undone).toMatchObject({
      ...{ state: 'done', users: { done: 7, unchanged: 0, attention: 0 }, attention: [], conflicts: 0 },
      counts: {
        ...{ 'ownership.transfer': 21, 'co-role.add': 12, 'slot.join': 7, 'session.join': 7 },
        ...{ 'membership.add': 14, 'account.reinstate': 7 },
      },
    });
    await failureOf(undo(lab, undone.operation), 'NotUndoable');
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 leaves deleted who was deleted before, and takes nothing from lines that were refused', async () => {
    const users = ['old', 'ann', 'nobody', owner, 'ben', 'ann', 'cas'];
    const { before, operation } = await deletedBatch(livesOf(), { users });
    expect((await undo(lab, operation)).users.done).toBe(3);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 of a batch that was cancelled takes back what had been done', async () => {
    await lab.load(livesOf());
    const before = await lab.dump();
    const input = { users: team, requestedBy: admin, approval: 'required', ...whole };
    const running = await lab.start('deleteUsers', input);
    const { planHash } = await untilState(running, 'waiting-for-approval');
    await running.update('setPace', { usersPerSecond: 1 });
    await running.update('approve', { by: admin, planHash });
    const chunksDone = async (): Promise<number> =>
      (await running.query<{ chunksDone: number }>('progress')).chunksDone;
    await expect.poll(chunksDone, { timeout: 30_000 }).toBeGreaterThan(0);
    await running.update('cancelAfterChunk');
    const { operation, state, users } = await running.result();
    expect(state).toBe('cancelled');
    expect((await undo(lab, operation)).users.done).toBe(users.done);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 users who held from each other get back what was theirs, whatever the order', async () => {
    const course = { id: 'c-1', mainAuthor: 'ann', coAuthors: ['ben', 'bob', 'mia'] };
    for (const users of [
      ['ann', 'ben'],
      ['ben', 'ann'],
    ]) {
      const { before, operation } = await deletedBatch(world({ courses: [course] }), { users });
      await undo(lab, operation, { users: ['ben'] });
      expect((await lab.dump()).courses).toMatchObject([{ mainAuthor: 'bob', coAuthors: ['ben', 'mia'] }]);
      await undo(lab, operation, { users: ['ann'] });
      expect(await lab.dump()).toEqual(before);
    }
  });
});

describe('undo of some users of a batch', () => {
  it.each<[string, unknown]>([
    ['an array', ['cas', 'dov']],
    ['a comma-separated string', ' cas, DOV@example.org'],
    ['objects', [{ email: 'CAS@example.org ' }, { id: 'dov' }]],
  ])('X-08 given as %s brings back just those, with all that was theirs', async (_form, users) => {
    const { before, after, operation } = await deletedBatch();
    const undone = await undo(lab, operation, { users });
    expect(undone).toMatchObject({ state: 'done', users: { done: 2, attention: 0 }, attention: [] });
    const left = without(team, 'cas', 'dov');
    const partly = await lab.dump();
    expect(timeless(partly, left)).toEqual(worldWithoutAll(before, left, admin, new Date()));
    for (const id of left) expect(the(partly.users, id)).toEqual(the(after.users, id));
  });

  it('X-08 the rest can be undone after them, and then there is nothing left to undo', async () => {
    const { before, operation } = await deletedBatch();
    expect((await undo(lab, operation, { users: ['eli'] })).users.done).toBe(1);
    expect((await undo(lab, operation)).users.done).toBe(6);
    expect(await lab.dump()).toEqual(before);
    for (const more of [{}, { users: ['eli'] }, { users: team }]) {
      expect(await undo(lab, operation, more)).toMatchObject({ state: 'done', counts: {}, attention: [] });
      expect(await lab.dump()).toEqual(before);
    }
  });

  it('X-08 one by one they come back as together', async () => {
    const { before, operation } = await deletedBatch();
    for (const user of ['dov', 'ann', 'gil', 'cas', 'fio', 'ben', 'eli']) {
      await undo(lab, operation, { users: [user] });
      expectNothingHeldByDeleted(await lab.dump());
    }
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 who is named but was not in the batch is left alone', async () => {
    const { operation } = await deletedBatch(livesOf(), { users: ['ann', 'ben'] });
    await lab.run('deleteUser', { user: 'cas', requestedBy: admin, ...whole });
    const then = await lab.dump();
    const counts = await undo(lab, operation, { users: ['cas', 'old', 'bob'] }).then(
      (undone) => undone.counts,
      (error: unknown) => ((error as { type?: string }).type === 'NotFound' ? {} : error),
    );
    expect(counts).toEqual({});
    expect(await lab.dump()).toEqual(then);
  });

  it('X-08 who was brought back and then deleted again stays deleted', async () => {
    const { before, operation } = await deletedBatch();
    await undo(lab, operation, { users: ['ben'] });
    await lab.run('deleteUser', { user: 'ben', requestedBy: admin, ...whole });
    expect((await undo(lab, operation)).users.done).toBe(6);
    expect(timeless(await lab.dump(), ['ben'])).toEqual(worldWithoutAll(before, ['ben'], admin, new Date()));
  });
});

describe('what the world no longer allows', () => {
  it('X-08 is listed by line, and does not keep the others from coming back', async () => {
    const { before, operation } = await deletedBatch();
    await lab.sql.query(`
      update lms.account set email = 'BEN@example.org' where id = 'max';
      update lms.course set main_author_id = 'gus' where id = 'c-dov';
      update lms.path_session set main_instructor_id = 'gus' where id = 's-gil'`);
    const undone = await undo(lab, operation);
    const after = await lab.dump();
    expect(said(undone.attention)).toEqual(
      expect.arrayContaining(['2 ben EmailTaken', '4 dov NotRestorable', '7 gil NotRestorable']),
    );
    expect(new Set(undone.attention.map((line) => line.user))).toEqual(new Set(['ben', 'dov', 'gil']));
    const messages = undone.attention.map((line) => line.message).join('\n');
    for (const mention of ['c-dov', 's-gil']) expect(messages).toContain(mention);
    expect(JSON.stringify(undone)).not.toMatch(/@/);

    const then = worldWithoutAll(before, ['ben'], admin, new Date());
    the(then.users, 'max').email = 'BEN@example.org';
    Object.assign(the(then.courses, 'c-dov'), { mainAuthor: 'gus', coAuthors: ['max'] });
    Object.assign(the(then.pathSessions, 's-gil'), { mainInstructor: 'gus', coInstructors: [] });
    expect(timeless(after, ['ben'])).toEqual(then);
  });

  it('X-08 as many accounts come back as there are seats, never more; the rest when there are', async () => {
    const { before, operation } = await deletedBatch();
    await lab.sql.query(
      `update lms.platform set seats = (select count(*) + 3 from lms.account where status = 'active')`,
    );
    const undone = await undo(lab, operation);
    expect(undone.users.done).toBe(3);
    expect(said(undone.attention).filter((line) => line.endsWith(' NoSeat'))).toHaveLength(4);
    const living = (await lab.dump()).users.filter(({ status }) => status === 'active');
    expect(living.filter(({ id }) => team.includes(id))).toHaveLength(3);
    await lab.sql.query(`update lms.platform set seats = null`);
    expect((await undo(lab, operation)).users.done).toBe(4);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 of several who left a slot only as many join it again as it has room for', async () => {
    const { before, operation } = await deletedBatch();
    await lab.sql.query(`update lms.slot set capacity = 5 where id = 't-next'`);
    const undone = await undo(lab, operation);
    const slot = the((await lab.dump()).slots, 't-next');
    expect(slot.attendees).toHaveLength(5);
    expect(slot.attendees).toContain('bob');
    const listed = undone.attention.filter(({ message }) => message.includes('t-next'));
    expect(new Set(listed.map(({ user }) => user))).toEqual(new Set(without(team, ...slot.attendees)));
    expect(the((await lab.dump()).pathSessions, 's-all')).toEqual(the(before.pathSessions, 's-all'));
  });

  it('A undoOperation judges each user of it by the roles of today', async () => {
    const members: Member[] = [
      ['rita', 'admin', 'g-sales'],
      ['rita', 'admin', 'g-support'],
      ['ann', 'learner', 'g-sales'],
      ['ben', 'learner', 'g-support'],
      ['cas', 'learner', 'g-sales'],
    ];
    const input = { users: ['ann', 'ben', 'cas'], requestedBy: 'rita' };
    const { operation, result } = await deletedBatch(world({ members }), input);
    expect(result.users.done).toBe(3);
    await lab.sql.query(`delete from lms.membership where user_id = 'rita' and group_id = 'g-support'`);
    const undone = await undo(lab, operation, { requestedBy: 'rita' });
    expect(undone).toMatchObject({ state: 'done', users: { done: 2, attention: 1 } });
    expect(undone.attention).toMatchObject([{ line: 2, user: 'ben', type: 'NotAuthorized' }]);
    const status = (await lab.dump()).users.filter(({ id }) => team.includes(id)).map((user) => user.status);
    expect(status).toEqual(['active', 'deleted', 'active']);
  });
});
