import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { connect } from '../faults/support/connect.ts';
import { eventually } from '../faults/support/eventually.ts';
import { waitingForLocks } from '../faults/support/gates.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';
import { school } from './content-steps.ts';
import { deletionOfSales } from './group-deletion-steps.ts';
import type { Input } from './steps.ts';
import { untilState } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const takesCourse = { group: 'g-sales', courses: ['c-own'], requestedBy: admin };

const joins = `insert into lms.membership (group_id, user_id, role, since)
  select 'g-sales', id, 'learner', '2024-01-01T00:00:00Z' from lms.account where id in ('nia', 'noa')`;
const isEnrolled = `insert into lms.registration (user_id, course_id, method, status, access, listed_as, progress)
  select id, 'c-own', 'self', 'in_progress', true, 'current', 0.5 from lms.account where id in ('nia', 'noa')
  on conflict do nothing`;

/** School with two more, who are in no group but another one. */
function withTwoMore(): World {
  const given = school();
  const since = '2020-01-01T00:00:00Z';
  for (const id of ['nia', 'noa']) {
    given.users.push({ ...(given.users[0] as World['users'][number]), id, email: `${id}@example.org` });
    given.memberships.push({ user: id, role: 'learner', group: 'g-other', since });
  }
  return given;
}

interface Ended {
  before: World;
  after: World;
  result: OperationResult;
}

/** Runs an operation, to which something happens while it waits for its approval. */
async function drifted(workflow: string, input: Input, ...sql: string[]): Promise<Ended> {
  await lab.load(withTwoMore());
  const running = await lab.start(workflow, { ...input, approval: 'required' });
  const { planHash } = await untilState(running, 'waiting-for-approval');
  for (const statement of sql) await lab.sql.query(statement);
  const before = await lab.dump();
  await running.update('approve', { by: admin, planHash });
  const result = await running.result();
  return { before, after: await lab.dump(), result };
}

function accessTo({ registrations }: World, activity: string): string[] {
  return registrations.flatMap((row) => (row.activity === activity && row.access ? [row.user] : []));
}

describe('who comes to a group while a plan waits', () => {
  it('C-09 ADR 7 who joins and has the course loses it with the others', async () => {
    const { before, after, result } = await drifted('removeCoursesFromGroup', takesCourse, joins, isEnrolled);
    expect(accessTo(before, 'c-own')).toEqual(expect.arrayContaining(['nia', 'noa']));
    expect(accessTo(after, 'c-own').filter((user) => ['nia', 'noa'].includes(user))).toEqual([]);
    expect(result).toMatchObject({ state: 'done', attention: [] });
    expect(result.warnings.join()).toContain('2 users');
    await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(before);
  });

  it('C-09 ADR 7 who was there and is registered only now loses it too', async () => {
    const late = `insert into lms.registration (user_id, course_id, method, status, access, listed_as, progress)
      select user_id, 'c-own', 'self', 'in_progress', true, 'current', 0.5 from lms.membership where group_id = 'g-sales'
      on conflict do nothing`;
    const gone = `delete from lms.registration where course_id = 'c-own' and user_id = 'ada'`;
    await lab.load(withTwoMore());
    await lab.sql.query(gone);
    const running = await lab.start('removeCoursesFromGroup', { ...takesCourse, approval: 'required' });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    await lab.sql.query(late);
    expect(accessTo(await lab.dump(), 'c-own')).toContain('ada');
    await running.update('approve', { by: admin, planHash });
    await running.result();
    expect(accessTo(await lab.dump(), 'c-own')).not.toContain('ada');
  });

  it('C-09 who joins without the course, or joins another group, keeps all there is', async () => {
    const elsewhere = joins.replace("'g-sales'", "'g-more'");
    for (const sql of [joins, elsewhere]) {
      const { before, after } = await drifted('removeCoursesFromGroup', takesCourse, sql);
      expect(after.memberships).toEqual(before.memberships);
      const of = ({ registrations }: World): World['registrations'] =>
        registrations.filter(({ user }) => user === 'nia' || user === 'noa');
      expect(of(after)).toEqual(of(before));
    }
  });

  it('G-11 ADR 7 who joins a group that is deleted leaves it with the others, and undo brings them back', async () => {
    const { before, after, result } = await drifted('deleteGroup', deletionOfSales, joins, isEnrolled);
    expect(after.groups.map(({ id }) => id)).not.toContain('g-sales');
    expect(after.memberships.filter(({ user }) => user === 'nia').map(({ group }) => group)).toEqual([
      'g-other',
    ]);
    expect(accessTo(after, 'c-own').filter((user) => ['nia', 'noa'].includes(user))).toEqual([]);
    expect(result.warnings.join()).toContain('2 users');
    await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(before);
  });

  it('G-11 X-11 who joins and is held by another operation is left alone, with their group, and told of', async () => {
    await lab.load(withTwoMore());
    const running = await lab.start('deleteGroup', { ...deletionOfSales, approval: 'required' });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    const holder = await lab.start('deleteUser', { user: 'nia', requestedBy: admin, approval: 'required' });
    await untilState(holder, 'waiting-for-approval');
    await lab.sql.query(joins);
    await running.update('approve', { by: admin, planHash });
    const result = await running.result();
    expect(result.attention).toMatchObject([{ user: 'nia', type: 'OperationInProgress' }]);
    const { memberships, groups } = await lab.dump();
    expect(groups.map(({ id }) => id)).toContain('g-sales');
    expect(memberships.filter(({ group }) => group === 'g-sales').map(({ user }) => user)).toEqual(['nia']);
    await holder.update('reject', { by: admin, reason: 'over' });
    await holder.result().catch(() => undefined);
  });

  it('G-11 X-06 who joins at the very moment in which the group is deleted keeps it, and the operation ends well', async () => {
    await lab.load(withTwoMore());
    const running = await lab.start('deleteGroup', { ...deletionOfSales, approval: 'required' });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    const lms = await connect(lab.databaseUrl);
    await lms.query('begin');
    await lms.query(joins);
    await running.update('approve', { by: admin, planHash });
    await eventually(
      async () => (await waitingForLocks(lab.sql)) > 0,
      () => 'the deletion does not wait for who joins',
    );
    await lms.query('commit');
    await lms.end();
    const result = await running.result();
    expect(result).toMatchObject({ state: 'done', attention: [] });
    expect(result.warnings.join()).toContain('still in use');
    const { rows } = await lab.sql.query(
      `select state from lms_lifecycle.change where operation_id = $1 and kind = 'group.delete'`,
      [result.operation],
    );
    expect(rows).toEqual([{ state: 'conflict' }]);
    const { groups, memberships } = await lab.dump();
    expect(groups.map(({ id }) => id)).toContain('g-sales');
    expect(memberships.filter(({ group }) => group === 'g-sales').map(({ user }) => user)).toEqual([
      'nia',
      'noa',
    ]);
  });
});
