import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { OperationFailed, openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, past, the, world } from '../support/world-builder.ts';
import type { Member } from '../support/world-builder.ts';
import { fullLife } from './full-life.ts';
import { enliven, expectAllDone, reinstate, reinstateWaiting, returnOf } from './reinstate-steps.ts';
import { expectNothingHeldByDeleted, failureOf, theChange } from './steps.ts';
import type { Input } from './steps.ts';
import { deleted, undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

/** The reinstatement is refused with the type, and nothing at all has changed. */
async function expectRefused(type: string, input: Input = {}): Promise<OperationFailed> {
  const before = await lab.dump();
  const failure = await failureOf(reinstate(lab, input), type);
  expect(await lab.dump()).toEqual(before);
  return failure;
}

describe('who cannot be reinstated', () => {
  it('D-20 a living user: nothing is to be done, whoever asks', async () => {
    await lab.load(world({ users: [{ id: 'ada', deletionScheduledOn: '2024-01-01' }, { id: 'rita' }] }));
    const before = await lab.dump();
    for (const requestedBy of [admin, owner, 'rita', 'ada']) {
      const result = await reinstate(lab, { requestedBy });
      expect(result).toMatchObject({ state: 'done', counts: {}, attention: [], conflicts: 0 });
      expect(result.users).toEqual({ done: 0, unchanged: 1, attention: 0 });
    }
    expect(await lab.dump()).toEqual(before);
  });

  it('D-20 who is reinstated already: nothing is to be done', async () => {
    const { after } = await returnOf(lab, fullLife());
    expect((await reinstate(lab)).users).toEqual({ done: 0, unchanged: 1, attention: 0 });
    expect((await reinstate(lab, { mode: 'preview' })).users.unchanged).toBe(1);
    expect(await lab.dump()).toEqual(after);
  });

  it('D-20 an email means the living one who has it now, for whom nothing is to be done', async () => {
    await lab.load(
      world({ users: [{ id: 'ada' }, { id: 'old', email: 'ADA@example.org', status: 'deleted' }] }),
    );
    const before = await lab.dump();
    const result = await reinstate(lab, { user: { email: 'ada@example.org' } });
    expect(result.users).toEqual({ done: 0, unchanged: 1, attention: 0 });
    expect(await lab.dump()).toEqual(before);
  });

  it('D-20 somebody unknown is NotFound, before anybody asks who may, and emails are not repeated', async () => {
    await lab.load(world({ users: [{ id: 'rita' }] }));
    for (const user of ['nobody', { id: 'nobody' }, 'nobody@example.org', { email: 'nobody@example.org' }]) {
      const { message } = await expectRefused('NotFound', { user, requestedBy: 'rita' });
      expect(message).not.toContain('nobody@example.org');
    }
  });

  it('D-20 whose email another living account has now, whatever its case', async () => {
    const { before } = await deleted(lab, fullLife());
    await lab.sql.query(`update lms.account set email = 'ADA@Example.org' where id = 'dan'`);
    for (const input of [{}, { restore: [] }, { mode: 'preview' }]) {
      const { message } = await expectRefused('EmailTaken', { user: { id: 'ada' }, ...input });
      expect(message).not.toMatch(/ada@example\.org/i);
    }
    await lab.sql.query(`update lms.account set email = 'dan@example.org' where id = 'dan'`);
    await reinstate(lab);
    expect((await lab.dump()).memberships).toEqual(before.memberships);
  });

  it('D-20 the email of another deleted account does not stand in the way', async () => {
    const users = [{ id: 'ada' }, { id: 'old', email: 'ADA@example.org', status: 'deleted' as const }];
    const { living, after } = await returnOf(lab, world({ users }));
    expect(after).toEqual(living);
  });

  it('D-20 for whom no seat is free, until there is one', async () => {
    const { before } = await deleted(lab, fullLife());
    await lab.sql.query(
      `update lms.platform set seats = (select count(*) from lms.account where status = 'active')`,
    );
    for (const input of [{}, { restore: [] }, { mode: 'preview' }]) await expectRefused('NoSeat', input);
    await lab.sql.query(`update lms.platform set seats = seats + 1`);
    expectAllDone(await reinstate(lab));
    expect((await lab.dump()).memberships).toEqual(before.memberships);
  });
});

describe('who may', () => {
  const members: Member[] = [
    ['rita', 'admin', 'g-sales'],
    ['una', 'user-admin', 'g-root'],
    ['gus', 'coach', 'g-root'],
    ['ada', 'learner', 'g-sales'],
  ];

  it.each([admin, owner])('A %s may', async (requestedBy) => {
    const { result } = await returnOf(lab, world({ members }), { requestedBy });
    expectAllDone(result);
  });

  it.each(['rita', 'una', 'gus', 'ada', 'old', 'nobody'])('A %s may not', async (requestedBy) => {
    await deleted(lab, world({ members, deleted: ['old'] }));
    await expectRefused('NotAuthorized', { requestedBy });
    await expectRefused('NotAuthorized', { requestedBy, mode: 'preview' });
    await expectRefused('NotAuthorized', { requestedBy, restore: [] });
  });

  it('A not even who deleted the user', async () => {
    await lab.load(world({ members }));
    await lab.run('deleteUser', { user: 'ada', requestedBy: 'rita' });
    await expectRefused('NotAuthorized', { requestedBy: 'rita' });
  });

  it('A is decided before email and seat are looked at', async () => {
    await deleted(lab, world({ members }));
    await lab.sql.query(`update lms.platform set seats = 1`);
    await expectRefused('NotAuthorized', { requestedBy: 'rita' });
  });
});

describe('what can no longer be restored', () => {
  /**
   * That happens after the deletion. The reinstatement brings all the rest back, as `edit` makes it of the world
   * before, and says in the user's line what it could not.
   */
  async function expectListed(
    given: World,
    meanwhile: string,
    mentions: string[],
    edit: (then: World) => void,
    input: Input = {},
  ): Promise<void> {
    const { living, after, result } = await returnOf(lab, given, input, meanwhile);
    const then = structuredClone(living);
    the(then.users, 'ada').loginSessions = 0;
    edit(then);
    expect(after).toEqual(then);
    expect(result).toMatchObject({ state: 'done', conflicts: 0, users: { unchanged: 0, attention: 1 } });
    expect(result.attention.length).toBeGreaterThan(0);
    for (const line of result.attention) expect(line).toMatchObject({ user: 'ada', type: 'NotRestorable' });
    const said = result.attention.map(({ message }) => message).join('\n');
    for (const mention of mentions) expect(said).toContain(mention);
    expect(said).not.toMatch(/@example|Name of/);
  }

  const session = { id: 's-1', path: 'p-1', mainInstructor: 'bob', participants: ['ada'] };
  const inSession = {
    members: [['ada', 'learner', 'g-sales']] as Member[],
    paths: [{ id: 'p-1', mainAuthor: 'bob' }],
    slots: [
      { id: 't-1', session: 's-1', attendees: ['ada'] },
      { id: 't-2', session: 's-1', attendees: ['ada'] },
    ],
  };
  const dynamic = { audience: 'dynamic' as const, audienceGroups: ['g-sales'] };

  it('D-20 a membership of a group that is gone', async () => {
    const given = world({
      members: [
        ['ada', 'coach', 'g-team'],
        ['ada', 'learner', 'g-sales'],
      ],
    });
    await expectListed(given, `delete from lms.user_group where id = 'g-team'`, ['g-team'], (then) => {
      then.memberships = then.memberships.filter(({ group }) => group !== 'g-team');
      then.groups = then.groups.filter(({ id }) => id !== 'g-team');
    });
  });

  it('D-20 a slot that has begun, or is over', async () => {
    const given = world({ ...inSession, sessions: [session] });
    const meanwhile = `
      update lms.slot set starts_at = now() - interval '1 minute' where id = 't-1';
      update lms.slot set starts_at = '${past.startsAt}', ends_at = '${past.endsAt}' where id = 't-2'`;
    await expectListed(given, meanwhile, ['t-1', 't-2'], (then) => {
      Object.assign(the(then.slots, 't-1'), { attendees: [], startsAt: expect.any(String) as unknown });
      Object.assign(the(then.slots, 't-2'), { attendees: [], ...past });
    });
  });

  it('D-20 a slot that is full, but one with a free seat is joined', async () => {
    const given = world({
      ...inSession,
      sessions: [{ ...session, participants: ['ada', 'cem'] }],
      slots: [
        { id: 't-1', session: 's-1', attendees: ['ada', 'cem'], capacity: 2 },
        { id: 't-2', session: 's-1', attendees: ['ada', 'cem'], capacity: 3 },
      ],
    });
    await expectListed(given, `update lms.slot set capacity = 1 where id = 't-1'`, ['t-1'], (then) =>
      Object.assign(the(then.slots, 't-1'), { attendees: ['cem'], capacity: 1 }),
    );
  });

  it('D-20 a slot that is gone', async () => {
    const given = world({ ...inSession, sessions: [session] });
    await expectListed(given, `delete from lms.slot where id = 't-1'`, ['t-1'], (then) => {
      then.slots = then.slots.filter(({ id }) => id !== 't-1');
    });
  });

  it('D-20 slots of a dynamic session whose audience no longer holds the group', async () => {
    const given = world({ ...inSession, sessions: [{ ...session, ...dynamic }] });
    const meanwhile = `delete from lms.session_audience_group where session_id = 's-1'`;
    await expectListed(given, meanwhile, ['t-1', 't-2'], (then) => {
      Object.assign(the(then.pathSessions, 's-1'), { audienceGroups: [], participants: [] });
      for (const slot of then.slots) slot.attendees = [];
    });
  });

  it('D-20 slots of a dynamic session whose audience was a group that is gone', async () => {
    const given = world({ ...inSession, sessions: [{ ...session, ...dynamic }] });
    const meanwhile = `
      delete from lms.session_audience_group where session_id = 's-1';
      delete from lms.user_group where id = 'g-sales'`;
    await expectListed(given, meanwhile, ['g-sales', 't-1', 't-2'], (then) => {
      then.memberships = then.memberships.filter(({ user }) => user !== 'ada');
      then.groups = then.groups.filter(({ id }) => id !== 'g-sales');
      Object.assign(the(then.pathSessions, 's-1'), { audienceGroups: [], participants: [] });
      for (const slot of then.slots) slot.attendees = [];
    });
  });

  it('D-20 a course, a path and a session that have moved on: they stay where they are', async () => {
    const given = world({
      courses: [
        { id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob', 'cem'] },
        { id: 'c-2', mainAuthor: 'ada', coAuthors: ['bob', 'cem'] },
      ],
      paths: [{ id: 'p-1', mainAuthor: 'ada', coAuthors: ['bob'] }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'ada', coInstructors: ['bob'] }],
      users: [{ id: 'dan' }],
    });
    const meanwhile = `
      update lms.course set main_author_id = 'dan' where id = 'c-1';
      update lms.path set main_author_id = 'dan' where id = 'p-1';
      update lms.path_session set main_instructor_id = 'dan' where id = 's-1'`;
    await expectListed(given, meanwhile, ['c-1', 'p-1', 's-1'], (then) => {
      Object.assign(the(then.courses, 'c-1'), { mainAuthor: 'dan', coAuthors: ['cem'] });
      Object.assign(the(then.paths, 'p-1'), { mainAuthor: 'dan', coAuthors: [] });
      Object.assign(the(then.pathSessions, 's-1'), { mainInstructor: 'dan', coInstructors: [] });
    });
  });

  it('D-20 a course, main or co-authored, that is gone', async () => {
    const given = world({
      courses: [
        { id: 'c-main', mainAuthor: 'ada', coAuthors: ['bob'] },
        { id: 'c-co', mainAuthor: 'bob', coAuthors: ['ada'] },
        { id: 'c-still', mainAuthor: 'bob', coAuthors: ['ada'] },
      ],
    });
    const meanwhile = `delete from lms.course where id in ('c-main', 'c-co')`;
    await expectListed(given, meanwhile, ['c-main', 'c-co'], (then) => {
      then.courses = then.courses.filter(({ id }) => id === 'c-still');
    });
  });

  it('D-20 a course whose successor was deleted meanwhile stays with the successor of that one', async () => {
    const courses = [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob', 'cem', 'dan'] }];
    await deleted(lab, world({ courses }));
    await lab.run('deleteUser', { user: 'bob', requestedBy: admin });
    const then = await lab.dump();
    const result = await reinstate(lab);
    enliven(then);
    expect(await lab.dump()).toEqual(then);
    expect(the(then.courses, 'c-1')).toMatchObject({ mainAuthor: 'cem', coAuthors: ['dan'] });
    expect(result.users.attention).toBe(1);
    expect(result.attention[0]).toMatchObject({ user: 'ada', type: 'NotRestorable' });
    expect(result.attention[0]?.message).toContain('c-1');
  });

  it('D-20 much of a full life at once, while all the rest comes back', async () => {
    const meanwhile = `
      update lms.course set main_author_id = 'gus' where id = 'c-co';
      update lms.path set main_author_id = 'dan' where id = 'p-main';
      update lms.slot set capacity = 1 where id = 't-dynamic-next';
      update lms.slot set starts_at = now() - interval '1 minute' where id = 't-static-next'`;
    const mentions = ['c-co', 'p-main', 't-dynamic-next', 't-static-next'];
    await expectListed(fullLife(), meanwhile, mentions, (then) => {
      Object.assign(the(then.courses, 'c-co'), { mainAuthor: 'gus', coAuthors: ['old', 'cem', 'dan'] });
      the(then.paths, 'p-main').mainAuthor = 'dan';
      Object.assign(the(then.slots, 't-dynamic-next'), { attendees: ['bob'], capacity: 1 });
      const begun: unknown = expect.any(String);
      Object.assign(the(then.slots, 't-static-next'), { attendees: ['bob'], startsAt: begun });
    });
  });

  it('D-20 is listed in a preview as well', async () => {
    const meanwhile = `update lms.course set main_author_id = 'gus' where id = 'c-co'`;
    const { gone, after, result } = await returnOf(lab, fullLife(), { mode: 'preview' }, meanwhile);
    expect(after).toEqual(gone);
    const applied = await reinstate(lab, { planHash: result.planHash });
    expect(result.attention).toEqual(applied.attention);
    expect(result.users.attention).toBe(1);
    expect(result.attention[0]?.message).toContain('c-co');
  });

  it('D-20 is not listed when it was not chosen', async () => {
    const meanwhile = `
      update lms.course set main_author_id = 'gus' where id = 'c-co';
      update lms.slot set capacity = 1 where id = 't-dynamic-next'`;
    const restore = ['memberships'];
    const { living, after, result } = await returnOf(lab, fullLife(), { restore }, meanwhile);
    expectAllDone(result);
    expect(after.memberships).toEqual(living.memberships);
  });
});

describe('what changes between plan and apply', () => {
  /** The reinstatement waits with its plan made, that happens, and it is approved. */
  async function afterDrift(given: World, meanwhile: string): Promise<{ before: World; ending: unknown }> {
    await deleted(lab, given);
    const running = await reinstateWaiting(lab);
    await lab.sql.query(meanwhile);
    const before = await lab.dump();
    await running.update('approve', { by: admin, planHash: running.planHash });
    const ending = await running.result().catch((error: unknown) => error);
    return { before, ending };
  }

  it('X-04 it waits with nothing changed, and goes on when approved', async () => {
    const { after: gone } = await deleted(lab, fullLife());
    const running = await reinstateWaiting(lab);
    expect(await lab.dump()).toEqual(gone);
    await running.update('approve', { by: owner, planHash: running.planHash });
    expectAllDone(await running.result());
    expect(the((await lab.dump()).users, 'ada').status).toBe('active');
  });

  it('X-06 a slot that has filled up is not overbooked', async () => {
    const given = world({
      paths: [{ id: 'p-1', mainAuthor: 'bob' }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'bob', participants: ['ada', 'cem'] }],
      slots: [{ id: 't-1', session: 's-1', attendees: ['ada'], capacity: 1 }],
    });
    const fill = `insert into lms.slot_attendee (slot_id, user_id) values ('t-1', 'cem')`;
    const { before: then } = await afterDrift(given, fill);
    enliven(then);
    expect(await lab.dump()).toEqual(then);
  });

  it('X-06 a course that has been given away stays there', async () => {
    const given = world({
      users: [{ id: 'dan' }],
      courses: [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob'] }],
    });
    const give = `update lms.course set main_author_id = 'dan' where id = 'c-1'`;
    const { before: then, ending } = await afterDrift(given, give);
    enliven(then);
    expect(await lab.dump()).toEqual(then);
    const { operation, conflicts } = ending as { operation: string; conflicts: number };
    expect(conflicts).toBe(1);
    expect(theChange(await lab.changes(operation), 'ownership.transfer').state).toBe('conflict');
  });

  it.each([
    ['email', `update lms.account set email = 'ada@example.org' where id = 'dan'`],
    ['seat', `update lms.platform set seats = (select count(*) from lms.account where status = 'active')`],
  ])(
    'D-20 an account whose %s has been taken stays deleted, with all that hangs on it',
    async (_of, taken) => {
      const { before } = await afterDrift(fullLife(), taken);
      expect(await lab.dump()).toEqual(before);
      expectNothingHeldByDeleted(before);
    },
  );
});

describe('undo of a reinstatement', () => {
  it('X-08 the account is deleted again as it was: when, by whom and how, with all that follows', async () => {
    const { gone, result } = await returnOf(lab, fullLife());
    const undone = await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(gone);
    expectAllDone(undone);
  });

  it('X-08 likewise after an automatic deletion, whose date comes back', async () => {
    await lab.load(
      world({
        users: [{ id: 'ada', deletionScheduledOn: '2024-05-01' }],
        members: [['ada', 'learner', 'g-sales']],
      }),
    );
    await lab.run('deleteDueUsers', {});
    const gone = await lab.dump();
    const { operation } = await reinstate(lab);
    await undo(lab, operation);
    expect(await lab.dump()).toEqual(gone);
    expect(the(gone.users, 'ada')).toMatchObject({ deletionKind: 'automatic', deletedBy: 'system' });
  });

  it('X-08 likewise where only the account had come back', async () => {
    const old = {
      deletedAt: '2021-02-03T04:05:06.789Z',
      deletionKind: 'automatic',
      deletedBy: 'system',
    } as const;
    await lab.load(world({ users: [{ id: 'ada', status: 'deleted', ...old }] }));
    const gone = await lab.dump();
    const { operation } = await reinstate(lab);
    await undo(lab, operation);
    expect(await lab.dump()).toEqual(gone);
    expect(the(gone.users, 'ada')).toMatchObject({ deletedBy: 'system' });
  });

  it('X-08 it takes back what was chosen, and nothing else', async () => {
    for (const restore of [[], ['ownership'], ['memberships', 'slots']]) {
      const { gone, result } = await returnOf(lab, fullLife(), { restore });
      await undo(lab, result.operation);
      expect(await lab.dump()).toEqual(gone);
    }
  });

  it('X-08 the user can be reinstated again, from the same deletion', async () => {
    const { after, result } = await returnOf(lab, fullLife());
    await undo(lab, result.operation);
    expectAllDone(await reinstate(lab));
    expect(await lab.dump()).toEqual(after);
  });

  it('X-08 in a preview changes nothing', async () => {
    const { after, result } = await returnOf(lab, fullLife());
    const preview = await undo(lab, result.operation, { mode: 'preview' });
    expect(await lab.dump()).toEqual(after);
    expect(preview).toMatchObject({ state: 'previewed', counts: { 'account.retire': 1 } });
  });

  it('D-01 logins begun since are ended', async () => {
    const { gone, result } = await returnOf(lab, fullLife());
    await lab.sql.query(`insert into lms.login_session (user_id) values ('ada'), ('ada')`);
    await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(gone);
  });

  it.each([
    [
      'a membership',
      `insert into lms.membership (group_id, user_id, role, since) values ('g-root', 'ada', 'author', now())`,
    ],
    ['a course', `update lms.course set main_author_id = 'ada' where id = 'c-other'`],
    ['a session', `update lms.path_session set main_instructor_id = 'ada' where id = 's-dynamic'`],
  ])('D-01 %s that came since is not left with a deleted account', async (_what, gift) => {
    const { result } = await returnOf(lab, fullLife());
    await lab.sql.query(gift);
    await undo(lab, result.operation);
    const after = await lab.dump();
    expectNothingHeldByDeleted(after);
    await lab.load(after);
  });

  it('X-08 a course that has moved on since stays where it is, and is listed', async () => {
    const courses = [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob'] }];
    const { gone: then, result } = await returnOf(lab, world({ courses, users: [{ id: 'dan' }] }));
    await lab.sql.query(`update lms.course set main_author_id = 'dan' where id = 'c-1'`);
    const undone = await undo(lab, result.operation);
    Object.assign(the(then.courses, 'c-1'), { mainAuthor: 'dan', coAuthors: ['bob'] });
    expect(await lab.dump()).toEqual(then);
    expect(undone.attention[0]).toMatchObject({ user: 'ada', type: 'NotRestorable' });
    expect(undone.attention[0]?.message).toContain('c-1');
  });

  it('D-13 a course whose former successor was deleted since is not left with a deleted account', async () => {
    const courses = [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob', 'cem'] }];
    const { result } = await returnOf(lab, world({ courses }));
    await lab.run('deleteUser', { user: 'bob', requestedBy: admin });
    await undo(lab, result.operation);
    const after = await lab.dump();
    expectNothingHeldByDeleted(after);
    const { status } = the(after.users, 'ada');
    expect(the(after.courses, 'c-1').mainAuthor).toBe(status === 'deleted' ? 'cem' : 'ada');
  });

  it('D-14 who has become the platform owner since is not deleted by it', async () => {
    const { result } = await returnOf(lab, fullLife());
    await lab.sql.query(`update lms.platform set owner_id = 'ada'`);
    const before = await lab.dump();
    const type = await undo(lab, result.operation).then(
      ({ attention }) => attention.find(({ user }) => user === 'ada')?.type,
      (error: unknown) => (error as OperationFailed).type,
    );
    // As for any deletion, or as what an undo cannot bring about.
    expect(['PlatformOwnerProtected', 'NotRestorable']).toContain(type);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 the deletion of then finds nothing more to be undone: she lives already', async () => {
    const { before, result: deletion } = await deleted(lab, fullLife());
    await reinstate(lab);
    const { users } = await lab.dump();
    await undo(lab, deletion.operation).catch((error: unknown) =>
      expect(error).toBeInstanceOf(OperationFailed),
    );
    const after = await lab.dump();
    expect(after.users).toEqual(users);
    expect(after.memberships).toEqual(before.memberships);
  });

  it.each(['rita', 'ada', 'nobody'])('A is not allowed to %s', async (requestedBy) => {
    const members: Member[] = [
      ['rita', 'admin', 'g-sales'],
      ['ada', 'learner', 'g-sales'],
    ];
    const { after, result } = await returnOf(lab, world({ members }));
    await failureOf(undo(lab, result.operation, { requestedBy }), 'NotAuthorized');
    expect(await lab.dump()).toEqual(after);
  });
});
