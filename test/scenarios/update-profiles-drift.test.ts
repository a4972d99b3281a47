import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, the } from '../support/world-builder.ts';
import type { Member } from '../support/world-builder.ts';
import { outcomeIn } from './content-steps.ts';
import { has, row, teams, update } from './profile-steps.ts';
import { expectNothingHeldByDeleted, untilState } from './steps.ts';
import type { Outcome } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const members: Member[] = ['ada', 'bob', 'cem', 'dan'].map((user) => [user, 'learner', 'g-home'] as const);

/** Something happens while the update that takes Ada and Bob to sales waits for its approval. */
async function drifted(sql: string, of: World = drifting): Promise<Outcome> {
  await lab.load(of);
  const input = update(
    ['ada', 'bob'].map((user) => row(user, { team: 'sales' })),
    { approval: 'required' },
  );
  const running = await lab.start('updateProfiles', input);
  const { planHash } = await untilState(running, 'waiting-for-approval');
  await lab.sql.query(sql);
  const before = await lab.dump();
  await running.update('approve', { by: admin, planHash });
  const result = await running.result();
  return { before, after: await lab.dump(), result };
}

const drifting = teams({
  users: ['ada', 'bob'].map((id) => ({ id, profile: { team: 'it', floor: 1 } })),
  members: [...members, ['zoe', 'learner', 'g-sales']],
  courses: [{ id: 'c-1', mainAuthor: 'pam' }],
  groupCourses: [{ group: 'g-sales', course: 'c-1' }],
});

describe('what moves between plan and apply', () => {
  const bobIsIn = (after: World): void => {
    expect(the(after.users, 'bob').profile).toEqual({ team: 'sales', floor: 1 });
    expect(after.memberships).toContainEqual(expect.objectContaining({ user: 'bob', group: 'g-sales' }));
    expect(after.registrations).toContainEqual(
      expect.objectContaining({ user: 'bob', activity: 'c-1', access: true }),
    );
  };

  it('X-06 another attribute keeps its new value, and is no conflict', async () => {
    const { after, result } = await drifted(
      `update lms.account set profile = '{"team":"it","floor":2,"desk":7}' where id = 'ada'`,
    );
    expect(the(after.users, 'ada').profile).toEqual({ team: 'sales', floor: 2, desk: 7 });
    expect(result).toMatchObject({ conflicts: 0, users: { done: 2 } });
    bobIsIn(after);
  });

  it('X-06 the attribute itself keeps what somebody else gave it: a conflict, the rest proceeds', async () => {
    const { after, result } = await drifted(
      `update lms.account set profile = '{"team":"support","floor":1}' where id = 'ada'`,
    );
    expect(the(after.users, 'ada').profile).toEqual({ team: 'support', floor: 1 });
    expect(result.conflicts).toBeGreaterThan(0);
    bobIsIn(after);
  });

  it('X-06 a membership and a registration that came meanwhile are theirs, not ours', async () => {
    const { before, after, result } = await drifted(
      `insert into lms.membership (group_id, user_id, role, since) values ('g-sales', 'ada', 'learner', '2024-01-01T00:00:00Z');
       insert into lms.registration (user_id, course_id, method, status, access, listed_as, progress)
         values ('ada', 'c-1', 'self', 'in_progress', true, 'current', 0.5)`,
    );
    const hers = (dump: World): object[] =>
      [...dump.memberships, ...dump.registrations].filter(({ user }) => user === 'ada');
    expect(hers(after)).toEqual(hers(before));
    expect(result.conflicts).toBe(2);
    bobIsIn(after);
    await undo(lab, result.operation);
    expect(hers(await lab.dump())).toEqual(hers(before));
  });

  it('D-01 C-04 who was deleted meanwhile gets nothing', async () => {
    const { before, after } = await drifted(
      `delete from lms.membership where user_id = 'ada';
       update lms.account set status = 'deleted', deleted_at = '2026-01-01T00:00:00Z', deletion_kind = 'manual', deleted_by = 'u-owner'
         where id = 'ada'`,
    );
    expectNothingHeldByDeleted(after);
    expect(after.registrations.filter(({ user }) => user === 'ada')).toEqual([]);
    expect(the(after.users, 'ada')).toEqual(the(before.users, 'ada'));
    bobIsIn(after);
  });

  it('X-06 a group that went meanwhile is not joined', async () => {
    const { after, result } = await drifted(
      `delete from lms.group_course; delete from lms.membership where group_id = 'g-sales'; delete from lms.user_group where id = 'g-sales'`,
    );
    expect(result.state).toBe('done');
    expect(after.groups.some(({ id }) => id === 'g-sales')).toBe(false);
    expect(after.memberships.some(({ group }) => group === 'g-sales')).toBe(false);
    await lab.load(after);
  });
});

describe('undoing when the world has moved', () => {
  const toSales = update([row('ada', { team: 'sales', floor: 2 })]);

  /** After the update something happens; undone, the dump is as before but for the edit, and these are listed. */
  async function expectPartly(sql: string, mentions: string[], edit: (then: World) => void): Promise<void> {
    const { before, result } = await outcomeIn(lab, drifting, 'updateProfiles', toSales);
    await lab.sql.query(sql);
    const undone = await undo(lab, result.operation);
    const then = structuredClone(before);
    edit(then);
    expect(await lab.dump()).toEqual(then);
    expect(undone.attention.length > 0).toBe(mentions.length > 0);
    for (const line of undone.attention) expect(line).toMatchObject({ user: 'ada', type: 'NotRestorable' });
    for (const mention of mentions)
      expect(undone.attention.map(({ message }) => message).join('\n')).toContain(mention);
  }

  it('X-08 another attribute that changed since stays', async () => {
    await expectPartly(
      `update lms.account set profile = profile || '{"desk":7}' where id = 'ada'`,
      [],
      (then) => has(then, 'ada', { team: 'it', floor: 1, desk: 7 }),
    );
  });

  it('X-08 an attribute that changed again since stays, and is listed without its value', async () => {
    const { before, result } = await outcomeIn(lab, drifting, 'updateProfiles', toSales);
    await lab.sql.query(`update lms.account set profile = profile || '{"team":"hidden"}' where id = 'ada'`);
    const undone = await undo(lab, result.operation);
    const { profile } = the((await lab.dump()).users, 'ada');
    expect(profile['team']).toBe('hidden');
    expect(undone.attention).toMatchObject([{ user: 'ada', type: 'NotRestorable' }]);
    expect(JSON.stringify(undone)).not.toContain('hidden');
    expect(the(before.users, 'ada').profile).toEqual({ team: 'it', floor: 1 });
  });

  it('X-08 a course that has been begun since stays, and is listed', async () => {
    await expectPartly(
      `update lms.registration set status = 'completed', listed_as = 'completed', progress = 1, completed_at = '2025-01-01T00:00:00Z'`,
      ['c-1'],
      (then) =>
        then.registrations.push({
          ...{ user: 'ada', activity: 'c-1', method: 'admin' as const, access: true },
          ...completedRow,
        }),
    );
  });

  it('X-08 a group that has gone since is no obstacle', async () => {
    await expectPartly(
      `delete from lms.group_course; delete from lms.membership where group_id = 'g-sales'; delete from lms.user_group where id = 'g-sales'`,
      [],
      (then) => {
        then.groups = then.groups.filter(({ id }) => id !== 'g-sales');
        then.groupCourses = [];
        then.memberships = then.memberships.filter(({ group }) => group !== 'g-sales');
      },
    );
  });

  it('X-08 D-02 who was deleted since stays so, as far as groups go', async () => {
    const gone = teams({
      users: [{ id: 'ada', profile: { team: 'sales' } }],
      members: [...members, ['ada', 'learner', 'g-sales']],
    });
    const { result } = await outcomeIn(lab, gone, 'updateProfiles', update([row('ada', { team: 'it' })]));
    await lab.run('deleteUser', { user: 'ada', requestedBy: admin });
    await undo(lab, result.operation);
    const after = await lab.dump();
    expectNothingHeldByDeleted(after);
    await lab.load(after);
  });
});

const completedRow = {
  ...{ status: 'completed' as const, listedAs: 'completed' as const, progress: 1 },
  completedAt: '2025-01-01T00:00:00Z',
};
