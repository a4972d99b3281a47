import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, past, the, world } from '../support/world-builder.ts';
import type { Given } from '../support/world-builder.ts';
import { dayIn } from './days.ts';
import { fullLife, fullLifeCounts } from './full-life.ts';
import {
  enliven,
  expectAccountAnd,
  expectAllDone,
  expectReturn,
  reinstate,
  returnOf,
} from './reinstate-steps.ts';
import { essence, expectNothingHeldByDeleted, failureOf } from './steps.ts';
import type { Input } from './steps.ts';
import { deleted, whole } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

/** What of a full life is not as it was: the successor who was promoted is the first of the co-authors now. */
function asFirstCoAuthor(then: World): void {
  the(then.courses, 'c-co').coAuthors = ['bob', 'old', 'cem', 'dan'];
}

const backToFullLife = {
  'account.reinstate': 1,
  'membership.add': fullLifeCounts['membership.remove'],
  'session.join': fullLifeCounts['session.leave'],
  'slot.join': fullLifeCounts['slot.leave'],
  'ownership.transfer': fullLifeCounts['ownership.transfer'],
  'co-role.add': fullLifeCounts['co-role.remove'],
};

describe('the account', () => {
  it('D-20 comes back as it was, with email, name and profile, but without its logins', async () => {
    const given = world({
      users: [
        { id: 'ada', email: 'Ada@Example.org', name: 'Ada B.', profile: { team: 'sales' }, loginSessions: 3 },
        { id: 'bob', loginSessions: 2 },
      ],
    });
    const { after, result } = await expectReturn(lab, given);
    expect(the(after.users, 'ada')).toMatchObject({
      ...{ status: 'active', deletedAt: null, deletionKind: null, deletedBy: null },
      ...{ email: 'Ada@Example.org', name: 'Ada B.', profile: { team: 'sales' }, loginSessions: 0 },
    });
    expect(the(after.users, 'bob').loginSessions).toBe(2);
    expect(result.counts).toEqual({ 'account.reinstate': 1 });
  });

  it('D-20 comes back with everything that belongs to it', async () => {
    const { result, after } = await expectReturn(lab, fullLife(), asFirstCoAuthor);
    expect(result.counts).toEqual(backToFullLife);
    expectNothingHeldByDeleted(after);
  });

  it('D-20 leaves a world behind that can be loaded again', async () => {
    const { after } = await returnOf(lab, fullLife());
    await lab.load(after);
    expect(await lab.dump()).toEqual(after);
  });

  it('D-20 takes a seat again, the last one too', async () => {
    const { after } = await expectReturn(lab, world({ users: [{ id: 'ada' }], deleted: ['old'], seats: 3 }));
    await failureOf(reinstate(lab, { user: 'old' }), 'NoSeat');
    expect(await lab.dump()).toEqual(after);
  });

  it('D-20 is found by id, by email, and by the bare string of either', async () => {
    const given = world({ users: [{ id: 'ada', email: 'Ada@Example.org' }] });
    for (const user of ['ada', { id: 'ada' }, '  aDa@eXample.ORG ', { email: 'ADA@example.org ' }]) {
      await expectReturn(lab, given, undefined, { user });
    }
  });

  it('D-20 is the one deleted last when several deleted accounts have the email', async () => {
    const email = 'ada@example.org';
    const given = world({
      users: [
        { id: 'a-first', email, status: 'deleted', deletedAt: '2024-01-01T00:00:00Z' },
        { id: 'ada', email: 'ADA@example.org', status: 'deleted', deletedAt: '2024-02-01T00:00:00Z' },
        { id: 'z-last', email, status: 'deleted', deletedAt: '2023-01-01T00:00:00Z' },
      ],
    });
    await lab.load(given);
    const then = await lab.dump();
    expectAllDone(await reinstate(lab, { user: email }));
    enliven(then);
    expect(await lab.dump()).toEqual(then);
  });
});

describe('the deletion date', () => {
  it.each(['Pacific/Kiritimati', 'Europe/Amsterdam', 'Pacific/Pago_Pago'])(
    'D-20 is cleared in %s once it has begun, and stays while it lies ahead',
    async (timeZone) => {
      for (const [days, stays] of [
        [-400, false],
        [-1, false],
        [0, false],
        [1, true],
        [400, true],
      ] as const) {
        const deletionScheduledOn = dayIn(timeZone, days);
        const { after } = await returnOf(
          lab,
          world({ timeZone, users: [{ id: 'ada', deletionScheduledOn }] }),
        );
        expect(the(after.users, 'ada').deletionScheduledOn).toBe(stays ? deletionScheduledOn : null);
      }
    },
  );

  it('D-20 does not delete again by itself who was reinstated after an automatic deletion', async () => {
    const deletionScheduledOn = '2024-05-01';
    await lab.load(
      world({ users: [{ id: 'ada', deletionScheduledOn }], members: [['ada', 'learner', 'g-1']] }),
    );
    await lab.run('deleteDueUsers', {});
    await reinstate(lab);
    const before = await lab.dump();
    await lab.run('deleteDueUsers', {});
    expect(await lab.dump()).toEqual(before);
    expect(the(before.users, 'ada')).toMatchObject({ status: 'active', deletionScheduledOn: null });
  });
});

describe('memberships', () => {
  const session = { path: 'p-1', mainInstructor: 'pat' };
  const dynamic = { ...session, audience: 'dynamic' as const };
  const memberships = { restore: ['memberships'] };

  it('D-20 come back with their roles and since, in public and private groups', async () => {
    const given = world({
      groups: [
        { id: 'g-closed', visibility: 'private' },
        { id: 'g-inner', parent: 'g-closed' },
      ],
      members: [
        ['ada', 'admin', 'g-root', '2019-05-06T07:08:09.123456Z'],
        ['ada', 'learner', 'g-sales', '2020-01-01T00:00:00Z'],
        ['ada', 'coach', 'g-sales', '2021-12-31T23:59:59.999Z'],
        ['ada', 'author', 'g-closed', '2022-02-02T02:02:02Z'],
        ['ada', 'user-admin', 'g-inner', '2023-03-03T03:03:03+03:00'],
        ['bob', 'learner', 'g-sales'],
        ['bob', 'learner', 'g-support'],
      ],
    });
    const { result } = await expectReturn(lab, given);
    expect(result.counts).toEqual({ 'account.reinstate': 1, 'membership.add': 5 });
  });

  it('D-20 G-08 come back with the places in dynamic sessions', async () => {
    const given = world({
      members: [
        ['ada', 'learner', 'g-sales'],
        ['ada', 'coach', 'g-support'],
        ['bob', 'learner', 'g-sales'],
      ],
      paths: [{ id: 'p-1', mainAuthor: 'pat' }],
      sessions: [
        { ...dynamic, id: 's-1', audienceGroups: ['g-sales'], participants: ['ada', 'bob'] },
        { ...dynamic, id: 's-2', audienceGroups: ['g-sales', 'g-support'], participants: ['ada'] },
        { ...dynamic, id: 's-3', audienceGroups: ['g-support'], participants: ['ada'] },
        { ...dynamic, id: 's-other', audienceGroups: ['g-other'] },
      ],
    });
    const { result } = await expectReturn(lab, given, undefined, memberships);
    expect(result.counts).toEqual({ 'account.reinstate': 1, 'membership.add': 2, 'session.join': 3 });
  });

  it('D-20 G-08 lead into every dynamic session of the audience, also where there was no place before', async () => {
    const given = world({
      members: [['ada', 'learner', 'g-sales']],
      paths: [{ id: 'p-1', mainAuthor: 'pat' }],
      sessions: [
        { ...dynamic, id: 's-had', audienceGroups: ['g-sales'], participants: ['ada'] },
        { ...dynamic, id: 's-had-not', audienceGroups: ['g-sales'] },
      ],
      slots: [{ id: 't-1', session: 's-had-not' }],
    });
    await expectReturn(lab, given, (then) => {
      the(then.pathSessions, 's-had-not').participants = ['ada'];
    });
  });

  it('D-20 G-09 change nothing in static sessions: who was in stays, who was not does not join', async () => {
    const given = world({
      members: [['ada', 'learner', 'g-sales']],
      paths: [{ id: 'p-1', mainAuthor: 'pat' }],
      sessions: [
        { ...session, id: 's-in', audienceGroups: ['g-sales'], participants: ['ada'] },
        { ...session, id: 's-out', audienceGroups: ['g-sales'], participants: ['bob'] },
      ],
    });
    const { result } = await expectReturn(lab, given);
    expect(result.counts['session.join'] ?? 0).toBe(0);
  });

  it('D-20 lead into no slot: those are chosen for themselves', async () => {
    const given = world({
      members: [['ada', 'learner', 'g-sales']],
      paths: [{ id: 'p-1', mainAuthor: 'pat' }],
      sessions: [{ ...dynamic, id: 's-1', audienceGroups: ['g-sales'], participants: ['ada'] }],
      slots: [{ id: 't-1', session: 's-1', attendees: ['ada'] }],
    });
    await expectReturn(lab, given, (then) => (the(then.slots, 't-1').attendees = []), memberships);
  });
});

describe('slots', () => {
  const given: Given = {
    members: [
      ['ada', 'learner', 'g-sales'],
      ['bob', 'learner', 'g-sales'],
    ],
    paths: [{ id: 'p-1', mainAuthor: 'pat' }],
    sessions: [
      { id: 's-static', path: 'p-1', mainInstructor: 'pat', participants: ['ada', 'bob'] },
      {
        ...{ id: 's-dynamic', path: 'p-1', mainInstructor: 'pat', participants: ['ada', 'bob'] },
        ...{ audience: 'dynamic', audienceGroups: ['g-sales'] },
      },
    ],
    slots: [
      { id: 't-past', session: 's-static', attendees: ['ada'], ...past },
      { id: 't-static', session: 's-static', attendees: ['ada'], capacity: 1 },
      { id: 't-dynamic', session: 's-dynamic', attendees: ['ada', 'bob'], capacity: 2 },
      { id: 't-never', session: 's-static', attendees: ['bob'] },
    ],
  };

  it('D-20 that are still upcoming are joined again, the last free seat too, and no other', async () => {
    const { result } = await expectReturn(lab, world(given));
    expect(result.counts['slot.join']).toBe(2);
  });

  it('D-22 a static session still has the place, so that its slots need no membership', async () => {
    const edit = (then: World): void => {
      the(then.slots, 't-static').attendees = ['ada'];
    };
    await expectAccountAnd(lab, world(given), edit, { restore: ['slots'] });
  });
});

describe('ownership', () => {
  const ownership = { restore: ['ownership'] };

  it('D-20 comes back, and the promoted successor is the first of the co-list then', async () => {
    const coAuthors = ['old', 'bob', 'cem'];
    const given = world({
      deleted: ['old'],
      courses: [{ id: 'c-1', mainAuthor: 'ada', coAuthors }],
      paths: [{ id: 'p-1', mainAuthor: 'ada', coAuthors }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'ada', coInstructors: coAuthors }],
    });
    const { result } = await expectReturn(
      lab,
      given,
      (then) => {
        the(then.courses, 'c-1').coAuthors = ['bob', 'old', 'cem'];
        the(then.paths, 'p-1').coAuthors = ['bob', 'old', 'cem'];
        the(then.pathSessions, 's-1').coInstructors = ['bob', 'old', 'cem'];
      },
      ownership,
    );
    expect(result.counts).toEqual({ 'account.reinstate': 1, 'ownership.transfer': 3 });
  });

  it('D-20 comes back from group admins and the platform owner, who were in no co-list and enter none', async () => {
    const given = world({
      members: [['gus', 'admin', 'g-sales']],
      groups: [
        { id: 'g-east', parent: 'g-sales' },
        { id: 'g-deep', parent: 'g-void' },
      ],
      deleted: ['old'],
      courses: [
        { id: 'c-group', mainAuthor: 'ada', ownerGroup: 'g-sales' },
        { id: 'c-parent', mainAuthor: 'ada', ownerGroup: 'g-east', coAuthors: ['old'] },
        { id: 'c-owner', mainAuthor: 'ada', ownerGroup: 'g-deep' },
      ],
      paths: [{ id: 'p-1', mainAuthor: 'ada', ownerGroup: 'g-sales' }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'ada' }],
    });
    const { gone } = await expectReturn(lab, given, undefined, ownership);
    expect(the(gone.courses, 'c-parent').mainAuthor).toBe('gus');
    expect(the(gone.courses, 'c-owner').mainAuthor).toBe(owner);
    expect(the(gone.pathSessions, 's-1').mainInstructor).toBe('gus');
  });

  it('D-20 puts the successor before a co-list that others have left meanwhile', async () => {
    const courses = [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob', 'cem', 'dan'] }];
    const meanwhile = `delete from lms.course_co_author where course_id = 'c-1' and user_id = 'cem'`;
    const { after, result } = await returnOf(lab, world({ courses }), {}, meanwhile);
    expect(the(after.courses, 'c-1')).toMatchObject({ mainAuthor: 'ada', coAuthors: ['bob', 'dan'] });
    expectAllDone(result);
  });

  it('D-20 gives co-positions back, in their old place', async () => {
    const given = world({
      courses: [{ id: 'c-1', mainAuthor: 'bob', coAuthors: ['cem', 'ada', 'dan'] }],
      paths: [{ id: 'p-1', mainAuthor: 'bob', coAuthors: ['ada', 'cem'] }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'bob', coInstructors: ['cem', 'ada'] }],
    });
    const { result } = await expectReturn(lab, given, undefined, ownership);
    expect(result.counts).toEqual({ 'account.reinstate': 1, 'co-role.add': 3 });
  });

  it('D-20 gives co-positions back whoever is the main author now', async () => {
    const courses = [{ id: 'c-1', mainAuthor: 'bob', coAuthors: ['ada', 'cem'] }];
    const meanwhile = `update lms.course set main_author_id = 'dan' where id = 'c-1'`;
    const { after, result } = await returnOf(lab, world({ courses, users: [{ id: 'dan' }] }), {}, meanwhile);
    expect(the(after.courses, 'c-1')).toMatchObject({ mainAuthor: 'dan', coAuthors: ['ada', 'cem'] });
    expectAllDone(result);
  });

  it('D-20 goes back step by step when the successor was deleted and reinstated too', async () => {
    const courses = [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob', 'cem', 'dan'] }];
    const { before } = await deleted(lab, world({ courses }));
    await lab.run('deleteUser', { user: 'bob', requestedBy: admin });
    expectAllDone(await reinstate(lab, { user: 'bob' }));
    expectAllDone(await reinstate(lab));
    expect(await lab.dump()).toEqual(before);
  });

  it('D-12 D-20 activities, posts, registrations and history had never gone', async () => {
    const { gone, after } = await returnOf(lab, fullLife());
    for (const table of ['activities', 'items', 'registrations', 'history'] as const) {
      expect(after[table]).toEqual(gone[table]);
    }
  });
});

describe('the choice', () => {
  /** Each part of a full life as an edit of the world without it. */
  const parts: Record<string, (then: World, living: World) => void> = {
    memberships: (then, living) => {
      then.memberships = living.memberships;
      const { participants } = the(living.pathSessions, 's-dynamic');
      the(then.pathSessions, 's-dynamic').participants = participants;
    },
    slots: (then, living) => {
      then.slots = living.slots;
    },
    ownership: (then, living) => {
      then.courses = living.courses;
      asFirstCoAuthor(then);
      then.paths = living.paths;
      for (const { id, mainInstructor, coInstructors } of living.pathSessions) {
        Object.assign(the(then.pathSessions, id), { mainInstructor, coInstructors });
      }
    },
  };

  /** Without the memberships the links that they were are lost, and with them what is open and not completed (C-08). */
  function loseWhatGroupsLinked(then: World): void {
    for (const registration of then.registrations) {
      if (registration.user === 'ada' && ['c-co', 'p-main'].includes(registration.activity))
        registration.access = false;
    }
  }

  it.each([
    '',
    'memberships',
    'ownership',
    'memberships,slots',
    'ownership,memberships',
    'slots,ownership,memberships',
  ])('D-20 is the operator’s: [%s]', async (restore) => {
    const chosen = restore.split(',').filter((part) => part !== '');
    const edit = (then: World, living: World): void => {
      if (!chosen.includes('memberships')) loseWhatGroupsLinked(then);
      for (const part of chosen) parts[part]?.(then, living);
    };
    const { result } = await expectAccountAnd(lab, fullLife(), edit, { restore: chosen });
    expectAllDone(result);
  });

  it('D-20 of slots alone leaves out those of dynamic sessions, which need the membership', async () => {
    const edit = (then: World): void => {
      loseWhatGroupsLinked(then);
      the(then.slots, 't-static-next').attendees = ['ada', 'bob'];
    };
    await expectAccountAnd(lab, fullLife(), edit, { restore: ['slots'] });
  });
});

describe('which deletion', () => {
  const given = world({
    users: [{ id: 'ada', loginSessions: 2, deletionScheduledOn: '2024-05-01' }],
    groups: [{ id: 'g-east', parent: 'g-sales' }],
    members: [
      ['ada', 'learner', 'g-sales', '2021-01-01T00:00:00Z'],
      ['ada', 'coach', 'g-sales', '2022-01-01T00:00:00Z'],
      ['ada', 'learner', 'g-east', '2023-01-01T00:00:00Z'],
    ],
    courses: [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob', 'cem'] }],
    paths: [{ id: 'p-1', mainAuthor: 'bob', coAuthors: ['ada'] }],
    sessions: [
      {
        ...{ id: 's-1', path: 'p-1', mainInstructor: 'bob', participants: ['ada'] },
        ...{ audience: 'dynamic', audienceGroups: ['g-sales', 'g-east'] },
      },
    ],
    slots: [{ id: 't-1', session: 's-1', attendees: ['ada'] }],
  });

  it.each<[string, Input]>([
    ['deleteUser', { user: 'ada', requestedBy: admin }],
    ['deleteUsers', { users: ['ada'], requestedBy: admin }],
    ['removeFromGroup', { group: 'g-sales', users: ['ada'], requestedBy: admin }],
    ['removeFromGroup', { group: 'g-root', users: 'ada', requestedBy: admin }],
    ['deleteDueUsers', {}],
  ])('D-20 whether by %s %j, it is taken back', async (workflow, input) => {
    await lab.load(given);
    const then = await lab.dump();
    await lab.run(workflow, input);
    expect(the((await lab.dump()).users, 'ada').status).toBe('deleted');
    expectAllDone(await reinstate(lab));
    Object.assign(the(then.users, 'ada'), { loginSessions: 0, deletionScheduledOn: null });
    expect(await lab.dump()).toEqual(then);
  });

  it('D-20 one of many who were deleted together comes back alone, then another', async () => {
    const courses = [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob', 'cem'] }];
    const members = (['ada', 'bob'] as const).map((user) => [user, 'learner', 'g-sales'] as const);
    await lab.load(world({ courses, members }));
    await lab.run('deleteUsers', { users: 'ada, bob', requestedBy: admin });
    const then = await lab.dump();
    expect(the(then.courses, 'c-1')).toMatchObject({ mainAuthor: 'cem', coAuthors: [] });

    expectAllDone(await reinstate(lab));
    enliven(then);
    then.memberships = (await lab.dump()).memberships;
    Object.assign(the(then.courses, 'c-1'), { mainAuthor: 'ada', coAuthors: ['cem'] });
    expect(await lab.dump()).toEqual(then);
    expect(then.memberships.map(({ user }) => user).sort()).toEqual(['ada', admin]);

    expectAllDone(await reinstate(lab, { user: 'bob' }));
    const after = await lab.dump();
    expect(the(after.courses, 'c-1').mainAuthor).toBe('ada');
    expect(the(after.courses, 'c-1').coAuthors.toSorted()).toEqual(['bob', 'cem']);
    expect(after.memberships.map(({ user }) => user).sort()).toEqual(['ada', 'bob', admin]);
  });

  it('D-20 deleted, reinstated and deleted again is as if deleted once, and can be reinstated again', async () => {
    const first = await returnOf(lab, fullLife());
    const again = await lab.run('deleteUser', { user: 'ada', requestedBy: admin, ...whole });
    expect(again.counts).toEqual(fullLifeCounts);
    const twice = await lab.dump();
    the(twice.users, 'ada').deletedAt = the(first.gone.users, 'ada').deletedAt;
    // bob, once promoted, is the first of the co-authors whom the second deletion finds.
    expect(twice).toEqual(first.gone);
    expectAllDone(await reinstate(lab));
    expect(await lab.dump()).toEqual(first.after);
  });

  it('D-20 the last one counts: what was not chosen after an earlier one stays away', async () => {
    await returnOf(lab, world({ members: [['ada', 'learner', 'g-sales']] }), { restore: [] });
    await lab.sql.query(
      `insert into lms.membership (group_id, user_id, role, since)
         values ('g-root', 'ada', 'coach', '2024-04-04T04:04:04Z')`,
    );
    const before = await lab.dump();
    await lab.run('deleteUser', { user: 'ada', requestedBy: admin });
    expectAllDone(await reinstate(lab));
    expect(await lab.dump()).toEqual(before);
  });

  it('D-20 one from before the story left no record: the account comes back, nothing else changes', async () => {
    const story = world({
      users: [{ id: 'ada', status: 'deleted', deletedAt: '2024-02-01T00:00:00Z', deletedBy: 'system' }],
      courses: [{ id: 'c-1', mainAuthor: 'bob', coAuthors: ['ada', 'cem'] }],
      paths: [{ id: 'p-1', mainAuthor: 'bob' }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'bob', participants: ['ada'] }],
      slots: [
        { id: 't-past', session: 's-1', attendees: ['ada'], ...past },
        { id: 't-next', session: 's-1' },
      ],
      registrations: [{ user: 'ada', activity: 'c-1' }],
    });
    await lab.load(story);
    const then = await lab.dump();
    const result = await reinstate(lab);
    enliven(then);
    expect(await lab.dump()).toEqual(then);
    expectAllDone(result);
    expect(result.counts).toEqual({ 'account.reinstate': 1 });
  });

  it('D-20 one that the LMS itself made left no record, and an older record is not taken for it', async () => {
    await returnOf(lab, world({ members: [['ada', 'learner', 'g-sales']] }));
    await lab.sql.query(
      `delete from lms.membership where user_id = 'ada';
       update lms.account set status = 'deleted', deleted_at = '2026-01-01T00:00:00Z',
         deletion_kind = 'manual', deleted_by = 'u-owner' where id = 'ada'`,
    );
    const then = await lab.dump();
    const result = await reinstate(lab);
    enliven(then);
    expect(await lab.dump()).toEqual(then);
    expect(result.counts).toEqual({ 'account.reinstate': 1 });
  });
});

describe('what every operation has', () => {
  it('X-01 a preview changes nothing, and equals what apply does, change by change', async () => {
    const { gone, after, result: preview } = await returnOf(lab, fullLife(), { mode: 'preview' });
    expect(after).toEqual(gone);
    expect(preview).toMatchObject({
      state: 'previewed',
      counts: backToFullLife,
      attention: [],
      conflicts: 0,
    });
    const applied = await reinstate(lab, { planHash: preview.planHash });
    expect(applied).toMatchObject({ state: 'done', planHash: preview.planHash, counts: preview.counts });
    expect(essence(await lab.changes(applied.operation))).toEqual(
      essence(await lab.changes(preview.operation)),
    );
  });

  it('X-02 a preview of another world is not applied', async () => {
    const { result: preview } = await returnOf(lab, fullLife(), { mode: 'preview' });
    await lab.sql.query(`update lms.course set main_author_id = 'dan' where id = 'c-last'`);
    const before = await lab.dump();
    const { message } = await failureOf(reinstate(lab, { planHash: preview.planHash }), 'PlanChanged');
    expect(message).toContain('c-last');
    expect(await lab.dump()).toEqual(before);
  });

  it('X-13 every change has a rule and a sentence, and is recorded as applied', async () => {
    const { result } = await returnOf(lab, fullLife());
    const changes = await lab.changes(result.operation);
    expect(changes).toHaveLength(Object.values(backToFullLife).reduce((sum, count) => sum + count));
    for (const { user, state, reason } of changes) {
      expect({ user, state }).toEqual({ user: 'ada', state: 'applied' });
      expect(reason.rule).toMatch(/^[A-Z]-\d\d/);
      expect(reason.because.length).toBeGreaterThan(5);
    }
  });

  it('X-16 tells what cannot be chosen, and what is missing', async () => {
    await lab.load(world({ deleted: ['ada'] }));
    const before = await lab.dump();
    const { message } = await failureOf(reinstate(lab, { restore: ['slots', 'logins'] }), 'InvalidInput');
    expect(message).toContain('restore');
    for (const input of [
      {},
      { user: 'ada' },
      { requestedBy: admin },
      { user: ['ada'], requestedBy: admin },
    ]) {
      await failureOf(lab.run('reinstateUser', input), 'InvalidInput');
    }
    expect(await lab.dump()).toEqual(before);
  });
});
