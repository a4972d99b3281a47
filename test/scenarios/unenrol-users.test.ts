import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainChanges } from '../../ledger/explain.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, emailOf, owner, world } from '../support/world-builder.ts';
import { completed, expectFailure, outcomeIn } from './content-steps.ts';
import { academy, unenrolled, waiting } from './registration-steps.ts';
import { essence, failureOf } from './steps.ts';
import type { Input } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const adaFromOne = { registrations: [{ user: 'ada', activity: 'c-1' }], requestedBy: admin };

async function expectUnenrolled(input: Input, ...names: string[]): Promise<void> {
  const { before, after, result } = await outcomeIn(lab, academy(), 'unenrolUsers', {
    requestedBy: admin,
    ...input,
  });
  expect(after).toEqual(unenrolled(before, ...names));
  expect(result).toMatchObject({
    ...{ state: 'done', counts: { 'registration.unenrol': names.length }, conflicts: 0 },
    ...{ users: { done: names.length, attention: 0 }, attention: [], warnings: [] },
  });
}

describe('unenrolling', () => {
  it('R-01 lists the activity under Completed and ends access, and changes nothing else at all', async () => {
    await expectUnenrolled(adaFromOne, 'ada c-1');
    const ada = (await lab.dump()).registrations.find(
      ({ user, activity }) => user === 'ada' && activity === 'c-1',
    );
    expect(ada).toMatchObject({ access: false, listedAs: 'completed' });
    // No completion is invented.
    expect(ada).toMatchObject({ status: 'in_progress', completedAt: null, progress: 0.4 });
  });

  it("R-01 only the named one: a path's courses, sub-courses and places in sessions stay", async () => {
    await expectUnenrolled({ registrations: [{ user: 'ada', activity: 'p-1' }] }, 'ada p-1');
  });

  it.each([
    ['an array', { users: ['ada', 'bob'], activities: ['c-1', 'p-1'] }],
    ['comma-separated strings', { users: ' ada ,bob', activities: ' c-1 , p-1,c-1' }],
    [
      'emails',
      { users: [emailOf('ada').toUpperCase(), { email: emailOf('bob') }], activities: ['c-1', 'p-1'] },
    ],
    [
      'registrations, in any order',
      {
        registrations: [
          { user: 'ada', activity: 'c-1' },
          { user: { id: 'bob' }, activity: 'p-1' },
          { user: { email: emailOf('ada') }, activity: 'p-1' },
          { user: 'bob', activity: ' c-1 ' },
        ],
      },
    ],
  ])('R-02 several activities of several users, as %s', async (_, input) => {
    await expectUnenrolled(input, 'ada c-1', 'ada p-1', 'bob c-1', 'bob p-1');
  });

  it('R-02 from a stored list, of users or of registrations', async () => {
    await lab.load(academy());
    const before = await lab.dump();
    const list = await lab.storeList(['ada', 'bob']);
    await lab.run('unenrolUsers', { list, activities: 'c-1', requestedBy: admin });
    expect(await lab.dump()).toEqual(unenrolled(before, 'ada c-1', 'bob c-1'));
    await lab.sql.query(
      `update lms_lifecycle.stored_list_line set payload = '{"activity": "p-1"}' where list_id = $1`,
      [list],
    );
    await lab.run('unenrolUsers', { list, requestedBy: admin });
    expect(await lab.dump()).toEqual(unenrolled(before, 'ada c-1', 'bob c-1', 'ada p-1', 'bob p-1'));
    await lab.sql.query(
      `update lms_lifecycle.stored_list_line set payload = null where list_id = $1 and line = 2`,
      [list],
    );
    const { attention } = await lab.run('unenrolUsers', { list, requestedBy: admin });
    expect(attention).toMatchObject([
      { line: 1, user: 'ada', type: 'AlreadyUnenrolled' },
      { line: 2, user: 'bob', type: 'InvalidRow' },
    ]);
  });

  it('R-02 D-17 a registration that is named twice is done once', async () => {
    const twice = [...adaFromOne.registrations, { user: emailOf('ada'), activity: 'c-1' }];
    const { after, before, result } = await outcomeIn(lab, academy(), 'unenrolUsers', {
      ...adaFromOne,
      registrations: twice,
    });
    expect(after).toEqual(unenrolled(before, 'ada c-1'));
    expect(result.users).toEqual({ done: 1, unchanged: 1, attention: 0 });
  });
});

describe('what cannot be unenrolled', () => {
  it('R-04 is reported line by line with its reason, and the rest is done', async () => {
    const given = academy();
    Object.assign(given.registrations.find((row) => row.user === 'bob' && row.activity === 'c-1') ?? {}, {
      access: false,
      listedAs: 'completed',
    });
    given.registrations = given.registrations.filter((row) => row.user !== 'bob' || row.activity !== 'c-2');
    const { before, after, result } = await outcomeIn(lab, given, 'unenrolUsers', {
      requestedBy: admin,
      registrations: [
        { user: 'bob', activity: 'c-2' },
        { user: 'bob', activity: 'c-1' },
        { user: 'nobody', activity: 'c-1' },
        { user: 'old', activity: 'c-1' },
        { user: 'ada', activity: 'nothing' },
        { user: '', activity: 'c-1' },
        { user: 'ada', activity: 'c-1' },
      ],
    });
    expect(after).toEqual(unenrolled(before, 'ada c-1'));
    expect(result.state).toBe('done');
    expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 6 });
    expect(result.attention.map(({ line, user, type }) => [line, user, type])).toEqual([
      [1, 'bob', 'NotRegistered'],
      [2, 'bob', 'AlreadyUnenrolled'],
      [3, null, 'NotFound'],
      [4, 'old', 'NotFound'],
      [5, 'ada', 'NotFound'],
      [6, null, 'InvalidRow'],
    ]);
    expect(result.attention[0]?.message).toBe('user bob, activity c-2: is not registered');
    expect(result.attention[4]?.message).toContain('nothing');
  });

  it('R-04 ends done with attention when it is so for every line, of users and activities user by user', async () => {
    const { before, after, result } = await outcomeIn(lab, academy(), 'unenrolUsers', {
      ...{ users: ['nobody', 'old'], activities: ['c-1', 'c-2'], requestedBy: admin },
    });
    expect(after).toEqual(before);
    expect(result).toMatchObject({ state: 'done', counts: {}, users: { done: 0, attention: 4 } });
    expect(result.attention.map(({ line, user }) => [line, user])).toEqual([
      [1, null],
      [2, null],
      [3, 'old'],
      [4, 'old'],
    ]);
  });

  it.each([
    ['completed', completed],
    ['enrolled automatically', { method: 'auto' }],
    ['enrolled because of a qualification', { method: 'qualification' }],
    ['de-assigned', { access: false }],
    ['not begun', { status: 'enrolled', progress: 0 }],
  ] as const)('R-04 what is %s can be', async (_, registration) => {
    const given = world({
      courses: [{ id: 'c-1', mainAuthor: 'pam' }],
      registrations: [{ user: 'ada', activity: 'c-1', ...registration }],
    });
    const { before, after, result } = await outcomeIn(lab, given, 'unenrolUsers', adaFromOne);
    expect(after).toEqual(unenrolled(before, 'ada c-1'));
    await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(before);
  });

  it('R-04 a second time everything is reported, and nothing changes', async () => {
    const input = { users: ['ada', 'bob'], activities: ['c-1', 'c-2'], requestedBy: admin };
    const { after } = await outcomeIn(lab, academy(), 'unenrolUsers', input);
    const again = await lab.run('unenrolUsers', input);
    expect(again.attention.map(({ type }) => type)).toEqual(Array(4).fill('AlreadyUnenrolled'));
    expect(await lab.dump()).toEqual(after);
  });
});

describe('who may unenrol', () => {
  const both = { registrations: ['c-1', 'c-2', 'p-1'].map((activity) => ({ user: 'ada', activity })) };

  it.each([admin, owner])('A %s may everywhere', async (requestedBy) => {
    await expectUnenrolled({ ...both, requestedBy }, 'ada c-1', 'ada c-2', 'ada p-1');
  });

  it('A an admin of the owner group may, line by line', async () => {
    for (const [requestedBy, mine, others] of [
      ['gus', ['ada c-1', 'ada p-1'], [2]],
      ['hal', ['ada c-2'], [1, 3]],
    ] as const) {
      const { before, after, result } = await outcomeIn(lab, academy(), 'unenrolUsers', {
        ...both,
        requestedBy,
      });
      expect(after).toEqual(unenrolled(before, ...mine));
      expect(result.attention.map(({ line, type }) => [line, type])).toEqual(
        others.map((line) => [line, 'NotAuthorized']),
      );
    }
  });

  it.each(['uma', 'ann', 'pam', 'ada', 'old', 'nobody', 'system'])('A %s may not', async (requestedBy) => {
    const { before, after, result } = await outcomeIn(lab, academy(), 'unenrolUsers', {
      ...both,
      requestedBy,
    });
    expect(after).toEqual(before);
    expect(result.attention.map(({ type }) => type)).toEqual(Array(3).fill('NotAuthorized'));
  });

  it('A existence is told to everybody, what somebody is registered for is not', async () => {
    const { result } = await outcomeIn(lab, academy(), 'unenrolUsers', {
      requestedBy: 'ann',
      registrations: [
        { user: 'ada', activity: 'nothing' },
        { user: 'old', activity: 'c-1' },
        { user: 'gus', activity: 'c-1' },
      ],
    });
    expect(result.attention.map(({ type }) => type)).toEqual(['NotFound', 'NotFound', 'NotAuthorized']);
  });
});

describe('as every operation', () => {
  const input = { users: ['ada', 'bob'], activities: ['c-1', 'c-2'], requestedBy: admin };
  const names = ['ada c-1', 'ada c-2', 'bob c-1', 'bob c-2'];

  it('X-01 X-02 a preview changes nothing, and shows what is then done by its hash', async () => {
    const { before, after, result } = await outcomeIn(lab, academy(), 'unenrolUsers', {
      ...input,
      mode: 'preview',
    });
    expect(after).toEqual(before);
    expect(result).toMatchObject({
      state: 'previewed',
      counts: { 'registration.unenrol': 4 },
      users: { done: 4 },
    });
    const applied = await lab.run('unenrolUsers', { ...input, planHash: result.planHash });
    expect(await lab.dump()).toEqual(unenrolled(before, ...names));
    const changes = essence(await lab.changes(applied.operation));
    expect(changes).toEqual(essence(await lab.changes(result.operation)));
    expect(changes[0]).toMatchObject({
      ...{ kind: 'registration.unenrol', user: 'ada', item: { activity: 'c-1' } },
      ...{ before: { access: true, listedAs: 'current' }, after: { access: false, listedAs: 'completed' } },
      reason: { rule: 'R-01' },
    });
  });

  it('X-03 guards count users, not registrations', async () => {
    await expectFailure(lab, academy(), 'GuardExceeded', 'unenrolUsers', { ...input, maxUsers: 1 });
    await outcomeIn(lab, academy(), 'unenrolUsers', { ...input, maxUsers: 2 });
  });

  it('X-06 a registration that somebody changes meanwhile is unenrolled as it is then, one that goes is left', async () => {
    await lab.load(academy());
    const running = await waiting(lab, 'unenrolUsers', { ...input, approval: 'required' });
    await lab.sql.query(
      `update lms.registration set access = false where user_id = 'ada' and activity_id = 'c-1'`,
    );
    await lab.sql.query(`delete from lms.registration where user_id = 'bob' and activity_id = 'c-2'`);
    const before = await lab.dump();
    await running.update('approve', { by: admin, planHash: running.planHash });
    const result = await running.result();
    expect(await lab.dump()).toEqual(unenrolled(before, 'ada c-1', 'ada c-2', 'bob c-1'));
    expect(result).toMatchObject({ conflicts: 2, counts: { 'registration.unenrol': 3 } });
    expect(result.users).toEqual({ done: 3, unchanged: 0, attention: 1 });
    expect(result.attention).toMatchObject([{ line: 4, user: 'bob', type: 'NotRegistered' }]);
    await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-06 D-02 somebody whom the LMS deletes meanwhile keeps what they have, and is reported', async () => {
    await lab.load(academy());
    const running = await waiting(lab, 'unenrolUsers', { ...adaFromOne, approval: 'required' });
    await lab.sql.query(`delete from lms.membership where user_id = 'ada'`);
    await lab.sql.query(`update lms.account set status = 'deleted' where id = 'ada'`);
    const before = await lab.dump();
    await running.update('approve', { by: admin, planHash: running.planHash });
    const result = await running.result();
    expect(await lab.dump()).toEqual(before);
    expect(result).toMatchObject({ conflicts: 1, counts: {}, users: { done: 0, attention: 1 } });
    expect(result.attention).toMatchObject([{ user: 'ada', type: 'NotFound' }]);
  });

  it('X-08 undone is as if it had never been, to the byte', async () => {
    const { before, result } = await outcomeIn(lab, academy(), 'unenrolUsers', input);
    const undone = await undo(lab, result.operation);
    expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
    expect(undone).toMatchObject({ state: 'done', counts: { 'registration.reenrol': 4 }, attention: [] });
    expect(undone.users).toEqual({ done: 2, unchanged: 0, attention: 0 });
    expect(await undo(lab, result.operation)).toMatchObject({ state: 'done', counts: {} });
  });

  it('X-08 an undo of some users leaves the others, and lists what is gone or was changed since', async () => {
    const { before, result } = await outcomeIn(lab, academy(), 'unenrolUsers', input);
    await undo(lab, result.operation, { users: ['ada'] });
    expect(await lab.dump()).toEqual(unenrolled(before, 'bob c-1', 'bob c-2'));
    await lab.sql.query(`delete from lms.registration where user_id = 'bob' and activity_id = 'c-2'`);
    await lab.sql.query(
      `update lms.registration set access = true where user_id = 'bob' and activity_id = 'c-1'`,
    );
    const then = await lab.dump();
    const { attention } = await undo(lab, result.operation);
    expect(attention).toMatchObject([{ user: 'bob', type: 'NotRestorable' }]);
    expect(attention[0]?.message).toContain('c-1 was changed by somebody else since');
    expect(attention[0]?.message).toContain('c-2 no longer exists');
    expect(await lab.dump()).toEqual(then);
  });

  it('A X-08 who asked may undo it while being an admin of the owner group, others may not', async () => {
    const mine = { registrations: [{ user: 'ada', activity: 'c-1' }], requestedBy: 'gus' };
    const { before, after, result } = await outcomeIn(lab, academy(), 'unenrolUsers', mine);
    await failureOf(undo(lab, result.operation, { requestedBy: 'hal' }), 'NotAuthorized');
    await lab.sql.query(`update lms.membership set role = 'author' where user_id = 'gus'`);
    const refused = await undo(lab, result.operation, { requestedBy: 'gus' });
    expect(refused.attention).toMatchObject([{ user: 'ada', type: 'NotAuthorized' }]);
    expect((await lab.dump()).registrations).toEqual(after.registrations);
    await lab.sql.query(`update lms.membership set role = 'admin' where user_id = 'gus'`);
    await undo(lab, result.operation, { requestedBy: 'gus' });
    expect(await lab.dump()).toEqual(before);
  });

  it('X-11 a user whom another operation holds needs attention with every line', async () => {
    await lab.load(academy());
    const holding = await waiting(lab, 'deleteUser', { user: 'ada', approval: 'required' });
    const result = await lab.run('unenrolUsers', input);
    expect(result.users).toEqual({ done: 2, unchanged: 0, attention: 2 });
    expect(result.attention.map(({ type }) => type)).toEqual(Array(2).fill('OperationInProgress'));
    await holding.update('reject', { by: admin, reason: 'enough' });
    await failureOf(holding.result(), 'ApprovalRejected');
  });

  it('X-13 is told of the user and the activity', async () => {
    const { result } = await outcomeIn(lab, academy(), 'unenrolUsers', input);
    const told = await explainChanges(lab.sql, 'ada', { activity: 'c-1' });
    expect(told).toMatchObject([
      {
        ...{ operation: result.operation, operationKind: 'unenrolUsers', requestedBy: admin },
        ...{ kind: 'registration.unenrol', item: { activity: 'c-1' }, undone: false },
      },
    ]);
    expect(await explainChanges(lab.sql, 'ada', { activity: 'p-1' })).toEqual([]);
  });

  it.each([
    [{}, ['registrations']],
    [{ users: ['ada'] }, ['activities']],
    [{ users: ['ada'], activities: [] }, ['activities']],
    [{ users: ['ada'], activities: ' , ' }, ['activities']],
    [{ users: [], activities: ['c-1'] }, ['users']],
    [{ registrations: [] }, ['registrations']],
    [
      { registrations: [{ user: 'ada' }, { activity: 'c-1' }] },
      ['registrations.0.activity', 'registrations.1.user'],
    ],
    [{ registrations: [{ user: 'ada', activity: '' }] }, ['registrations.0.activity']],
    [{ registrations: [{ user: 'ada', activity: 'c-1' }], users: ['ada'] }, ['registrations', 'activities']],
    [{ registrations: [{ user: 'ada', activity: 'c-1' }], activities: ['c-1'] }, ['activities']],
    [{ ...adaFromOne, cascade: 'always', maxUsers: -1 }, ['cascade', 'maxUsers']],
  ])('X-16 input %j is refused with its path', async (wrong, paths) => {
    const failure = { requestedBy: admin, ...wrong };
    const { message } = await expectFailure(lab, academy(), 'InvalidInput', 'unenrolUsers', failure);
    for (const path of paths) expect(message).toContain(path);
  });
});
