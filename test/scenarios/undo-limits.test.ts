import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, the, world } from '../support/world-builder.ts';
import type { Member } from '../support/world-builder.ts';
import { fullLife } from './full-life.ts';
import { theChange, untilState } from './steps.ts';
import { asBefore, deleted, undo, whole } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

describe('what the world no longer allows', () => {
  /** After the deletion that happens; the undo then lists these, and its dump is what `edit` makes of before. */
  async function expectPartial(
    meanwhile: string,
    mentions: string[],
    edit: (then: World) => void,
    given: World = fullLife(),
  ): Promise<void> {
    const { before, result } = await deleted(lab, given);
    await lab.sql.query(meanwhile);
    const undone = await undo(lab, result.operation);
    const then = asBefore(before);
    edit(then);
    expect(await lab.dump()).toEqual(then);
    expect(undone.attention.length > 0).toBe(mentions.length > 0);
    for (const line of undone.attention) expect(line).toMatchObject({ user: 'ada', type: 'NotRestorable' });
    for (const mention of mentions) {
      expect(undone.attention.map((line) => line.message).join('\n')).toContain(mention);
    }
  }

  it('X-08 a course that has moved on stays where it is, and is listed', async () => {
    await expectPartial(`update lms.course set main_author_id = 'gus' where id = 'c-co'`, ['c-co'], (then) =>
      Object.assign(the(then.courses, 'c-co'), { mainAuthor: 'gus', coAuthors: ['old', 'cem', 'dan'] }),
    );
  });

  it('X-08 a path and a session that have moved on likewise', async () => {
    await expectPartial(
      `update lms.path set main_author_id = 'dan' where id = 'p-main';
       update lms.path_session set main_instructor_id = 'dan' where id = 's-static'`,
      ['p-main', 's-static'],
      (then) => {
        the(then.paths, 'p-main').mainAuthor = 'dan';
        the(then.pathSessions, 's-static').mainInstructor = 'dan';
      },
    );
  });

  it('X-08 a successor goes back into a co-list from which others have gone meanwhile', async () => {
    await expectPartial(
      `delete from lms.course_co_author where course_id = 'c-co' and user_id = 'cem'`,
      [],
      (then) => {
        the(then.courses, 'c-co').coAuthors = ['old', 'bob', 'dan'];
      },
    );
  });

  it('X-08 a slot that has begun is not joined again, and is listed', async () => {
    await expectPartial(
      `update lms.slot set starts_at = now() - interval '1 minute' where id = 't-static-next'`,
      ['t-static-next'],
      (then) => {
        const slot = the(then.slots, 't-static-next');
        slot.attendees = ['bob'];
        slot.startsAt = expect.any(String);
      },
    );
  });

  it('X-08 a slot that is full is not joined again, and is listed', async () => {
    await expectPartial(
      `update lms.slot set capacity = 1 where id = 't-dynamic-next'`,
      ['t-dynamic-next'],
      (then) => Object.assign(the(then.slots, 't-dynamic-next'), { attendees: ['bob'], capacity: 1 }),
    );
  });

  it('X-08 a membership of a group that is gone does not come back, and is listed', async () => {
    await expectPartial(
      `delete from lms.user_group where id = 'g-team'`,
      ['g-team'],
      (then) => {
        then.memberships = then.memberships.filter((membership) => membership.group !== 'g-team');
        then.groups = then.groups.filter((group) => group.id !== 'g-team');
      },
      world({
        members: [
          ['ada', 'coach', 'g-team'],
          ['ada', 'learner', 'g-sales'],
        ],
      }),
    );
  });

  it('X-08 a course and a slot that are gone are listed', async () => {
    await expectPartial(
      `delete from lms.course where id = 'c-1'; delete from lms.slot where id = 't-1'`,
      ['c-1', 't-1'],
      (then) => {
        then.courses = [];
        then.slots = [];
      },
      world({
        courses: [{ id: 'c-1', mainAuthor: 'ada' }],
        paths: [{ id: 'p-1', mainAuthor: 'bob' }],
        sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'bob', participants: ['ada'] }],
        slots: [{ id: 't-1', session: 's-1', attendees: ['ada'] }],
      }),
    );
  });

  it('X-08 a dynamic session that the groups no longer lead to is not joined again, nor its slots', async () => {
    await expectPartial(
      `delete from lms.session_audience_group where session_id = 's-1'`,
      ['s-1', 't-1'],
      (then) => {
        Object.assign(the(then.pathSessions, 's-1'), { audienceGroups: [], participants: [] });
        the(then.slots, 't-1').attendees = [];
      },
      world({
        members: [['ada', 'learner', 'g-sales']],
        paths: [{ id: 'p-1', mainAuthor: 'bob' }],
        sessions: [
          {
            id: 's-1',
            path: 'p-1',
            audience: 'dynamic',
            audienceGroups: ['g-sales'],
            mainInstructor: 'bob',
            participants: ['ada'],
          },
        ],
        slots: [{ id: 't-1', session: 's-1', attendees: ['ada'] }],
      }),
    );
  });

  it('X-08 an account whose email is taken stays deleted, with all that hangs on it', async () => {
    const { result } = await deleted(lab);
    await lab.sql.query(`update lms.account set email = 'ADA@Example.org' where id = 'dan'`);
    const before = await lab.dump();
    const undone = await undo(lab, result.operation);
    expect(undone.attention[0]).toMatchObject({ user: 'ada', type: 'EmailTaken' });
    expect(undone.attention[0]?.message).not.toMatch(/ada@example\.org/i);
    expect(undone.users.done).toBe(0);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 the email of a deleted account does not stand in the way', async () => {
    const { before, result } = await deleted(
      lab,
      world({ users: [{ id: 'ada' }, { id: 'old', email: 'ADA@example.org', status: 'deleted' }] }),
    );
    await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 an account without a free seat stays deleted, and comes back when there is one', async () => {
    const { before, result } = await deleted(lab);
    await lab.sql.query(
      `update lms.platform set seats = (select count(*) from lms.account where status = 'active')`,
    );
    const without = await lab.dump();
    const undone = await undo(lab, result.operation);
    expect(undone.attention[0]).toMatchObject({ user: 'ada', type: 'NoSeat' });
    expect(await lab.dump()).toEqual(without);
    await lab.sql.query(`update lms.platform set seats = 20`);
    await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(asBefore(before));
  });

  it('D-01 the seat of the deleted is free at once', async () => {
    const { before, result } = await deleted(lab, world({ users: [{ id: 'ada' }], seats: 3 }));
    await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 a course whose heir was deleted meanwhile stays with the heir of that one, and is listed', async () => {
    const courses = [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob', 'cem', 'dan'] }];
    const { result } = await deleted(lab, world({ courses }));
    await lab.run('deleteUser', { user: 'bob', requestedBy: admin });
    const undone = await undo(lab, result.operation);
    const after = await lab.dump();
    expect(the(after.courses, 'c-1')).toMatchObject({ mainAuthor: 'cem', coAuthors: ['dan'] });
    expect(the(after.users, 'ada').status).toBe('active');
    expect(undone.attention).toHaveLength(1);
    expect(undone.attention[0]).toMatchObject({ user: 'ada', type: 'NotRestorable' });
    expect(undone.attention[0]?.message).toContain('c-1');
  });

  it('X-08 rows that changed after the undo was planned are not overwritten', async () => {
    const { before, result } = await deleted(lab);
    const running = await lab.start('undoOperation', {
      operation: result.operation,
      requestedBy: admin,
      approval: 'required',
    });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    await lab.sql.query(`update lms.course set main_author_id = 'dan' where id = 'c-last'`);
    await running.update('approve', { by: admin, planHash });
    const undone = await running.result();
    const then = asBefore(before);
    the(then.courses, 'c-last').mainAuthor = 'dan';
    expect(await lab.dump()).toEqual(then);
    const changes = await lab.changes(undone.operation);
    expect(theChange(changes, 'ownership.transfer', { id: 'c-last' }).state).toBe('conflict');
    expect(undone.conflicts).toBe(1);
  });
});

it('X-06 an account that the LMS has deleted anew while the undo waited stays deleted, with all that was its', async () => {
  const { after, result } = await deleted(lab);
  const running = await lab.start('undoOperation', {
    operation: result.operation,
    requestedBy: admin,
    approval: 'required',
  });
  const { planHash } = await untilState(running, 'waiting-for-approval');
  await lab.sql.query(`update lms.account set deleted_at = '2026-01-01T00:00:00Z' where id = 'ada'`);
  await running.update('approve', { by: admin, planHash });
  const undone = await running.result();
  const then = structuredClone(after);
  the(then.users, 'ada').deletedAt = '2026-01-01T00:00:00Z';
  const now = await lab.dump();
  expect(now.users).toEqual(then.users);
  expect(now.memberships).toEqual(then.memberships);
  expect(undone.counts).not.toHaveProperty('account.reinstate');
  expect(undone.attention).toContainEqual(expect.objectContaining({ user: 'ada', type: 'NotRestorable' }));
});

describe('the undo of a removal from a group', () => {
  /** Ada and Bob are taken out of their group, then this happens. */
  async function removedThen(meanwhile: (operation: string) => Promise<unknown>): Promise<string> {
    const homes = ['ada', 'bob'].map((user): Member => [user, 'learner', 'g-home']);
    const members = ['ada', 'bob'].map((user): Member => [user, 'learner', 'g-team']);
    await lab.load(world({ members: [...homes, ...members] }));
    const { operation } = await takenOut(['ada', 'bob']);
    await meanwhile(operation);
    return operation;
  }

  function takenOut(users: string[]): Promise<OperationResult> {
    return lab.run('removeFromGroup', { users, group: 'g-team', requestedBy: admin });
  }

  async function team(): Promise<string[]> {
    const { memberships } = await lab.dump();
    return memberships.filter(({ group }) => group === 'g-team').map(({ user }) => user);
  }

  it('X-08 D-01 gives nothing back to who has been deleted since, and says so', async () => {
    const operation = await removedThen(() =>
      lab.run('deleteUser', { user: 'ada', requestedBy: admin, ...whole }),
    );
    const { users, attention } = await undo(lab, operation);
    expect(await team()).toEqual(['bob']);
    expect(users).toMatchObject({ done: 1, attention: 1 });
    expect(attention).toMatchObject([{ user: 'ada', type: 'NotRestorable' }]);
    expect(attention[0]?.message).toContain('belongs to a user who has been deleted since');
  });

  it('X-08 gives back once: who has been taken out again since stays out', async () => {
    const operation = await removedThen(async (first) => {
      await undo(lab, first, { users: ['ada'] });
      await takenOut(['ada']);
    });
    const { users, counts } = await undo(lab, operation);
    expect(await team()).toEqual(['bob']);
    expect(counts).toEqual({ 'membership.add': 1 });
    expect(users).toMatchObject({ done: 1, attention: 0 });
  });
});
