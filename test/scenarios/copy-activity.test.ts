import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, emailOf, owner, world } from '../support/world-builder.ts';
import type { Member } from '../support/world-builder.ts';
import { expectFailure, outcomeIn } from './content-steps.ts';
import { waiting } from './registration-steps.ts';
import { essence, failureOf } from './steps.ts';
import type { Input } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

/** A quiz of Pam's in a course of `g-one`; Ann is author there, Gus admin, Uma user-admin; Bea is author in `g-two`, which owns `c-2`. */
function studio(): World {
  const members: Member[] = [
    ['ann', 'author', 'g-one'],
    ['gus', 'admin', 'g-one'],
    ['uma', 'user-admin', 'g-one'],
    ['uma', 'coach', 'g-one'],
    ['bea', 'author', 'g-two'],
  ];
  return world({
    deleted: ['old'],
    members,
    courses: [
      { id: 'c-1', mainAuthor: 'pam', ownerGroup: 'g-one' },
      { id: 'c-2', mainAuthor: 'pam', ownerGroup: 'g-two' },
    ],
    paths: [{ id: 'p-1', mainAuthor: 'pam' }],
    activities: [{ id: 'a-1', course: 'c-1', owner: 'pam', title: 'Quiz of Pam', kind: 'quiz' }],
  });
}

const byAnn = { activity: 'a-1', newOwner: 'ann', requestedBy: 'ann' };

/** The one activity that is there beside the original. */
async function expectCopy(input: Input, course: string, user: string): Promise<string> {
  const { before, after, result } = await outcomeIn(lab, studio(), 'copyActivity', input);
  const [copy] = after.activities.filter(({ id }) => id !== 'a-1');
  expect(copy).toMatchObject({ course, owner: user, title: 'Quiz of Pam', kind: 'quiz' });
  expect({ ...after, activities: after.activities.filter((row) => row !== copy) }).toEqual(before);
  expect(result).toMatchObject({
    ...{ state: 'done', counts: { 'activity.copy': 1 }, conflicts: 0, attention: [] },
    users: { done: 1, unchanged: 0, attention: 0 },
  });
  return result.operation;
}

describe('copying an activity', () => {
  it('D-12 makes a new one, owned by the new owner, and leaves the original as it is', async () => {
    await expectCopy(byAnn, 'c-1', 'ann');
  });

  it('D-12 into another course', async () => {
    await expectCopy({ ...byAnn, newOwner: emailOf('bea'), requestedBy: 'bea', course: 'c-2' }, 'c-2', 'bea');
  });

  it('D-12 each time another one', async () => {
    await expectCopy(byAnn, 'c-1', 'ann');
    await lab.run('copyActivity', byAnn);
    const { activities } = await lab.dump();
    expect(activities).toHaveLength(3);
    const copies = activities.filter(({ owner }) => owner === 'ann');
    await lab.run('copyActivity', { ...byAnn, activity: copies[0]?.id });
    expect((await lab.dump()).activities).toHaveLength(4);
  });

  it('D-12 a preview changes nothing, and its hash binds', async () => {
    const { before, after, result } = await outcomeIn(lab, studio(), 'copyActivity', {
      ...byAnn,
      mode: 'preview',
    });
    expect(after).toEqual(before);
    expect(result).toMatchObject({ state: 'previewed', counts: { 'activity.copy': 1 } });
    const applied = await lab.run('copyActivity', { ...byAnn, planHash: result.planHash });
    expect(applied.planHash).toBe(result.planHash);
    expect(essence(await lab.changes(applied.operation))).toMatchObject([
      {
        ...{ kind: 'activity.copy', user: 'ann', item: { activity: 'a-1', course: 'c-1' } },
        ...{ before: null, after: { owner: 'ann' }, reason: { rule: 'D-12' } },
      },
    ]);
  });
});

describe('who may copy', () => {
  it.each([
    ['an author of the group', byAnn],
    ['an admin of the group', { ...byAnn, newOwner: 'gus', requestedBy: 'gus' }],
    ['a platform admin, for anybody', { ...byAnn, newOwner: 'uma', requestedBy: admin }],
    ['the platform owner, for anybody', { ...byAnn, newOwner: 'bea', requestedBy: owner }],
  ])('A D-12 %s', async (_, input) => {
    await expectCopy(input, 'c-1', input.newOwner);
  });

  it.each([
    ['for somebody else', { requestedBy: 'gus' }],
    ['as a user-admin or coach', { newOwner: 'uma', requestedBy: 'uma' }],
    ['as the owner of the original', { newOwner: 'pam', requestedBy: 'pam' }],
    ['into a course of a group where one is nothing', { course: 'c-2' }],
    ['as an author of another group', { newOwner: 'bea', requestedBy: 'bea' }],
    ['as nobody', { requestedBy: 'nobody' }],
    ['as somebody deleted', { requestedBy: 'old' }],
  ])('A D-12 not %s', async (_, input) => {
    await expectFailure(lab, studio(), 'NotAuthorized', 'copyActivity', { ...byAnn, ...input });
  });
});

describe('what cannot be copied', () => {
  it.each([
    ['activity', { activity: 'none' }],
    ['activity', { activity: 'c-1' }],
    ['course', { course: 'none' }],
    ['course', { course: 'p-1' }],
    ['newOwner', { newOwner: 'none' }],
    ['newOwner', { newOwner: 'old', requestedBy: admin }],
  ])('interface: an unknown %s is NotFound, whoever asks: %j', async (member, input) => {
    for (const requestedBy of [{}, { requestedBy: admin }]) {
      const asked = { ...byAnn, ...input, ...requestedBy };
      const { message } = await expectFailure(lab, studio(), 'NotFound', 'copyActivity', asked);
      expect(message).toContain(`input.${member}`);
    }
  });

  it('X-06 an original that goes meanwhile is told', async () => {
    await lab.load(studio());
    const running = await waiting(lab, 'copyActivity', { ...byAnn, approval: 'required' });
    await lab.sql.query(`delete from lms.activity`);
    await running.update('approve', { by: admin, planHash: running.planHash });
    const result = await running.result();
    expect(result).toMatchObject({ counts: {}, conflicts: 1, users: { done: 0, attention: 1 } });
    expect(result.attention).toMatchObject([{ user: 'ann', type: 'PlanChanged' }]);
    expect((await lab.dump()).activities).toEqual([]);
  });

  it('X-16 bad input is refused with every path', async () => {
    const wrong = { newOwner: { name: 'ann' }, course: 7, requestedBy: '' };
    const { message } = await expectFailure(lab, studio(), 'InvalidInput', 'copyActivity', wrong);
    for (const path of ['activity', 'newOwner', 'course', 'requestedBy'])
      expect(message).toContain(`input.${path}`);
  });
});

describe('undoing a copy', () => {
  it('X-08 removes it', async () => {
    const operation = await expectCopy(byAnn, 'c-1', 'ann');
    const undone = await undo(lab, operation, { requestedBy: 'ann' });
    expect(undone).toMatchObject({ state: 'done', counts: { 'activity.remove': 1 }, attention: [] });
    expect((await lab.dump()).activities.map(({ id }) => id)).toEqual(['a-1']);
    expect(await undo(lab, operation)).toMatchObject({ state: 'done', counts: {} });
  });

  it('X-08 leaves it when somebody has changed it since, and finds nothing to do when it is gone', async () => {
    const operation = await expectCopy(byAnn, 'c-1', 'ann');
    await lab.sql.query(`update lms.activity set title = 'Better' where owner_id = 'ann'`);
    const before = await lab.dump();
    const undone = await undo(lab, operation);
    expect(undone.attention).toMatchObject([{ user: 'ann', type: 'NotRestorable' }]);
    expect(await lab.dump()).toEqual(before);
    await lab.sql.query(`delete from lms.activity where owner_id = 'ann'`);
    expect(await undo(lab, operation)).toMatchObject({ state: 'done', counts: {}, attention: [] });
  });

  it('A X-08 not for others, nor with the role gone', async () => {
    const operation = await expectCopy(byAnn, 'c-1', 'ann');
    await failureOf(undo(lab, operation, { requestedBy: 'gus' }), 'NotAuthorized');
    await lab.sql.query(`delete from lms.membership where user_id = 'ann'`);
    await failureOf(undo(lab, operation, { requestedBy: 'ann' }), 'NotAuthorized');
  });
});
