import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, world } from '../support/world-builder.ts';
import type { Given } from '../support/world-builder.ts';
import {
  completed,
  countsOf,
  expectFailure,
  expectGone,
  goneFrom,
  outcomeIn,
  school,
} from './content-steps.ts';
import type { Gone } from './content-steps.ts';
import { essence, failureOf } from './steps.ts';
import type { Input } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

interface Operation {
  row: string;
  workflow: string;
  /** The named group or path, and what goes from it. */
  where: Input;
  what: 'courses' | 'paths';
  goes: string[];
  /** What of `school` that takes away. */
  gone: Gone;
  /** Who else may: an admin of the group, or who has to do with the path. */
  allowed: string[];
}

function of(users: string[], ...activities: string[]): string[] {
  return users.flatMap((user) => activities.map((activity) => `${user} ${activity}`));
}

const everyone = ['ada', 'bob', 'cem'];
const operations: Operation[] = [
  {
    row: 'C-09',
    workflow: 'removeCoursesFromGroup',
    where: { group: 'g-sales' },
    what: 'courses',
    goes: ['c-own', 'c-both'],
    // The path still links `c-both`.
    gone: { links: ['g-sales c-own', 'g-sales c-both'], access: of(everyone, 'c-own', 'c-sub', 'c-deep') },
    allowed: ['gus'],
  },
  {
    row: 'C-10',
    workflow: 'removePathsFromGroup',
    where: { group: 'g-sales' },
    what: 'paths',
    goes: ['p-1'],
    gone: {
      links: ['g-sales p-1'],
      access: [...of(everyone, 'p-1', 'c-first'), ...of(['ada', 'bob'], 'c-shared')],
    },
    allowed: ['gus'],
  },
  {
    row: 'C-11',
    workflow: 'removeCoursesFromPath',
    where: { path: 'p-1' },
    what: 'courses',
    goes: ['c-first', 'c-both', 'c-shared'],
    gone: {
      links: ['p-1 c-first', 'p-1 c-both', 'p-1 c-shared'],
      access: [...of(everyone, 'c-first'), ...of(['ada', 'bob'], 'c-shared')],
    },
    allowed: ['pam', 'col', 'olga'],
  },
];

function inputOf({ where, what, goes }: Operation, more: Input = {}): Input {
  return { ...where, [what]: goes, requestedBy: admin, ...more };
}

/** School with an admin of the group, and with people who hold other roles, or roles elsewhere. */
function staffed(): World {
  const given = school();
  const since = '2020-01-01T00:00:00Z';
  for (const id of ['gus', 'ron', 'uma', 'ann', 'eve']) {
    given.users.push({ ...(given.users[0] as World['users'][number]), id, email: `${id}@example.org` });
  }
  given.memberships.push(
    { user: 'gus', role: 'admin', group: 'g-sales', since },
    { user: 'ron', role: 'admin', group: 'g-other', since },
    { user: 'uma', role: 'user-admin', group: 'g-sales', since },
    { user: 'uma', role: 'user-admin', group: 'g-owning', since },
    { user: 'uma', role: 'user-admin', group: 'g-root', since },
    { user: 'ann', role: 'author', group: 'g-sales', since },
    { user: 'ann', role: 'author', group: 'g-owning', since },
    { user: 'eve', role: 'learner', group: 'g-sales', since },
  );
  return given;
}

describe.each(operations)('$workflow', (operation) => {
  const { row, workflow, where, what, goes, gone } = operation;
  const input = inputOf(operation);
  const one = goes.slice(0, 1);

  it(`${row} takes it from every member whom nothing else links, and from nobody else`, async () => {
    const { result } = await expectGone(lab, school(), workflow, input, gone);
    expect(result.users).toEqual({ done: 3, unchanged: 0, attention: 0 });
  });

  it(`${row} takes an id, an array and a comma-separated string`, async () => {
    const { after } = await outcomeIn(lab, school(), workflow, input);
    await expectGone(lab, school(), workflow, { ...input, [what]: ` ${goes.join(' , ')}` }, gone);
    const alone = await outcomeIn(lab, school(), workflow, { ...input, [what]: one });
    expect((await outcomeIn(lab, school(), workflow, { ...input, [what]: one.join() })).after).toEqual(
      alone.after,
    );
    // One by one they end the same (C-15).
    await lab.load(school());
    for (const id of goes) await lab.run(workflow, { ...input, [what]: id });
    expect(await lab.dump()).toEqual(after);
  });

  it(`${row} a second time, and what is not held at all, is unchanged`, async () => {
    const { after } = await outcomeIn(lab, school(), workflow, input);
    const again = await lab.run(workflow, input);
    expect(again).toMatchObject({ state: 'done', counts: {}, attention: [], users: { done: 0 } });
    expect(await lab.dump()).toEqual(after);
    const other = what === 'courses' ? 'c-deep' : 'p-other';
    await expectGone(lab, school(), workflow, { ...input, [what]: other }, {});
    await expectGone(lab, school(), workflow, { ...input, [what]: [other, ...goes] }, gone);
  });

  it('interface: what is unknown is NotFound, before anybody asks who may', async () => {
    const nobody = { requestedBy: 'nobody' };
    const unknownHolder = Object.fromEntries(Object.keys(where).map((key) => [key, 'none']));
    for (const wrong of [unknownHolder, { [what]: 'none' }, { [what]: [...goes, 'none'] }]) {
      await expectFailure(lab, school(), 'NotFound', workflow, { ...input, ...wrong });
      await expectFailure(lab, school(), 'NotFound', workflow, { ...input, ...wrong, ...nobody });
    }
    // A course is no path, and the other way round.
    const otherKind = what === 'courses' ? 'p-1' : 'c-own';
    await expectFailure(lab, school(), 'NotFound', workflow, { ...input, [what]: otherKind });
  });

  it.each([admin, owner, ...operation.allowed])('A %s may', async (requestedBy) => {
    await expectGone(lab, staffed(), workflow, { ...input, requestedBy }, gone);
  });

  const others = ['gus', 'ron', 'uma', 'ann', 'eve', 'olga', 'pam', 'col', 'ada', 'old', 'nobody'];
  it.each(others.filter((user) => !operation.allowed.includes(user)))('A %s may not', async (requestedBy) => {
    await expectFailure(lab, staffed(), 'NotAuthorized', workflow, { ...input, requestedBy });
    const preview = { ...input, requestedBy, mode: 'preview' };
    await expectFailure(lab, staffed(), 'NotAuthorized', workflow, preview);
  });

  it('X-01 X-02 a preview changes nothing, and shows what is then done by its hash, change by change', async () => {
    const preview = await outcomeIn(lab, school(), workflow, { ...input, mode: 'preview' });
    expect(preview.after).toEqual(preview.before);
    expect(preview.result).toMatchObject({ state: 'previewed', counts: countsOf(gone) });
    const { planHash } = preview.result;
    const applied = await lab.run(workflow, { ...input, planHash });
    expect(applied).toMatchObject({ state: 'done', planHash, counts: countsOf(gone) });
    expect(applied.users).toEqual(preview.result.users);
    const planned = essence(await lab.changes(preview.result.operation));
    expect(essence(await lab.changes(applied.operation))).toEqual(planned);
    const revoked = planned.filter(({ kind }) => kind === 'access.revoke');
    for (const { reason } of revoked) expect([row, 'C-12']).toContain(reason.rule);
  });

  it('X-02 stops when somebody has joined the group', async () => {
    const { result } = await outcomeIn(lab, school(), workflow, { ...input, mode: 'preview' });
    await lab.sql.query(
      `insert into lms.membership (group_id, user_id, role, since) values ('g-sales', 'dan', 'learner', now())`,
    );
    const before = await lab.dump();
    await failureOf(lab.run(workflow, { ...input, planHash: result.planHash }), 'PlanChanged');
    expect(await lab.dump()).toEqual(before);
  });

  it('X-03 stops above maxUsers before the first change; links are no users', async () => {
    const guarded = { ...input, maxUsers: 2 };
    await expectFailure(lab, school(), 'GuardExceeded', workflow, guarded);
    await expectGone(lab, school(), workflow, { ...input, maxUsers: 3 }, gone);
  });

  it('X-08 undone is as if it had never been, to the byte', async () => {
    const { before, result } = await outcomeIn(lab, school(), workflow, input);
    const undone = await undo(lab, result.operation);
    expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
    expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
    expect(undone.counts['access.grant']).toBe(gone.access?.length);
  });

  it('A X-08 who asked for it may undo it, others who might have asked may not', async () => {
    const [requestedBy = '', ...rest] = operation.allowed;
    const { before, after, result } = await outcomeIn(lab, staffed(), workflow, { ...input, requestedBy });
    for (const other of [...rest, 'ron', 'ada']) {
      await failureOf(undo(lab, result.operation, { requestedBy: other }), 'NotAuthorized');
    }
    expect(await lab.dump()).toEqual(after);
    await undo(lab, result.operation, { requestedBy });
    expect(await lab.dump()).toEqual(before);
  });

  it('X-16 input is checked before existence', async () => {
    const wrong = { ...input, [what]: 7, cascade: 'never', ...{ group: 'none', path: 'none' } };
    const { message } = await expectFailure(lab, school(), 'InvalidInput', workflow, wrong);
    for (const name of [what, 'cascade']) expect(message).toContain(name);
    for (const missing of [...Object.keys(where), what, 'requestedBy']) {
      const rest = Object.fromEntries(Object.entries(input).filter(([key]) => key !== missing));
      expect((await failureOf(lab.run(workflow, rest), 'InvalidInput')).message).toContain(missing);
    }
  });
});

/** Ada's course `c-1`, in `g-sales` directly or by `p-1`, by whatever the operation takes away. */
interface Way {
  row: string;
  workflow: string;
  input: Input;
  link: string;
  links: Given;
}

const pathOf = (id: string): NonNullable<Given['paths']>[number] => {
  return { id, mainAuthor: 'pam', courses: ['c-1'] };
};
const byPath: Given = { groupPaths: [{ group: 'g-sales', path: 'p-1' }] };
const ways: Way[] = [
  {
    ...{ row: 'C-09', workflow: 'removeCoursesFromGroup', link: 'g-sales c-1' },
    input: { group: 'g-sales', courses: 'c-1', requestedBy: admin },
    links: { groupCourses: [{ group: 'g-sales', course: 'c-1' }] },
  },
  {
    ...{ row: 'C-10', workflow: 'removePathsFromGroup', link: 'g-sales p-1', links: byPath },
    input: { group: 'g-sales', paths: 'p-1', requestedBy: admin },
  },
  {
    ...{ row: 'C-11', workflow: 'removeCoursesFromPath', link: 'p-1 c-1', links: byPath },
    input: { path: 'p-1', courses: 'c-1', requestedBy: admin },
  },
];

describe.each(ways)('a course that $workflow takes', ({ row, workflow, input, link, links }) => {
  /** Below `c-1` hangs `c-sub`, and below that `c-deep`, both in a group that Ada is in. */
  function family(registration: object | null = {}, more: Given = {}): World {
    return world({
      members: ['g-sales', 'g-other'].map((group) => ['ada', 'learner', group] as const),
      courses: [
        { id: 'c-1', mainAuthor: 'pam' },
        { id: 'c-sub', mainAuthor: 'pam', parentCourse: 'c-1' },
        { id: 'c-deep', mainAuthor: 'pam', translationOf: 'c-sub' },
      ],
      paths: [pathOf('p-1'), pathOf('p-2')],
      groupPaths: [...(links.groupPaths ?? []), ...(more.groupPaths ?? [])],
      groupCourses: [
        ...(links.groupCourses ?? []),
        { group: 'g-other', course: 'c-sub' },
        ...(more.groupCourses ?? []),
      ],
      registrations: [
        ...(registration === null ? [] : [{ user: 'ada', activity: 'c-1', ...registration }]),
        ...['c-sub', 'c-deep'].map((activity) => ({ user: 'ada', activity })),
      ],
    });
  }

  /** The link goes, and Ada loses these courses. */
  async function expectLost(given: World, courses: string[], more: Input = {}): Promise<void> {
    const gone = { links: [link], access: of(['ada'], ...courses) };
    await expectGone(lab, given, workflow, { ...input, ...more }, gone);
  }

  it(`${row} C-12 goes with what hangs below it, which "unless-linked" spares where it is linked`, async () => {
    await expectLost(family(), ['c-1', 'c-sub', 'c-deep']);
    await expectLost(family(), ['c-1', 'c-deep'], { cascade: 'unless-linked' });
  });

  it('C-02 C-03 C-13 stays where it is completed, automatic or not open, with what hangs below it', async () => {
    await expectLost(family(completed), []);
    await expectLost(family({ method: 'auto' }), []);
    await expectLost(family({ method: 'qualification' }), []);
    await expectLost(family({ access: false }), []);
    await expectLost(family({ access: false, listedAs: 'completed' }), []);
    await expectLost(family(null), []);
  });

  it('C-07 C-13 stays, with what hangs below it, while a group or path still links it', async () => {
    const group = family({}, { groupCourses: [{ group: 'g-other', course: 'c-1' }] });
    await expectLost(group, []);
    const path = family({}, { groupPaths: [{ group: 'g-other', path: 'p-2' }] });
    await expectLost(path, []);
    await expectLost(family({}, { groupPaths: [{ group: 'g-sales', path: 'p-2' }] }), []);
    if (row !== 'C-09') {
      await expectLost(family({}, { groupCourses: [{ group: 'g-sales', course: 'c-1' }] }), []);
      return;
    }
    // Then the last one goes as well.
    await expectLost(group, []);
    const other = { group: 'g-other', courses: 'c-1', requestedBy: admin };
    const before = await lab.dump();
    await lab.run(workflow, other);
    const access = of(['ada'], 'c-1', 'c-sub', 'c-deep');
    expect(await lab.dump()).toEqual(goneFrom(before, { links: ['g-other c-1'], access }));
  });
});

describe('in any order', () => {
  const removals: [string, Input][] = [
    ...operations.map((operation): [string, Input] => [operation.workflow, inputOf(operation)]),
    ['removeFromGroup', { group: 'g-other', users: ['cem'], requestedBy: admin }],
    ['removeCoursesFromGroup', { group: 'g-more', courses: 'c-deep', requestedBy: admin }],
  ];

  it.each(['always', 'unless-linked'])(
    'C-15 removals with cascade %s end the same',
    async (cascade) => {
      const ends: World[] = [];
      const turned = [...removals.slice(2), ...removals.slice(0, 2)];
      for (const order of [removals, removals.toReversed(), turned]) {
        await lab.load(school());
        for (const [workflow, input] of order) await lab.run(workflow, { ...input, cascade });
        ends.push(await lab.dump());
      }
      for (const end of ends) expect(end).toEqual(ends[0]);
      const open = ends[0]?.registrations.filter(({ user, access }) => access && everyone.includes(user));
      // None of the groups had ever linked them to that path.
      expect(open?.map(({ user, activity }) => `${user} ${activity}`)).toEqual([
        'ada p-other',
        'bob p-other',
      ]);
    },
    120_000,
  );
});
