import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, the, world } from '../support/world-builder.ts';
import type { Given } from '../support/world-builder.ts';
import { completed, expectFailure, expectGone, outcomeIn, school, worldOfAda } from './content-steps.ts';
import type { Gone } from './content-steps.ts';
import { essence, failureOf, untilState } from './steps.ts';
import type { Input, Outcome } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const fromSales = { group: 'g-sales', users: ['ada'], requestedBy: admin };

/** The removal from the group takes away these, and in the whole dump nothing else changes. */
function expectTaken(given: World, gone: Gone, input: Input = {}): Promise<Outcome> {
  return expectGone(lab, given, 'removeFromGroup', { ...fromSales, ...input }, gone);
}

/** Ada leaves `g-sales`, and loses these. */
function expectLost(given: World, access: string[], input: Input = {}): Promise<Outcome> {
  return expectTaken(given, { members: ['ada learner g-sales'], access }, input);
}

/** Ada's one course of `g-sales`, for which she is registered as said. */
function oneCourse(registration: Partial<World['registrations'][number]> = {}): Given {
  return {
    courses: [{ id: 'c-1', mainAuthor: 'pam' }],
    groupCourses: [{ group: 'g-sales', course: 'c-1' }],
    registrations: [{ user: 'ada', activity: 'c-1', ...registration }],
  };
}

describe('what is de-assigned', () => {
  it('C-01 C-08 a course that only the group linked can no longer be viewed; nothing else changes', async () => {
    const given = worldOfAda({ ...oneCourse(), history: [{ user: 'ada', activity: 'c-1' }] });
    const { after } = await expectLost(given, ['ada c-1']);
    expect(after.registrations).toMatchObject([{ access: false, listedAs: 'current', progress: 0.4 }]);
  });

  it.each([
    ['self', 'enrolled'],
    ['self', 'in_progress'],
    ['admin', 'enrolled'],
    ['admin', 'in_progress'],
  ] as const)('C-01 a registration by %s that is %s goes', async (method, status) => {
    await expectLost(worldOfAda(oneCourse({ method, status })), ['ada c-1']);
  });

  it('C-02 a completed one stays', async () => {
    await expectLost(worldOfAda(oneCourse(completed)), []);
  });

  it.each(['auto', 'qualification'] as const)('C-03 one by %s stays, whatever its status', async (method) => {
    for (const status of ['enrolled', 'in_progress'] as const) {
      await expectLost(worldOfAda(oneCourse({ method, status })), []);
    }
  });

  it('C-13 one that is de-assigned or unenrolled already stays as it is', async () => {
    for (const listedAs of ['current', 'completed'] as const) {
      await expectLost(worldOfAda(oneCourse({ access: false, listedAs })), []);
    }
  });

  it('C-08 G-10 what each of several users had by the group goes, unless something else links', async () => {
    const members = ['ada learner g-sales', 'bob coach g-sales', 'cem learner g-sales'];
    const access = ['ada', 'bob', 'cem']
      .flatMap((user) =>
        ['c-own', 'c-sub', 'c-deep', 'c-first', 'c-both', 'p-1'].map((id) => `${user} ${id}`),
      )
      .concat('ada c-shared', 'bob c-shared');
    await expectTaken(school(), { members, access }, { users: 'ada, bob, cem' });
  });

  it('C-08 another group keeps a course, directly or by a path, and a path', async () => {
    const given: Given = {
      courses: ['c-direct', 'c-path'].map((id) => ({ id, mainAuthor: 'pam' })),
      paths: [
        { id: 'p-1', mainAuthor: 'pam', courses: ['c-direct', 'c-path'] },
        { id: 'p-2', mainAuthor: 'pam', courses: ['c-path'] },
      ],
      groupCourses: [{ group: 'g-other', course: 'c-direct' }],
      groupPaths: [
        { group: 'g-sales', path: 'p-1' },
        { group: 'g-other', path: 'p-2' },
        { group: 'g-sales', path: 'p-2' },
      ],
      registrations: ['c-direct', 'c-path', 'p-1', 'p-2'].map((activity) => ({ user: 'ada', activity })),
    };
    await expectLost(worldOfAda(given), ['ada p-1']);
  });

  it('C-08 a role that stays in a reached subgroup still links', async () => {
    const given: Given = {
      ...oneCourse(),
      groups: [{ id: 'g-east', parent: 'g-sales' }],
      groupCourses: [{ group: 'g-east', course: 'c-1' }],
    };
    const learner = ['ada', 'learner', 'g-east'] as const;
    const gone = { members: ['ada learner g-east'] };
    await expectTaken(world({ ...given, members: [learner, ['ada', 'coach', 'g-east']] }), gone);
    const other = ['ada', 'coach', 'g-other'] as const;
    await expectTaken(world({ ...given, members: [learner, other] }), { ...gone, access: ['ada c-1'] });
  });

  it('C-08 a registration by hand, which the group never linked, is left alone', async () => {
    await expectLost(worldOfAda({ ...oneCourse(), groupCourses: [{ group: 'g-else', course: 'c-1' }] }), []);
  });

  it('G-10 the content of all reached subgroups goes, that of private ones only with them', async () => {
    const places = ['g-sales', 'g-east', 'g-closed'];
    const given = world({
      groups: [
        { id: 'g-east', parent: 'g-sales' },
        { id: 'g-closed', parent: 'g-east', visibility: 'private' },
      ],
      members: [...places, 'g-other'].map((group) => ['ada', 'learner', group] as const),
      courses: places.map((group) => ({ id: `c-${group}`, mainAuthor: 'pam' })),
      groupCourses: places.map((group) => ({ group, course: `c-${group}` })),
      registrations: places.map((group) => ({ user: 'ada', activity: `c-${group}` })),
    });
    const takenIn = (...groups: string[]): Gone => ({
      members: groups.map((group) => `ada learner ${group}`),
      access: groups.map((group) => `ada c-${group}`),
    });
    await expectTaken(given, takenIn('g-sales', 'g-east'));
    await expectTaken(given, takenIn(...places), { includePrivateSubgroups: true });
  });
});

describe('what hangs below', () => {
  /** Below `c-1`: a sub-course, its translation, and a translation with a sub-course; `g-other` holds some of them. */
  function family(linked: string[], registrations: Given['registrations'] = []): World {
    const below = { 'c-sub': 'c-1', 'c-sub-fr': 'c-sub', 'c-fr': 'c-1', 'c-fr-sub': 'c-fr' };
    const activities = ['c-1', ...Object.keys(below)];
    const special = new Set(registrations.map(({ activity }) => activity));
    return worldOfAda({
      courses: [
        { id: 'c-1', mainAuthor: 'pam' },
        ...Object.entries(below).map(([id, above]) => ({
          ...{ id, mainAuthor: 'pam' },
          ...(id.endsWith('fr') ? { translationOf: above } : { parentCourse: above }),
        })),
      ],
      groupCourses: [
        { group: 'g-sales', course: 'c-1' },
        ...linked.map((course) => ({ group: 'g-other', course })),
      ],
      registrations: [
        ...registrations,
        ...activities.filter((id) => !special.has(id)).map((activity) => ({ user: 'ada', activity })),
      ],
    });
  }
  const all = ['ada c-1', 'ada c-sub', 'ada c-sub-fr', 'ada c-fr', 'ada c-fr-sub'];
  const spares = { cascade: 'unless-linked' };
  const without = (...spared: string[]): string[] => all.filter((name) => !spared.includes(name));

  it('C-12 sub-courses and translations go too, at every depth', async () => {
    await expectLost(family([]), all);
    await expectLost(family([]), all, spares);
  });

  it('C-12 by default also where a link of their own exists; "unless-linked" spares these, not those below', async () => {
    const given = family(['c-sub', 'c-fr-sub']);
    await expectLost(given, all);
    await expectLost(given, all, { cascade: 'always' });
    await expectLost(given, without('ada c-sub', 'ada c-fr-sub'), spares);
  });

  it('C-12 the preview marks those that had a link of their own', async () => {
    const input = { ...fromSales, mode: 'preview' };
    const { result } = await outcomeIn(lab, family(['c-sub', 'c-fr-sub']), 'removeFromGroup', input);
    const warned = (await lab.changes(result.operation))
      .filter(({ reason }) => reason.though !== undefined)
      .map(({ kind, item }) => `${kind} ${JSON.stringify(item['activity'])}`);
    expect(warned.sort()).toEqual(['access.revoke "c-fr-sub"', 'access.revoke "c-sub"']);
    expect(result.warnings).toEqual([expect.stringMatching(/^C-12: 2 of the registrations/)]);
  });

  it('C-12 C-02 C-03 completed and automatic ones stay, and what hangs below them goes all the same', async () => {
    const given = family(
      [],
      [
        { user: 'ada', activity: 'c-sub', ...completed },
        { user: 'ada', activity: 'c-fr', method: 'auto' },
      ],
    );
    await expectLost(given, without('ada c-sub', 'ada c-fr'));
    await expectLost(given, without('ada c-sub', 'ada c-fr'), spares);
  });

  it('C-12 what hangs below one without an open registration goes too', async () => {
    const given = family(
      [],
      [
        { user: 'ada', activity: 'c-sub', access: false },
        { user: 'ada', activity: 'c-fr', access: false, listedAs: 'completed' },
      ],
    );
    await expectLost(given, without('ada c-sub', 'ada c-fr'));
    given.registrations = given.registrations.filter(({ access }) => access);
    await expectLost(given, without('ada c-sub', 'ada c-fr'));
  });

  it.each<[string, Partial<World['registrations'][number]>]>([
    ['completed', completed],
    ['automatic', { method: 'auto' }],
    ['for a qualification', { method: 'qualification' }],
    ['de-assigned already', { access: false }],
    ['unenrolled', { access: false, listedAs: 'completed' }],
  ])('C-13 nothing cascades from a course that is %s', async (_, registration) => {
    await expectLost(family([], [{ user: 'ada', activity: 'c-1', ...registration }]), []);
  });

  it('C-13 nothing cascades from a course that another group still links, or without registration', async () => {
    await expectLost(family(['c-1']), []);
    const given = family([]);
    given.registrations = given.registrations.filter(({ activity }) => activity !== 'c-1');
    await expectLost(given, []);
  });
});

describe('the deleted', () => {
  it('D-02 registrations of who is deleted by the removal stay, those of who lives on go', async () => {
    const given = school();
    given.memberships = given.memberships.filter(({ user, group }) => user !== 'ada' || group === 'g-sales');
    const { before, after } = await outcomeIn(lab, given, 'removeFromGroup', {
      ...fromSales,
      users: ['ada', 'bob', 'old'],
    });
    expect(the(after.users, 'ada').status).toBe('deleted');
    const ofAll = (dump: World, users: string[]): World['registrations'] =>
      dump.registrations.filter(({ user }) => users.includes(user));
    const untouched = ['ada', 'cem', 'dan', 'old'];
    expect(ofAll(after, untouched)).toEqual(ofAll(before, untouched));
    const lost = ofAll(after, ['bob']).filter(({ access }) => !access);
    const expected = ['c-both', 'c-deep', 'c-first', 'c-own', 'c-shared', 'c-sub', 'p-1'];
    expect(lost.map(({ activity }) => activity)).toEqual(expected);
  });
});

describe('what every operation has', () => {
  const two = { ...fromSales, users: ['ada', 'bob'] };
  const taken = { 'membership.remove': 2, 'access.revoke': 14 };

  it('X-01 X-02 a preview changes nothing, and shows what is then done by its hash, change by change', async () => {
    const preview = await outcomeIn(lab, school(), 'removeFromGroup', { ...two, mode: 'preview' });
    expect(preview.after).toEqual(preview.before);
    expect(preview.result).toMatchObject({ state: 'previewed', counts: taken });
    const { planHash } = preview.result;
    const applied = await lab.run('removeFromGroup', { ...two, planHash });
    expect(applied).toMatchObject({ state: 'done', planHash, counts: taken });
    const planned = essence(await lab.changes(preview.result.operation));
    expect(essence(await lab.changes(applied.operation))).toEqual(planned);
    for (const { reason } of planned) expect(reason.rule).toMatch(/^[CG]-\d\d$/);
  });

  it.each([
    [`update lms.registration set status = 'enrolled' where user_id = 'ada' and activity_id = 'c-own'`],
    [`insert into lms.group_course (group_id, course_id) values ('g-more', 'c-own')`],
    [`delete from lms.path_course where path_id = 'p-1' and course_id = 'c-first'`],
  ])('X-02 stops when the content has moved: %s', async (meanwhile) => {
    const { result } = await outcomeIn(lab, school(), 'removeFromGroup', { ...two, mode: 'preview' });
    await lab.sql.query(meanwhile);
    const before = await lab.dump();
    const input = { ...two, planHash: result.planHash };
    await failureOf(lab.run('removeFromGroup', input), 'PlanChanged');
    expect(await lab.dump()).toEqual(before);
  });

  it('X-06 a registration that was completed between plan and apply stays; the rest goes', async () => {
    await lab.load(school());
    const running = await lab.start('removeFromGroup', { ...fromSales, approval: 'required' });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    await lab.sql.query(
      `update lms.registration set status = 'completed', listed_as = 'completed', completed_at = now()
         where user_id = 'ada' and activity_id = 'c-first'`,
    );
    const before = await lab.dump();
    await running.update('approve', { by: admin, planHash });
    const result = await running.result();
    expect(result).toMatchObject({ state: 'done', conflicts: 1 });
    const opened = (dump: World): string[] =>
      dump.registrations.filter(({ access }) => access).map(({ user, activity }) => `${user} ${activity}`);
    const lost = ['c-own', 'c-sub', 'c-deep', 'c-both', 'c-shared', 'p-1'].map((id) => `ada ${id}`);
    expect(opened(await lab.dump())).toEqual(opened(before).filter((name) => !lost.includes(name)));
  });

  it('X-08 undone is as if it had never been, to the byte', async () => {
    for (const cascade of ['always', 'unless-linked']) {
      const { before, result } = await outcomeIn(lab, school(), 'removeFromGroup', { ...two, cascade });
      expect(result.counts['access.revoke']).toBe(cascade === 'always' ? 14 : 12);
      const undone = await undo(lab, result.operation);
      expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
      expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
      const back = result.counts['access.revoke'];
      expect(undone.counts).toEqual({ 'membership.add': 2, 'access.grant': back });
    }
  });

  it('X-08 undone, one that the host lists as completed though it is not is open again as well', async () => {
    const given = worldOfAda(oneCourse({ listedAs: 'completed' }));
    const { before, result } = await expectLost(given, ['ada c-1']);
    await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-16 a cascade that there is not is refused', async () => {
    const input = { ...two, cascade: 'never' };
    const { message } = await expectFailure(lab, school(), 'InvalidInput', 'removeFromGroup', input);
    expect(message).toContain('cascade');
  });
});
