import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import type { Given } from '../support/world-builder.ts';
import { past, the, upcoming, world } from '../support/world-builder.ts';
import { afterFullLife, fullLife, fullLifeCounts } from './full-life.ts';
import { expectNothingHeldByDeleted, outcomeAfterDrift, retire, theChange } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const whole = { includePrivateSubgroups: true };
const sql = (text: string) => async (): Promise<void> => {
  await lab.sql.query(text);
};

describe('a row that somebody else changed between plan and apply', () => {
  it('X-06 a course given to another stays with that one; all the rest proceeds', async () => {
    const meanwhile = sql(`update lms.course set main_author_id = 'dan' where id = 'c-group'`);
    const { before, after, result, changes } = await outcomeAfterDrift(lab, fullLife(), meanwhile, whole);
    const then = structuredClone(before);
    retire(then, 'ada', 'u-admin', the(after.users, 'ada').deletedAt);
    afterFullLife(then);
    the(then.courses, 'c-group').mainAuthor = 'dan';
    expect(after).toEqual(then);
    expect(theChange(changes, 'ownership.transfer', { id: 'c-group' }).state).toBe('conflict');
    expect(result).toMatchObject({ state: 'done', conflicts: 1 });
    expect(result.counts).toEqual({ ...fullLifeCounts, 'ownership.transfer': 6 });
    expect(changes.filter((change) => change.state === 'applied')).toHaveLength(changes.length - 1);
  });

  it('X-06 likewise for a path, whose session still goes by what stands', async () => {
    const given = world({
      members: [['gus', 'admin', 'g-root', '2010-01-01T00:00:00Z']],
      paths: [{ id: 'p-1', mainAuthor: 'ada' }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'ada' }],
    });
    const meanwhile = sql(`update lms.path set main_author_id = 'u-owner' where id = 'p-1'`);
    const { after, changes } = await outcomeAfterDrift(lab, given, meanwhile);
    expect(the(after.paths, 'p-1').mainAuthor).toBe('u-owner');
    expect(theChange(changes, 'ownership.transfer', { id: 'p-1' }).state).toBe('conflict');
    // Planned for gus, the new author of then; by what stands, for the owner. Never left with Ada.
    expect(['gus', 'u-owner']).toContain(the(after.pathSessions, 's-1').mainInstructor);
    expectNothingHeldByDeleted(after);
  });

  it('X-06 a session given to another instructor stays with that one', async () => {
    const given = world({
      paths: [{ id: 'p-1', mainAuthor: 'pat' }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'ada', coInstructors: ['bob'] }],
      users: [{ id: 'dan' }],
    });
    const meanwhile = sql(`update lms.path_session set main_instructor_id = 'dan' where id = 's-1'`);
    const { after, result, changes } = await outcomeAfterDrift(lab, given, meanwhile);
    expect(the(after.pathSessions, 's-1')).toMatchObject({ mainInstructor: 'dan', coInstructors: ['bob'] });
    expect(theChange(changes, 'ownership.transfer').state).toBe('conflict');
    expect(result.conflicts).toBe(1);
    expect(the(after.users, 'ada').status).toBe('deleted');
  });

  it.each([
    [
      'membership.remove',
      `delete from lms.membership where user_id = 'ada' and group_id = 'g-root'`,
      'g-root',
    ],
    ['slot.leave', `delete from lms.slot_attendee where user_id = 'ada' and slot_id = 't-static-next'`, ''],
    ['co-role.remove', `delete from lms.course_co_author where user_id = 'ada'`, 'c-helped'],
  ])(
    'X-06 %s of what has gone meanwhile is a conflict, and not claimed as its own',
    async (kind, text, item) => {
      const { after, result, changes } = await outcomeAfterDrift(lab, fullLife(), sql(text), whole);
      const gone = changes.filter((change) => change.kind === kind && change.state === 'conflict');
      expect(gone).toHaveLength(1);
      expect(JSON.stringify(gone[0]?.item)).toContain(item);
      expect(result).toMatchObject({ state: 'done', conflicts: 1 });
      expect(the(after.users, 'ada').status).toBe('deleted');
      expectNothingHeldByDeleted(after);
    },
  );

  it('X-06 an email or name that changed meanwhile is kept, and the deletion is no conflict of it', async () => {
    const meanwhile = sql(`update lms.account set email = 'new@example.org', name = 'New' where id = 'ada'`);
    const { after, result } = await outcomeAfterDrift(lab, fullLife(), meanwhile, whole);
    expect(the(after.users, 'ada')).toMatchObject({
      status: 'deleted',
      email: 'new@example.org',
      name: 'New',
    });
    expect(result.conflicts).toBe(0);
  });

  it('X-06 an account that somebody else deleted keeps that time and name', async () => {
    const meanwhile = sql(
      `update lms.account set status = 'deleted', deleted_at = '2026-01-01T00:00:00Z',
         deletion_kind = 'automatic', deleted_by = 'system' where id = 'ada'`,
    );
    const given = world({ users: [{ id: 'ada' }] });
    const { before, after, changes } = await outcomeAfterDrift(lab, given, meanwhile);
    expect(after).toEqual(before);
    expect(theChange(changes, 'account.retire').state).toBe('conflict');
  });

  it('X-06 rows of others that changed meanwhile stay changed', async () => {
    const meanwhile = sql(
      `update lms.account set name = 'Renamed' where id = 'bob';
       update lms.membership set role = 'coach' where user_id = 'bob' and group_id = 'g-sales';
       update lms.course set main_author_id = 'dan' where id = 'c-other'`,
    );
    const { before, after, result } = await outcomeAfterDrift(lab, fullLife(), meanwhile, whole);
    const then = structuredClone(before);
    retire(then, 'ada', 'u-admin', the(after.users, 'ada').deletedAt);
    afterFullLife(then);
    expect(after).toEqual(then);
    expect(result.conflicts).toBe(0);
  });
});

describe('slots that move between plan and apply', () => {
  const given = world({
    paths: [{ id: 'p-1', mainAuthor: 'bob' }],
    sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'bob', participants: ['ada'] }],
    slots: [{ id: 't-1', session: 's-1', attendees: ['ada'], ...upcoming }],
  });

  it('D-03 a slot moved into the past while it was planned keeps the attendance', async () => {
    const meanwhile = sql(`update lms.slot set starts_at = '${past.startsAt}' where id = 't-1'`);
    const { after, result, changes } = await outcomeAfterDrift(lab, given, meanwhile);
    expect(the(after.slots, 't-1').attendees).toEqual(['ada']);
    expect(theChange(changes, 'slot.leave').state).not.toBe('applied');
    expect(result.counts['slot.leave'] ?? 0).toBe(0);
    expect(the(after.users, 'ada').status).toBe('deleted');
  });

  it('D-03 a slot moved to another upcoming time is left all the same', async () => {
    const meanwhile = sql(
      `update lms.slot set starts_at = '2098-01-01T09:00:00Z', ends_at = '2098-01-01T10:00:00Z' where id = 't-1'`,
    );
    const { after } = await outcomeAfterDrift(lab, given, meanwhile);
    expect(the(after.slots, 't-1').attendees).toEqual([]);
  });
});

/**
 * What comes to a user between plan and apply is in no plan. Whether the deletion then takes it along, or leaves
 * the account living with a conflict, no deleted account may be left holding it.
 */
describe('what is given to the user between plan and apply', () => {
  const holdings: Given = {
    members: [['ada', 'learner', 'g-sales']],
    courses: [{ id: 'c-1', mainAuthor: 'bob' }],
    paths: [{ id: 'p-1', mainAuthor: 'bob' }],
    sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'bob' }],
  };

  it.each([
    [
      'a membership',
      `insert into lms.membership (group_id, user_id, role, since) values ('g-root', 'ada', 'coach', now())`,
    ],
    ['another role', `update lms.membership set role = 'coach' where user_id = 'ada'`],
    ['a course', `update lms.course set main_author_id = 'ada' where id = 'c-1'`],
    ['a path', `update lms.path set main_author_id = 'ada' where id = 'p-1'`],
    ['a session', `update lms.path_session set main_instructor_id = 'ada' where id = 's-1'`],
  ])('D-01 %s never outlives the account', async (_what, text) => {
    const { after } = await outcomeAfterDrift(lab, world(holdings), sql(text));
    expectNothingHeldByDeleted(after);
  });

  it('D-14 who becomes the platform owner meanwhile is left as they are, and listed', async () => {
    const given = world({ ...holdings, courses: [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob'] }] });
    const meanwhile = sql(`update lms.platform set owner_id = 'ada'`);
    const { before, after, result } = await outcomeAfterDrift(lab, given, meanwhile);
    expect({ ...after, platform: null }).toEqual({ ...before, platform: null });
    expect(result).toMatchObject({
      state: 'done',
      counts: {},
      users: { done: 0, attention: 1 },
      attention: [{ user: 'ada', type: 'PlatformOwnerProtected' }],
    });
  });

  it('D-01 a login begun meanwhile is ended as well', async () => {
    const meanwhile = sql(`insert into lms.login_session (user_id) values ('ada'), ('ada'), ('bob')`);
    const { after } = await outcomeAfterDrift(lab, world(holdings), meanwhile);
    expect(the(after.users, 'ada')).toMatchObject({ status: 'deleted', loginSessions: 0 });
    expect(the(after.users, 'bob').loginSessions).toBe(1);
  });

  it('D-13 an heir who left the co-authors meanwhile does not leave the course to the deleted', async () => {
    const given = world({
      courses: [{ id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob', 'cem'] }],
    });
    const meanwhile = sql(`delete from lms.course_co_author where course_id = 'c-1' and user_id = 'bob'`);
    const { after } = await outcomeAfterDrift(lab, given, meanwhile);
    expectNothingHeldByDeleted(after);
    expect(the(after.courses, 'c-1').coAuthors).not.toContain(the(after.courses, 'c-1').mainAuthor);
  });
});
