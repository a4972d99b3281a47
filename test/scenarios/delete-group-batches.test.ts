import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab, Running } from '../support/lab.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { expectFailure, outcomeIn, school } from './content-steps.ts';
import { deletionOfSales, expectGroupDeleted, join, tree } from './group-deletion-steps.ts';
import { row, update } from './profile-steps.ts';
import { failureOf, untilState } from './steps.ts';
import type { Input } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 2 });
}, 120_000);
afterAll(() => lab.close());

const seven = ['ann', 'ben', 'cas', 'dov', 'eli', 'fio', 'gil'];
const orphans: Member[] = seven.map((user) => [user, 'learner', 'g-sales'] as const);
const inRegion: NonNullable<Given['groups']> = [{ id: 'g-sales', parent: 'g-region' }];
const refused = (given: World, type: string, input: Input) =>
  expectFailure(lab, given, type, 'deleteGroup', { ...deletionOfSales, ...input });

async function waiting(workflow: string, input: Input): Promise<Running & { approve(): Promise<unknown> }> {
  const running = await lab.start(workflow, { ...input, approval: 'required' });
  const { planHash } = await untilState(running, 'waiting-for-approval');
  return { ...running, approve: () => running.update('approve', { by: admin, planHash }) };
}

describe('a group of several chunks', () => {
  it('G-11 UsersWouldBeDeleted counts them all', async () => {
    const { message } = await refused(world({ members: orphans }), 'UsersWouldBeDeleted', {});
    expect(message).toMatch(/\b7\b/);
  });

  it('G-11 D-14 D-15 one refusal, in whichever chunk, is one of all', async () => {
    for (const special of ['aaa', 'zzz']) {
      const mia: Member[] = [
        ['mia', 'admin', 'g-region'],
        ['mia', 'user-admin', 'g-sales'],
      ];
      const members: Member[] = [...mia, ...orphans, [special, 'coach', 'g-sales']];
      const input = { orphans: 'delete', requestedBy: 'mia' };
      await refused(world({ groups: inRegion, members }), 'NotAuthorized', input);
    }
    const members: Member[] = [...orphans, [owner, 'learner', 'g-sales']];
    await refused(world({ members }), 'PlatformOwnerProtected', { orphans: 'delete' });
  });

  it('D-13 nobody in another chunk is chosen', async () => {
    const given = world({
      groups: inRegion,
      members: orphans,
      courses: seven.map((id, i) => ({
        ...{ id: `c-${id}`, mainAuthor: id, ownerGroup: 'g-sales' },
        coAuthors: [...seven.slice(i + 1), ...seven.slice(0, i), ...(i === 3 ? ['pam'] : [])],
      })),
    });
    const edit = (then: World): void => {
      for (const { id } of given.courses)
        Object.assign(the(then.courses, id), { mainAuthor: id === 'c-dov' ? 'pam' : admin, coAuthors: [] });
    };
    await expectGroupDeleted(
      lab,
      given,
      { deleted: seven, heir: 'g-region', edit },
      { orphans: 'delete', maxShare: 1 },
    );
  });

  it('X-08 undone to the byte, moved or deleted', async () => {
    for (const fate of ['delete', 'moveToParent']) {
      const given = world({
        groups: inRegion,
        members: orphans,
        users: seven.map((id) => ({ id, loginSessions: 1 })),
      });
      const { before, result } = await outcomeIn(lab, given, 'deleteGroup', {
        ...deletionOfSales,
        orphans: fate,
      });
      expect(result.users.done).toBe(7);
      expect((await undo(lab, result.operation)).attention).toEqual([]);
      expect(await lab.dump()).toEqual(before);
    }
  });

  it('X-03 X-04 more than 100 users: the share of the living, then an approval', async () => {
    const crowd = Array.from({ length: 110 }, (_, i) => `u-${i}`);
    const given = world({
      members: crowd.flatMap((user): Member[] =>
        ['g-sales', 'g-other'].map((group) => [user, 'learner', group]),
      ),
    });
    const large = await openLab({ chunkUsers: 50 });
    await expectFailure(large, given, 'GuardExceeded', 'deleteGroup', deletionOfSales);
    await large.load(given);
    const before = await large.dump();
    const running = await large.start('deleteGroup', { ...deletionOfSales, maxShare: 1 });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    expect(await large.dump()).toEqual(before);
    await running.update('approve', { by: admin, planHash });
    expect((await running.result()).users.done).toBe(110);
    await large.close();
  });

  it('X-04 rejected or cancelled, nothing has changed, and the users are free again', async () => {
    await lab.load(school());
    const before = await lab.dump();
    const first = await waiting('deleteGroup', deletionOfSales);
    await first.update('reject', { by: admin, reason: 'not yet' });
    await failureOf(first.result(), 'ApprovalRejected');
    const second = await waiting('deleteGroup', deletionOfSales);
    await second.update('cancelAfterChunk');
    expect(await second.result()).toMatchObject({ state: 'cancelled', counts: {} });
    expect(await lab.dump()).toEqual(before);
    expect((await lab.run('deleteGroup', deletionOfSales)).state).toBe('done');
  });
});

describe('several operations at once', () => {
  it('X-11 a group of which somebody is being dealt with is not deleted meanwhile', async () => {
    await lab.load(school());
    const before = await lab.dump();
    const other = await waiting('deleteUser', { user: 'ada', requestedBy: admin });
    await failureOf(lab.run('deleteGroup', deletionOfSales), 'OperationInProgress');
    expect(await lab.dump()).toEqual(before);
    await other.update('reject', { by: admin, reason: 'no' });
    await failureOf(other.result(), 'ApprovalRejected');
    expect((await lab.run('deleteGroup', deletionOfSales)).users.done).toBe(3);
  });

  it('X-11 members of a group that waits to be deleted are refused elsewhere, others are not', async () => {
    await lab.load(school());
    const deletion = await waiting('deleteGroup', deletionOfSales);
    await failureOf(lab.run('deleteUser', { user: 'ada', requestedBy: admin }), 'OperationInProgress');
    const rows = ['ada', 'dan'].map((user) => row(user, { floor: 1 }));
    const updated = await lab.run('updateProfiles', update(rows));
    expect(updated.users).toEqual({ done: 1, unchanged: 0, attention: 1 });
    expect(updated.attention).toMatchObject([{ line: 1, user: 'ada', type: 'OperationInProgress' }]);
    await deletion.approve();
    expect((await deletion.result()).users.done).toBe(3);
  });

  it('G-11 deleted twice at once, a group is deleted once', async () => {
    await lab.load(
      world({ groups: tree, courses: [{ id: 'c-1', mainAuthor: 'pam', ownerGroup: 'g-shop' }] }),
    );
    const input = { ...deletionOfSales, group: 'g-shop' };
    const [first, second] = [
      await waiting('deleteGroup', input),
      await waiting('deleteGroup', input).catch(() => null),
    ];
    await first.approve();
    expect((await first.result()).counts['group.delete']).toBe(1);
    const after = await lab.dump();
    expect(the(after.courses, 'c-1').ownerGroup).toBe('g-east');
    await second?.approve();
    const late = await second?.result();
    expect(late?.counts ?? {}).toEqual({});
    expect(await lab.dump()).toEqual(after);
  });

  it.each(['delete', 'moveToParent'])(
    'G-11 X-06 a parent that went between plan and apply leaves nobody and nothing behind, orphans: %s',
    async (fate) => {
      const given = world({
        groups: tree,
        members: [
          ['ada', 'learner', 'g-shop'],
          ['bob', 'learner', 'g-other'],
        ],
        courses: [{ id: 'c-1', mainAuthor: 'pam', ownerGroup: 'g-shop' }],
      });
      await lab.load(given);
      const shop = await waiting('deleteGroup', { ...deletionOfSales, group: 'g-shop', orphans: fate });
      await lab.run('deleteGroup', { ...deletionOfSales, group: 'g-east', subgroups: 'moveToParent' });
      await shop.approve();
      const result = await shop.result();
      const after = await lab.dump();
      // Every reference resolves.
      await lab.load(after);
      const isTold = result.attention.some(({ user }) => user === 'ada') || result.warnings.length > 0;
      const isSomewhere = after.memberships.some(({ user }) => user === 'ada');
      const isDeleted = the(after.users, 'ada').status === 'deleted';
      expect(isSomewhere || isDeleted || isTold).toBe(true);
      expect(after.groups.map(({ id }) => id)).toContain(the(after.courses, 'c-1').ownerGroup);
    },
  );

  it('G-11 a member who leaves the last other group meanwhile is not left behind without any', async () => {
    const given = world({
      groups: inRegion,
      members: [
        ['ada', 'learner', 'g-sales'],
        ['ada', 'learner', 'g-other'],
        ['bob', 'learner', 'g-sales'],
      ],
    });
    for (const fate of ['delete', 'moveToParent']) {
      await lab.load(given);
      const running = await waiting('deleteGroup', { ...deletionOfSales, orphans: fate });
      await lab.sql.query(`delete from lms.membership where user_id = 'ada' and group_id = 'g-other'`);
      await running.approve();
      const result = await running.result();
      const after = await lab.dump();
      const isTold = result.attention.some(({ user }) => user === 'ada');
      const isSomewhere = after.memberships.some(({ user }) => user === 'ada');
      const isDeleted = the(after.users, 'ada').status === 'deleted';
      expect(isSomewhere || isTold || isDeleted, fate).toBe(true);
      if (fate === 'moveToParent') expect(isDeleted).toBe(false);
    }
  });

  it('G-11 an orphan who came into another group meanwhile is not deleted', async () => {
    await lab.load(world({ groups: inRegion, members: orphans.slice(0, 2) }));
    const running = await waiting('deleteGroup', { ...deletionOfSales, orphans: 'delete' });
    await lab.sql.query(
      `insert into lms.membership (group_id, user_id, role, since) values ('g-region', 'ann', 'coach', '2024-01-01T00:00:00Z')`,
    );
    await running.approve();
    await running.result();
    const after = await lab.dump();
    expect(the(after.users, 'ann').status).toBe('active');
    expect(after.memberships).toContainEqual(
      expect.objectContaining({ user: 'ann', group: 'g-region', role: 'coach' }),
    );
    expect(the(after.users, 'ben').status).toBe('deleted');
    await lab.load(after);
  });
});

it('G-11 the moved of several chunks all come into the parent', async () => {
  const edit = (then: World): void => seven.forEach((user) => join(then, user, 'g-region'));
  const given = world({ groups: inRegion, members: orphans });
  await expectGroupDeleted(lab, given, { heir: 'g-region', edit }, { orphans: 'moveToParent' });
});
