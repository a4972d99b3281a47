import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, world } from '../support/world-builder.ts';
import type { Given } from '../support/world-builder.ts';
import { completed, expectFailure, outcomeIn } from './content-steps.ts';
import { anybody, enrolled, inSales, waiting } from './registration-steps.ts';
import { essence, failureOf } from './steps.ts';
import type { Input } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const sweep = 'reconcileQualifications';

/** Sales people need the course `c-1` and the path `p-1`. Ada and Cem are in sales, Bob is not, Old was. */
function team(more: Given = {}): World {
  const sales = { profile: { team: 'sales' } };
  return world({
    users: [
      { id: 'ada', ...sales },
      { id: 'bob', profile: { team: 'support' } },
      { id: 'cem', ...sales },
      { id: 'old', status: 'deleted', ...sales },
    ],
    courses: [
      { id: 'c-1', mainAuthor: 'pam' },
      { id: 'c-2', mainAuthor: 'pam' },
    ],
    paths: [{ id: 'p-1', mainAuthor: 'pam', courses: ['c-2'] }],
    qualifications: [{ id: 'q-1', name: 'Selling', rule: inSales, activities: ['c-1', 'p-1'] }],
    ...more,
  });
}

async function expectEnrolled(given: World, input: Input, ...names: string[]): Promise<void> {
  const { before, after, result } = await outcomeIn(lab, given, sweep, input);
  expect(after).toEqual(enrolled(before, ...names));
  const users = new Set(names.map((name) => name.split(' ')[0])).size;
  expect(result).toMatchObject({
    ...{ state: 'done', conflicts: 0, attention: [] },
    counts: names.length === 0 ? {} : { 'registration.add': names.length },
    users: { done: users, attention: 0 },
  });
}

describe('the sweep', () => {
  it('R-07 enrols every living user whom a rule matches for what it requires, and nobody else', async () => {
    await expectEnrolled(team(), {}, 'ada c-1', 'ada p-1', 'cem c-1', 'cem p-1');
  });

  it('R-07 a second time there is nothing left to do', async () => {
    await expectEnrolled(team(), {}, 'ada c-1', 'ada p-1', 'cem c-1', 'cem p-1');
    const before = await lab.dump();
    const again = await lab.run(sweep, {});
    expect(again).toMatchObject({
      state: 'done',
      counts: {},
      users: { done: 0, unchanged: 0, attention: 0 },
    });
    expect(await lab.dump()).toEqual(before);
  });

  it.each([
    ['open', {}],
    ['completed', completed],
    ['de-assigned', { access: false }],
    ['unenrolled', { access: false, listedAs: 'completed' }],
  ] as const)('R-06 R-07 a registration that is %s counts as one', async (_, registration) => {
    const registrations = [
      { user: 'ada', activity: 'c-1', ...registration },
      { user: 'cem', activity: 'c-2' },
    ];
    await expectEnrolled(team({ registrations }), {}, 'ada p-1', 'cem c-1', 'cem p-1');
  });

  it('R-07 each activity once, whichever qualifications require it', async () => {
    const qualifications = [
      { id: 'q-1', name: 'One', rule: inSales, activities: ['c-1'] },
      { id: 'q-2', name: 'Two', rule: inSales, activities: ['c-2', 'c-1'] },
      { id: 'q-3', name: 'None', rule: { '!': [anybody] }, activities: ['p-1'] },
      { id: 'q-4', name: 'Nothing', rule: anybody, activities: [] },
    ];
    await expectEnrolled(team({ qualifications }), {}, 'ada c-1', 'ada c-2', 'cem c-1', 'cem c-2');
  });

  it('R-07 without qualifications there is nothing to do', async () => {
    await expectEnrolled(team({ qualifications: [] }), {});
  });

  it('R-07 of some users only, as a webhook names them', async () => {
    await expectEnrolled(team(), { users: 'ada, bob, old,ada' }, 'ada c-1', 'ada p-1');
    const result = await lab.run(sweep, { users: ['cem', 'bob', 'old', 'nobody'] });
    expect(result).toMatchObject({ counts: { 'registration.add': 2 } });
    expect(result.users).toEqual({ done: 1, unchanged: 2, attention: 1 });
    expect(result.attention).toMatchObject([{ line: 4, type: 'NotFound' }]);
  });

  it('R-07 in chunks, page by page', async () => {
    const many = Array.from({ length: 13 }, (_, i) => ({ id: `s-${i + 10}`, profile: { team: 'sales' } }));
    const small = await openLab({ chunkUsers: 4 });
    await small.load(team({ users: many }));
    const before = await small.dump();
    const result = await small.run(sweep, {});
    const names = many.flatMap(({ id }) => [`${id} c-1`, `${id} p-1`]);
    expect(await small.dump()).toEqual(enrolled(before, ...names));
    expect(result.users).toEqual({ done: 13, unchanged: 0, attention: 0 });
    const chunks = new Set((await small.changes(result.operation)).map(({ chunk }) => chunk));
    expect([...chunks]).toEqual([1, 2, 3, 4]);
    await small.close();
  });

  it.each([
    ['is no condition', { var: 'team' }],
    ['fails', { throw: 'oops' }],
  ])('R-05 R-07 a rule that %s is reported, and enrols nobody', async (_, rule) => {
    const qualifications = [
      { id: 'q-bad', name: 'Bad', rule, activities: ['c-1', 'c-2'] },
      { id: 'q-good', name: 'Good', rule: inSales, activities: ['p-1'] },
    ];
    const { before, after, result } = await outcomeIn(lab, team({ qualifications }), sweep, {});
    expect(after).toEqual(enrolled(before, 'ada p-1', 'cem p-1'));
    expect(result.warnings).toEqual([expect.stringMatching(/^qualification q-bad: /)]);
    expect(JSON.stringify(result)).not.toContain('support');
  });

  it('R-07 enrols once and does not fight with whoever takes it away at once', async () => {
    await lab.load(team());
    await lab.sql.query(
      `create table taken (user_id text); create function take() returns trigger language plpgsql security definer as $$ begin
         delete from lms.registration where user_id = new.user_id and activity_id = coalesce(new.course_id, new.path_id);
         insert into taken values (new.user_id); return null; end $$;
       create trigger take after insert on lms.registration for each row execute function take()`,
    );
    const before = await lab.dump();
    const result = await lab.run(sweep, { users: ['ada'] });
    expect(result).toMatchObject({ state: 'done', counts: { 'registration.add': 2 } });
    const { rows } = await lab.sql.query('select * from taken');
    await lab.sql.query('drop table taken; drop function take cascade');
    expect(rows).toHaveLength(2);
    expect(await lab.dump()).toEqual(before);
  });
});

describe('as every operation', () => {
  const names = ['ada c-1', 'ada p-1', 'cem c-1', 'cem p-1'];

  it('R-07 X-01 X-02 reports before it repairs: a preview changes nothing, and its hash binds', async () => {
    const { before, after, result } = await outcomeIn(lab, team(), sweep, { mode: 'preview' });
    expect(after).toEqual(before);
    expect(result).toMatchObject({
      state: 'previewed',
      counts: { 'registration.add': 4 },
      users: { done: 2 },
    });
    const applied = await lab.run(sweep, { planHash: result.planHash });
    expect(await lab.dump()).toEqual(enrolled(before, ...names));
    const changes = essence(await lab.changes(applied.operation));
    expect(changes).toEqual(essence(await lab.changes(result.operation)));
    expect(changes[0]).toMatchObject({
      ...{
        step: 'enrolQualified',
        kind: 'registration.add',
        user: 'ada',
        item: { activity: 'c-1' },
        before: null,
      },
      reason: { rule: 'R-07', because: 'qualification q-1 requires it' },
    });
    await lab.load(team());
    await lab.sql.query(`update lms.account set profile = '{}' where id = 'cem'`);
    await failureOf(lab.run(sweep, { planHash: result.planHash }), 'PlanChanged');
  });

  it.each([admin, owner])('A %s may start it', async (requestedBy) => {
    await expectEnrolled(team(), { requestedBy }, ...names);
  });

  it.each(['ada', 'pam', 'old', 'nobody'])('A %s may not', async (requestedBy) => {
    await expectFailure(lab, team(), 'NotAuthorized', sweep, { requestedBy });
    await expectFailure(lab, team(), 'NotAuthorized', sweep, {
      requestedBy,
      users: ['ada'],
      mode: 'preview',
    });
  });

  it('X-03 X-04 the guards hold for it; as the system it waits for nobody, a person does above the limit', async () => {
    const strict = await openLab({ approvalAbove: 1 });
    await strict.load(team());
    await failureOf(strict.run(sweep, { maxUsers: 1 }), 'GuardExceeded');
    const running = await waiting(strict, sweep, { requestedBy: admin });
    await running.update('cancelAfterChunk');
    await running.result();
    expect((await strict.run(sweep, {})).counts).toEqual({ 'registration.add': 4 });
    await strict.close();
  });

  it('R-06 X-06 whoever no longer needs it when it is applied does not get it, nor does whoever has it', async () => {
    await lab.load(team());
    const running = await waiting(lab, sweep, { approval: 'required' });
    await lab.sql.query(`update lms.account set profile = '{}' where id = 'cem'`);
    await lab.sql.query(
      `insert into lms.registration (user_id, course_id, method, status, access, listed_as, progress)
       values ('ada', 'c-1', 'self', 'in_progress', true, 'current', 0.5)`,
    );
    const before = await lab.dump();
    await running.update('approve', { by: admin, planHash: running.planHash });
    const result = await running.result();
    expect(await lab.dump()).toEqual(enrolled(before, 'ada p-1'));
    expect(result).toMatchObject({ counts: { 'registration.add': 1 }, conflicts: 3, attention: [] });
  });

  it('X-08 undone, only what nobody has begun with goes', async () => {
    const { before, result } = await outcomeIn(lab, team(), sweep, {});
    const { operation } = result;
    const bySystem = await undo(lab, operation, { requestedBy: 'system' });
    expect(bySystem.attention.map(({ type }) => type)).toEqual(['NotAuthorized', 'NotAuthorized']);
    await failureOf(undo(lab, operation, { requestedBy: 'ada' }), 'NotAuthorized');
    await lab.sql.query(
      `update lms.registration set status = 'in_progress', progress = 0.1 where user_id = 'ada' and activity_id = 'c-1'`,
    );
    const begun = (await lab.dump()).registrations.filter(({ status }) => status === 'in_progress');
    const undone = await undo(lab, operation);
    expect(undone.counts).toEqual({ 'registration.remove': 3 });
    expect(undone.attention).toMatchObject([{ user: 'ada', type: 'NotRestorable' }]);
    expect(await lab.dump()).toEqual({ ...before, registrations: begun });
  });

  it('X-16 bad input is refused', async () => {
    for (const wrong of [{ users: [] }, { users: 7 }, { activities: ['c-1'] }, { list: 'some' }]) {
      await expectFailure(lab, team(), 'InvalidInput', sweep, wrong);
    }
  });
});
