import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { outcomeIn, school } from './content-steps.ts';
import { deletionOfSales, region, tree } from './group-deletion-steps.ts';
import { failureOf } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const inRegion = { id: 'g-sales', parent: 'g-region' };

/** Somebody who is in another group as well. */
const elsewhere = (user: string, role: Member[1] = 'learner'): Member[] => [
  [user, role, 'g-sales'],
  [user, 'learner', 'g-other'],
];

const moved = { subgroups: 'moveToParent', orphans: 'moveToParent' };
const both = { subgroups: 'delete', orphans: 'delete' };

describe('undoing', () => {
  const byMia: Given = {
    groups: [inRegion],
    members: [
      ['mia', 'admin', 'g-region'],
      ['mo', 'admin', 'g-region'],
      ['ada', 'learner', 'g-sales'],
      ...elsewhere('bob'),
    ],
  };
  const input = { ...deletionOfSales, requestedBy: 'mia', orphans: 'moveToParent' };

  it.each(['mia', admin, owner])('A X-08 is allowed to %s, and restores every byte', async (requestedBy) => {
    const { before, result } = await outcomeIn(lab, world(byMia), 'deleteGroup', input);
    expect((await undo(lab, result.operation, { requestedBy })).attention).toEqual([]);
    expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
  });

  it.each(['mo', 'ada', 'bob', 'nobody'])('A X-08 is not allowed to %s', async (requestedBy) => {
    const { after, result } = await outcomeIn(lab, world(byMia), 'deleteGroup', input);
    await failureOf(undo(lab, result.operation, { requestedBy }), 'NotAuthorized');
    expect(await lab.dump()).toEqual(after);
  });

  it('A X-08 goes by the roles of today', async () => {
    const { result } = await outcomeIn(lab, world(byMia), 'deleteGroup', input);
    await lab.sql.query(`update lms.membership set role = 'learner' where user_id = 'mia'`);
    const before = await lab.dump();
    await undo(lab, result.operation, { requestedBy: 'mia' }).catch((error: unknown) => {
      expect(error).toMatchObject({ type: 'NotAuthorized' });
    });
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 of an empty group brings it back; a second time does nothing; an undo cannot be undone', async () => {
    const given = world({ groups: tree });
    const { before, result } = await outcomeIn(lab, given, 'deleteGroup', { ...deletionOfSales, ...both });
    const undone = await undo(lab, result.operation);
    expect(undone).toMatchObject({ state: 'done', counts: { 'group.add': 5 }, attention: [] });
    expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
    await failureOf(undo(lab, undone.operation), 'NotUndoable');
    await undo(lab, result.operation).catch(() => undefined);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 a group whose parent has gone since is listed, and comes back once the parent has', async () => {
    await lab.load(region());
    const before = await lab.dump();
    const first = await lab.run('deleteGroup', { ...deletionOfSales, ...moved });
    const between = await lab.dump();
    const second = await lab.run('deleteGroup', { ...deletionOfSales, group: 'g-region', ...moved });
    const last = await lab.dump();
    const tooSoon = await undo(lab, first.operation);
    expect(tooSoon.attention.length).toBeGreaterThan(0);
    for (const { type } of tooSoon.attention) expect(type).toBe('NotRestorable');
    expect(tooSoon.attention.map(({ message }) => message).join('\n')).toContain('g-sales');
    expect((await lab.dump()).groups).toEqual(last.groups);
    expect(tooSoon.counts['group.add'] ?? 0).toBe(0);
    await lab.load(region());
    const again = [await lab.run('deleteGroup', { ...deletionOfSales, ...moved })];
    again.push(await lab.run('deleteGroup', { ...deletionOfSales, group: 'g-region', ...moved }));
    for (const { operation } of again.reverse()) {
      expect((await undo(lab, operation)).attention).toEqual([]);
    }
    expect(await lab.dump()).toEqual(before);
    expect(second.counts['group.delete']).toBe(1);
    expect(between.groups).not.toEqual(before.groups);
  });

  it('X-08 a course and a subgroup that have moved on stay where they are, and are listed', async () => {
    const { before, result } = await outcomeIn(lab, region(), 'deleteGroup', {
      ...deletionOfSales,
      ...moved,
    });
    await lab.sql.query(`update lms.course set owner_group_id = 'g-other' where id = 'c-sales'`);
    await lab.sql.query(`update lms.user_group set parent_id = 'g-other' where id = 'g-east'`);
    const undone = await undo(lab, result.operation);
    const after = await lab.dump();
    const then = structuredClone(before);
    the(then.courses, 'c-sales').ownerGroup = 'g-other';
    the(then.groups, 'g-east').parent = 'g-other';
    expect(after).toEqual(then);
    // Told with the users, or, being about none of them, as a warning.
    const messages = [...undone.attention.map(({ message }) => message), ...undone.warnings].join('\n');
    expect(messages).toContain('c-sales');
    expect(messages).toContain('g-east');
  });

  it('X-08 a course that is gone is listed, the rest comes back', async () => {
    const { before, result } = await outcomeIn(lab, school(), 'deleteGroup', deletionOfSales);
    await lab.sql.query(`delete from lms.path_course where course_id = 'c-both';
      delete from lms.registration where activity_id = 'c-both'; delete from lms.course where id = 'c-both'`);
    const undone = await undo(lab, result.operation);
    expect(undone.attention.map(({ message }) => message).join('\n')).toContain('c-both');
    const then = structuredClone(before);
    then.courses = then.courses.filter(({ id }) => id !== 'c-both');
    then.registrations = then.registrations.filter(({ activity }) => activity !== 'c-both');
    then.groupCourses = then.groupCourses.filter(({ course }) => course !== 'c-both');
    for (const path of then.paths) path.courses = path.courses.filter((id) => id !== 'c-both');
    expect(await lab.dump()).toEqual(then);
  });

  it('X-08 who was deleted since does not come back by it, nor into the group', async () => {
    const { before, result } = await outcomeIn(lab, school(), 'deleteGroup', deletionOfSales);
    await lab.run('deleteUser', { user: 'cem', requestedBy: admin });
    const undone = await undo(lab, result.operation);
    const after = await lab.dump();
    expect(the(after.users, 'cem').status).toBe('deleted');
    expect(after.memberships).toEqual(before.memberships.filter(({ user }) => user !== 'cem'));
    expect(undone.attention.some(({ user }) => user === 'cem')).toBe(true);
    expect(after.groups).toEqual(before.groups);
  });

  it('X-08 what the moved have completed in the parent since is not taken from them', async () => {
    const given = world({
      groups: [inRegion],
      members: [['ada', 'learner', 'g-sales']],
      courses: [
        { id: 'c-1', mainAuthor: 'pam' },
        { id: 'c-2', mainAuthor: 'pam' },
      ],
      groupCourses: ['c-1', 'c-2'].map((course) => ({ group: 'g-region', course })),
    });
    const { before, result } = await outcomeIn(lab, given, 'deleteGroup', { ...input, requestedBy: admin });
    await lab.sql
      .query(`update lms.registration set status = 'completed', listed_as = 'completed', progress = 1,
      completed_at = '2025-01-01T00:00:00Z' where activity_id = 'c-1'`);
    const worked = (await lab.dump()).registrations.filter(({ activity }) => activity === 'c-1');
    const undone = await undo(lab, result.operation);
    expect(await lab.dump()).toEqual({ ...before, registrations: worked });
    expect(undone.attention.map(({ message }) => message).join('\n')).toContain('c-1');
  });

  it('C-14 X-08 what was opened again for the moved is closed again', async () => {
    const given = world({
      groups: [inRegion],
      members: [['ada', 'learner', 'g-sales']],
      courses: [{ id: 'c-1', mainAuthor: 'pam' }],
      groupCourses: [{ group: 'g-region', course: 'c-1' }],
      registrations: [{ user: 'ada', activity: 'c-1', access: false }],
    });
    const asked = { ...deletionOfSales, orphans: 'moveToParent' };
    const { before, result } = await outcomeIn(lab, given, 'deleteGroup', asked);
    expect(result.counts['access.grant']).toBe(1);
    expect(await undo(lab, result.operation)).toMatchObject({ attention: [], conflicts: 0 });
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 users: only what the deletion did to them', async () => {
    const { result } = await outcomeIn(lab, school(), 'deleteGroup', deletionOfSales);
    const undone = await undo(lab, result.operation, { users: ['ada'] }).catch((error: unknown) => error);
    const after = await lab.dump();
    // Without the group there is nothing to come back to: whatever is answered, no row points nowhere.
    expect(undone).toBeDefined();
    await lab.load(after);
    expect(await lab.dump()).toEqual(after);
  });
});
