import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner } from '../support/world-builder.ts';
import { completed, expectFailure, outcomeIn } from './content-steps.ts';
import { academy, anybody, enrolled, inSales, remove, removed, waiting } from './registration-steps.ts';
import { essence, failureOf, untilState } from './steps.ts';
import type { Input, Outcome } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const input = { users: ['ada', 'bob'], activities: ['c-1', 'c-2'] };
const names = ['ada c-1', 'ada c-2', 'bob c-1', 'bob c-2'];
const adasC1 = { registrations: [{ user: 'ada', activity: 'c-1' }] };

/** Sales people must be registered for the course and the path. */
const salesNeed: World['qualifications'] = [
  { id: 'q-1', name: 'Selling', rule: inSales, activities: ['c-1', 'p-1'] },
];

async function outcomeOfRemoval(
  given: World,
  asked: Input,
  meanwhile?: () => Promise<unknown>,
): Promise<Outcome> {
  await lab.load(given);
  const before = await lab.dump();
  const result = await remove(lab, asked, meanwhile);
  return { before, after: await lab.dump(), result };
}

describe('removing registrations', () => {
  it('R-03 takes the registrations and all their history, and nothing else at all', async () => {
    const { before, after, result } = await outcomeOfRemoval(academy(), input);
    expect(after).toEqual(removed(before, ...names));
    expect(after.history).toHaveLength(before.history.length - 8);
    expect(result).toMatchObject({
      ...{ state: 'done', counts: { 'registration.remove': 4 }, conflicts: 0, warnings: [] },
      ...{ users: { done: 4, unchanged: 0, attention: 0 }, attention: [] },
    });
  });

  it("R-03 of a path: the registrations for the path's courses stay", async () => {
    const { before, after } = await outcomeOfRemoval(academy(), { users: 'ada', activities: 'p-1' });
    expect(after).toEqual(removed(before, 'ada p-1'));
  });

  it.each([
    ['completed', completed],
    ['automatic', { method: 'auto' }],
    ['de-assigned', { access: false }],
    ['unenrolled', { access: false, listedAs: 'completed' }],
  ] as const)('R-03 of one that is %s', async (_, registration) => {
    const given = academy({ registrations: [{ user: 'ada', activity: 'c-1', ...registration }] });
    const { before, after } = await outcomeOfRemoval(given, adasC1);
    expect(after).toEqual(removed(before, 'ada c-1'));
  });

  it('R-03 X-09 tells what kind and how much has gone, and keeps nothing of the content', async () => {
    const { result } = await outcomeOfRemoval(academy(), adasC1);
    const changes = await lab.changes(result.operation);
    expect(essence(changes)).toEqual([
      {
        ...{
          step: 'removeRegistrations',
          kind: 'registration.remove',
          user: 'ada',
          item: { activity: 'c-1' },
        },
        before: { method: 'admin', status: 'in_progress', history: { attempt: 2, result: 1 } },
        after: null,
        reason: { rule: 'R-03', because: 'its removal was asked for' },
      },
    ]);
    const { rows } = await lab.sql.query('select from lms_lifecycle.row_image');
    expect(rows).toEqual([]);
  });

  it('R-03 X-04 always waits for approval, of that plan and by its hash, one registration or a preview applied', async () => {
    const { before, after, result } = await outcomeIn(lab, academy(), 'removeRegistrations', {
      ...{ ...adasC1, requestedBy: admin, mode: 'preview' },
    });
    expect(after).toEqual(before);
    expect(result).toMatchObject({ state: 'previewed', counts: { 'registration.remove': 1 } });
    const running = await waiting(lab, 'removeRegistrations', { ...adasC1, planHash: result.planHash });
    expect(running.planHash).toBe(result.planHash);
    const wrong = running.update('approve', { by: admin, planHash: '0'.repeat(64) });
    await failureOf(wrong, 'InvalidInput');
    await failureOf(running.update('approve', { by: 'bob', planHash: result.planHash }), 'NotAuthorized');
    expect(await lab.dump()).toEqual(before);
    await running.update('reject', { by: admin, reason: 'no' });
    await failureOf(running.result(), 'ApprovalRejected');
    expect(await lab.dump()).toEqual(before);
  });

  it('R-03 X-08 cannot be undone', async () => {
    const { after, result } = await outcomeOfRemoval(academy({ qualifications: salesNeed }), input);
    await failureOf(undo(lab, result.operation), 'NotUndoable');
    await failureOf(undo(lab, result.operation, { users: ['bob'] }), 'NotUndoable');
    expect(await lab.dump()).toEqual(after);
  });

  it('X-08 without a removal there is nothing that could not be undone', async () => {
    const { result } = await outcomeIn(lab, academy(), 'removeRegistrations', {
      ...{ users: 'ada', activities: 'nothing', requestedBy: admin },
    });
    expect(await undo(lab, result.operation)).toMatchObject({ state: 'done', counts: {} });
    const preview = await lab.run('removeRegistrations', { ...adasC1, requestedBy: admin, mode: 'preview' });
    expect(await undo(lab, preview.operation)).toMatchObject({ state: 'done', counts: {} });
  });

  it('R-03 what is not there is unchanged, as is everything the second time; the unknown is reported', async () => {
    const { before, after, result } = await outcomeOfRemoval(academy(), {
      registrations: [
        { user: 'gus', activity: 'c-1' },
        { user: 'nobody', activity: 'c-1' },
        { user: 'ada', activity: 'nothing' },
        ...adasC1.registrations,
      ],
    });
    expect(after).toEqual(removed(before, 'ada c-1'));
    expect(result.users).toEqual({ done: 1, unchanged: 1, attention: 2 });
    expect(result.attention.map(({ line, type }) => [line, type])).toEqual([
      [2, 'NotFound'],
      [3, 'NotFound'],
    ]);
    const again = await lab.run('removeRegistrations', { ...adasC1, requestedBy: admin });
    expect(again).toMatchObject({
      state: 'done',
      counts: {},
      users: { done: 0, unchanged: 1, attention: 0 },
    });
    expect(await lab.dump()).toEqual(after);
  });
});

describe('who may remove', () => {
  const asked = { registrations: ['c-1', 'c-2', 'p-1'].map((activity) => ({ user: 'ada', activity })) };

  it('A an admin of the owner group, line by line; the platform admin and owner everywhere', async () => {
    for (const [requestedBy, mine] of [
      ['gus', ['ada c-1', 'ada p-1']],
      ['hal', ['ada c-2']],
      [owner, ['ada c-1', 'ada c-2', 'ada p-1']],
    ] as const) {
      const { before, after, result } = await outcomeOfRemoval(academy(), { ...asked, requestedBy });
      expect(after).toEqual(removed(before, ...mine));
      expect(result.users).toEqual({ done: mine.length, unchanged: 0, attention: 3 - mine.length });
    }
  });

  it.each(['uma', 'ann', 'pam', 'ada', 'old', 'nobody'])('A %s may not', async (requestedBy) => {
    const { before, after, result } = await outcomeIn(lab, academy(), 'removeRegistrations', {
      ...{ ...asked, requestedBy },
    });
    expect(after).toEqual(before);
    expect(result.attention.map(({ type }) => type)).toEqual(Array(3).fill('NotAuthorized'));
  });
});

describe('what changes between plan and approval', () => {
  it.each([
    ['is completed', `update lms.registration set status = 'completed', completed_at = now()`],
    ['changes its method', `update lms.registration set method = 'self'`],
  ])('R-03 X-06 a registration that %s stays, and needs attention', async (_, change) => {
    let then: World | undefined;
    const { after, result } = await outcomeOfRemoval(academy(), input, async () => {
      await lab.sql.query(`${change} where user_id = 'ada' and activity_id = 'c-1'`);
      then = removed(await lab.dump(), ...names.slice(1));
    });
    expect(after).toEqual(then);
    expect(result).toMatchObject({ conflicts: 1, users: { done: 3, attention: 1 } });
    expect(result.attention).toMatchObject([{ line: 1, user: 'ada', type: 'PlanChanged' }]);
  });

  it('R-03 X-06 nor does more history go than was approved', async () => {
    let then: World | undefined;
    const { after, result } = await outcomeOfRemoval(academy(), input, async () => {
      await lab.sql.query(
        `insert into lms.history (user_id, course_id, kind, at, result) values ('bob', 'c-2', 'attempt', now(), '{}')`,
      );
      then = removed(await lab.dump(), ...names.slice(0, 3));
    });
    expect(after).toEqual(then);
    expect(result.attention).toMatchObject([{ line: 4, user: 'bob', type: 'PlanChanged' }]);
  });

  it('R-03 X-06 what the LMS has removed itself is a conflict, and needs attention where history is left', async () => {
    const { before, after, result } = await outcomeOfRemoval(academy(), input, async () => {
      const gone = `user_id in ('ada', 'bob') and course_id = 'c-1'`;
      await lab.sql.query(`delete from lms.registration where ${gone}`);
      await lab.sql.query(`delete from lms.history where ${gone} and user_id = 'bob'`);
    });
    const then = removed(before, ...names);
    then.history = before.history.filter(
      ({ user, activity }) =>
        !names.includes(`${user} ${activity}`) || (user === 'ada' && activity === 'c-1'),
    );
    expect(after).toEqual(then);
    expect(result).toMatchObject({ conflicts: 2, counts: { 'registration.remove': 2 } });
    expect(result.attention).toMatchObject([{ line: 1, user: 'ada', type: 'PlanChanged' }]);
  });

  it('X-02 a plan that was looked at is not applied when there is more history by now', async () => {
    const { result } = await outcomeIn(lab, academy(), 'removeRegistrations', {
      ...{ ...adasC1, requestedBy: admin, mode: 'preview' },
    });
    await lab.sql.query(`delete from lms.history where user_id = 'ada' and kind = 'result'`);
    const bound = { ...adasC1, requestedBy: admin, planHash: result.planHash };
    await failureOf(lab.run('removeRegistrations', bound), 'PlanChanged');
  });
});

describe('a qualification that requires what is removed', () => {
  const need = (more: object = {}): World => academy({ qualifications: salesNeed, ...more });

  it('R-05 has whoever its rule matches enrolled again at once, blank, and nobody else', async () => {
    const { before, after, result } = await outcomeOfRemoval(need(), input);
    expect(after).toEqual(enrolled(removed(before, ...names), 'ada c-1'));
    expect(result.counts).toEqual({ 'registration.remove': 4, 'registration.add': 1 });
    const added = (await lab.changes(result.operation)).filter(({ kind }) => kind === 'registration.add');
    expect(added).toMatchObject([
      {
        ...{ user: 'ada', item: { activity: 'c-1' }, step: 'removeRegistrations', state: 'applied' },
        reason: { rule: 'R-05', because: 'qualification q-1 requires it' },
      },
    ]);
  });

  it('R-05 is shown by the preview', async () => {
    const { result } = await outcomeIn(lab, need(), 'removeRegistrations', {
      ...{ ...input, requestedBy: admin, mode: 'preview' },
    });
    expect(result.counts).toEqual({ 'registration.remove': 4, 'registration.add': 1 });
  });

  it.each(['self', 'admin', 'auto', 'qualification'])('R-05 whatever the method was: %s', async (method) => {
    const registrations = [{ user: 'ada', activity: 'p-1', method: method as 'self', access: false }];
    const { before, after } = await outcomeOfRemoval(need({ registrations }), {
      ...{ users: 'ada', activities: 'p-1' },
    });
    expect(after).toEqual(enrolled(removed(before, 'ada p-1'), 'ada p-1'));
  });

  it('R-05 once for each removal: removed again, enrolled again, and several qualifications make one', async () => {
    const qualifications = [
      ...salesNeed,
      { id: 'q-2', name: 'All', rule: anybody, activities: ['c-1'] },
      { id: 'q-0', name: 'None', rule: { '!': [anybody] }, activities: ['c-1', 'c-2'] },
    ];
    const first = await outcomeOfRemoval(need({ qualifications }), input);
    const then = enrolled(removed(first.before, ...names), 'ada c-1', 'bob c-1');
    expect(first.after).toEqual(then);
    const again = await remove(lab, { users: ['ada', 'bob'], activities: 'c-1' });
    expect(again.counts).toEqual({ 'registration.remove': 2, 'registration.add': 2 });
    expect(await lab.dump()).toEqual(then);
  });

  it('R-05 the removed one of a deleted user may go, and R-06 does not come back', async () => {
    const { before, after, result } = await outcomeOfRemoval(need(), {
      users: ['old'],
      activities: ['c-1', 'p-1'],
    });
    expect(after).toEqual(removed(before, 'old c-1', 'old p-1'));
    expect(result).toMatchObject({ counts: { 'registration.remove': 2 }, users: { done: 2, attention: 0 } });
  });

  it('R-06 unenrolling enrols nobody again', async () => {
    const { result } = await outcomeIn(lab, need(), 'unenrolUsers', { ...input, requestedBy: admin });
    expect(result.counts).toEqual({ 'registration.unenrol': 4 });
  });

  it('R-06 whoever does not hold its target any more by the time of the removal is not enrolled again', async () => {
    const { before, after, result } = await outcomeOfRemoval(need(), adasC1, () =>
      lab.sql.query(`update lms.account set profile = '{"team": "support"}' where id = 'ada'`),
    );
    expect(after.registrations).toEqual(removed(before, 'ada c-1').registrations);
    expect(result).toMatchObject({ counts: { 'registration.remove': 1 }, conflicts: 1, users: { done: 1 } });
  });

  it('R-05 whoever holds it only by the time of the removal is, in the same moment', async () => {
    await lab.sql.query(
      `create table gap (at timestamptz); create function note_gap() returns trigger language plpgsql security definer as $$ begin
         if not exists (select from lms.registration where user_id = 'bob' and activity_id = 'c-1') then
           insert into gap values (now()); end if; return null; end $$;
       create constraint trigger note_gap after delete on lms.registration deferrable initially deferred
         for each row when (old.user_id = 'bob' and old.activity_id = 'c-1') execute function note_gap()`,
    );
    const { before, after, result } = await outcomeOfRemoval(need(), input, () =>
      lab.sql.query(`update lms.account set profile = '{"team": "sales"}' where id = 'bob'`),
    );
    const { rows } = await lab.sql.query('select from gap');
    await lab.sql.query('drop table gap; drop function note_gap cascade');
    expect(after.registrations).toEqual(
      enrolled(removed(before, ...names), 'ada c-1', 'bob c-1').registrations,
    );
    expect(result.counts).toEqual({ 'registration.remove': 4, 'registration.add': 2 });
    expect(rows).toEqual([]);
  });

  it('R-06 somebody whom the LMS deletes meanwhile is not enrolled again, the removal is done', async () => {
    const { before, after } = await outcomeOfRemoval(need(), adasC1, async () => {
      await lab.sql.query(`delete from lms.membership where user_id = 'ada'`);
      await lab.sql.query(`update lms.account set status = 'deleted' where id = 'ada'`);
    });
    expect(after.registrations).toEqual(removed(before, 'ada c-1').registrations);
  });

  it('R-05 what the LMS has removed itself while the plan waited is enrolled again with it', async () => {
    const { before, after, result } = await outcomeOfRemoval(need(), adasC1, () =>
      lab.sql.query(
        `with gone as (delete from lms.registration where user_id = 'ada' and activity_id = 'c-1')
         delete from lms.history where user_id = 'ada' and course_id = 'c-1'`,
      ),
    );
    expect(after).toEqual(enrolled(removed(before, 'ada c-1'), 'ada c-1'));
    expect(result).toMatchObject({ counts: { 'registration.add': 1 }, conflicts: 1, attention: [] });
    // Nothing of that is gone for good.
    const undone = await undo(lab, result.operation);
    expect(undone.counts).toEqual({ 'registration.remove': 1 });
  });

  it.each([
    ['is no condition', { '+': [1, 2] }],
    ['fails', { throw: 'oops' }],
    ['is not known', { nonsense: [] }],
  ])('R-05 a rule that %s is reported, and enrols nobody', async (_, rule) => {
    const qualifications = [
      { id: 'q-bad', name: 'Bad', rule, activities: ['c-1', 'c-2'] },
      { id: 'q-good', name: 'Good', rule: inSales, activities: ['c-2'] },
    ];
    const { before, after, result } = await outcomeOfRemoval(need({ qualifications }), input);
    expect(after).toEqual(enrolled(removed(before, ...names), 'ada c-2'));
    expect(result.warnings).toHaveLength(1);
    expect(result.warnings[0]).toMatch(/^qualification q-bad: its rule /);
  });

  it('R-05 an assignment that was removed for good is not undone in its place', async () => {
    await lab.load(need());
    await lab.sql.query(`delete from lms.registration where user_id = 'ada' and activity_id = 'c-1'`);
    const sweep = await lab.run('reconcileQualifications', { users: ['ada'] });
    await remove(lab, adasC1);
    await lab.sql.query(
      `update lms.registration set method = 'self' where user_id = 'ada' and activity_id = 'c-1'`,
    );
    const before = await lab.dump();
    const undone = await undo(lab, sweep.operation);
    expect(undone).toMatchObject({ counts: {}, conflicts: 0 });
    expect(undone.attention).toMatchObject([{ user: 'ada', type: 'NotRestorable' }]);
    expect(await lab.dump()).toEqual(before);
  });
});

it('X-11 waits with its users claimed: others are refused meanwhile', async () => {
  await lab.load(academy());
  const running = await waiting(lab, 'removeRegistrations', adasC1);
  const other = await lab.run('unenrolUsers', { ...input, requestedBy: admin });
  expect(other.attention.map(({ type }) => type)).toEqual(Array(2).fill('OperationInProgress'));
  await running.update('cancelAfterChunk');
  expect(await running.result()).toMatchObject({ state: 'cancelled', counts: {}, users: { unchanged: 1 } });
});

it('X-16 takes the same input as unenrolling', async () => {
  for (const [wrong, path] of [
    [{ users: ['ada'] }, 'activities'],
    [{ registrations: [{ user: 'ada' }] }, 'registrations.0.activity'],
  ] as const) {
    const failure = { requestedBy: admin, ...wrong };
    const { message } = await expectFailure(lab, academy(), 'InvalidInput', 'removeRegistrations', failure);
    expect(message).toContain(path);
  }
});

it('D-18 chunks of a user with many lines stay together, whatever the order', async () => {
  const small = await openLab({ chunkUsers: 2 });
  await small.load(academy({ qualifications: salesNeed }));
  const before = await small.dump();
  const registrations = ['c-1', 'c-2', 'p-1'].flatMap((activity) =>
    ['ada', 'old', 'bob'].map((user) => ({ user, activity })),
  );
  const running = await small.start('removeRegistrations', { registrations, requestedBy: admin });
  const { planHash } = await untilState(running, 'waiting-for-approval');
  await running.update('approve', { by: admin, planHash });
  const result = await running.result();
  const all = registrations.map(({ user, activity }) => `${user} ${activity}`);
  expect(await small.dump()).toEqual(enrolled(removed(before, ...all), 'ada c-1', 'ada p-1'));
  expect(result.users).toEqual({ done: 9, unchanged: 0, attention: 0 });
  const chunks = (await small.changes(result.operation)).map(({ user, chunk }) => `${user} ${chunk}`);
  expect([...new Set(chunks)].sort()).toEqual(['ada 1', 'bob 2', 'old 1']);
  await small.close();
});
