import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import type { Given } from '../support/world-builder.ts';
import { completed, outcomeIn } from './content-steps.ts';
import { join, lose } from './group-deletion-steps.ts';
import { assigned } from './joining-steps.ts';
import { end, expectAllUpdated, has, row, teams, update } from './profile-steps.ts';
import type { Input, Outcome } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

type Registrations = NonNullable<Given['registrations']>;

/** Ada, in `g-sales` by her team, and in `g-home` by hand, who is registered so. */
function adaIn(given: Given, ...registrations: Omit<Registrations[number], 'user'>[]): World {
  return teams({
    users: [{ id: 'ada', profile: { team: 'sales' } }],
    members: [
      ['ada', 'learner', 'g-sales'],
      ['ada', 'learner', 'g-home'],
      ['zoe', 'learner', 'g-sales'],
      ['zoe', 'learner', 'g-support'],
    ],
    ...given,
    registrations: [...['ada', 'zoe'].flatMap((user) => registrations.map((each) => ({ user, ...each })))],
  });
}

function held(group: string, ...courses: string[]): NonNullable<Given['groupCourses']> {
  return courses.map((course) => ({ group, course }));
}

function courses(...ids: string[]): NonNullable<Given['courses']> {
  return ids.map((id) => ({ id, mainAuthor: 'pam' }));
}

/** Ada goes over to support; content changes as the edit says, and nothing else does. */
function expectOver(given: World, edit: (then: World) => void, more: Input = {}): Promise<Outcome> {
  const over = (then: World): void => {
    has(then, 'ada', { team: 'support' });
    end(then, 'ada learner g-sales');
    join(then, 'ada', 'g-support');
    edit(then);
  };
  return expectAllUpdated(lab, given, [row('ada', { team: 'support' })], over, more);
}

/** Opens what is not open. */
function open(then: World, ...activities: string[]): void {
  for (const activity of activities) {
    const found = then.registrations.find((each) => each.user === 'ada' && each.activity === activity);
    if (found?.access !== false) throw new Error(`no closed registration ${activity}`);
    found.access = true;
  }
}

describe('what a group that is left takes', () => {
  it('C-01 C-02 C-03 goes if it is open, not completed, and by self or admin', async () => {
    const given = adaIn(
      {
        courses: courses(
          'c-self',
          'c-admin',
          'c-done',
          'c-auto',
          'c-qualified',
          'c-out',
          'c-off',
          'c-none',
          'c-hand',
        ),
        groupCourses: held(
          'g-sales',
          'c-self',
          'c-admin',
          'c-done',
          'c-auto',
          'c-qualified',
          'c-out',
          'c-off',
          'c-none',
        ),
      },
      { activity: 'c-self', method: 'self', status: 'enrolled', progress: 0 },
      { activity: 'c-admin' },
      { activity: 'c-done', ...completed },
      { activity: 'c-auto', method: 'auto' },
      { activity: 'c-qualified', method: 'qualification' },
      { activity: 'c-out', access: false, listedAs: 'completed' },
      { activity: 'c-off', access: false },
      { activity: 'c-hand' },
    );
    await expectOver(given, (then) => lose(then, 'ada c-self', 'ada c-admin'));
  });

  it('C-04 C-08 stays while another group still links, directly or by a path', async () => {
    const given = adaIn(
      {
        courses: courses('c-direct', 'c-path', 'c-gone'),
        paths: [
          { id: 'p-gone', mainAuthor: 'pam', courses: ['c-path', 'c-gone'] },
          { id: 'p-home', mainAuthor: 'pam', courses: ['c-path'] },
        ],
        groupCourses: [...held('g-sales', 'c-direct'), ...held('g-home', 'c-direct')],
        groupPaths: [
          { group: 'g-sales', path: 'p-gone' },
          { group: 'g-home', path: 'p-home' },
        ],
      },
      ...['c-direct', 'c-path', 'c-gone', 'p-gone', 'p-home'].map((activity) => ({ activity })),
    );
    await expectOver(given, (then) => lose(then, 'ada c-gone', 'ada p-gone'));
  });

  it('C-04 stays where another role in the group stays', async () => {
    const given = adaIn(
      { courses: courses('c-1'), groupCourses: held('g-sales', 'c-1') },
      { activity: 'c-1' },
    );
    given.memberships.push({ user: 'ada', group: 'g-sales', role: 'coach', since: '2020-01-01T00:00:00Z' });
    await expectOver(given, () => undefined);
  });

  it('C-12 goes with what hangs below it, which "unless-linked" spares where it is linked', async () => {
    const given = adaIn(
      {
        courses: [
          ...courses('c-1'),
          { id: 'c-sub', mainAuthor: 'pam', parentCourse: 'c-1' },
          { id: 'c-deep', mainAuthor: 'pam', translationOf: 'c-sub' },
        ],
        groupCourses: [...held('g-sales', 'c-1'), ...held('g-home', 'c-sub')],
      },
      ...['c-1', 'c-sub', 'c-deep'].map((activity) => ({ activity })),
    );
    const { result } = await expectOver(given, (then) => lose(then, 'ada c-1', 'ada c-sub', 'ada c-deep'));
    expect(result.warnings).toEqual([expect.stringContaining('C-12')]);
    await expectOver(given, (then) => lose(then, 'ada c-1', 'ada c-deep'), { cascade: 'unless-linked' });
  });
});

describe('what a group that is joined gives', () => {
  it('C-14 is registered for by its method; paths and their courses too', async () => {
    const given = adaIn({
      courses: [
        ...courses('c-admin'),
        { id: 'c-self', mainAuthor: 'pam', enrolment: 'self' },
        { id: 'c-auto', mainAuthor: 'pam', enrolment: 'auto' },
        // What hangs below is no content of the group.
        { id: 'c-sub', mainAuthor: 'pam', parentCourse: 'c-admin' },
      ],
      paths: [{ id: 'p-1', mainAuthor: 'pam', courses: ['c-auto', 'c-admin'], enrolment: 'self' }],
      groupCourses: held('g-support', 'c-admin', 'c-self'),
      groupPaths: [{ group: 'g-support', path: 'p-1' }],
    });
    const { result } = await expectOver(given, (then) => {
      then.registrations.push(
        assigned('ada', 'c-admin'),
        assigned('ada', 'c-self', 'self'),
        assigned('ada', 'c-auto', 'auto'),
        assigned('ada', 'p-1', 'self'),
      );
    });
    expect(result.counts['registration.add']).toBe(4);
  });

  it('C-14 is opened again with progress and method, and with it all that is de-assigned below; unenrolled stays so', async () => {
    const given = adaIn(
      {
        courses: [
          { id: 'c-1', mainAuthor: 'pam', enrolment: 'auto' },
          { id: 'c-sub', mainAuthor: 'pam', parentCourse: 'c-1' },
          { id: 'c-sub-fr', mainAuthor: 'pam', translationOf: 'c-sub' },
          { id: 'c-out', mainAuthor: 'pam', parentCourse: 'c-1' },
          { id: 'c-out-deep', mainAuthor: 'pam', parentCourse: 'c-out' },
          ...courses('c-unenrolled', 'c-open', 'c-done', 'c-else'),
        ],
        groupCourses: held('g-support', 'c-1', 'c-unenrolled', 'c-open', 'c-done'),
      },
      { activity: 'c-1', access: false, method: 'self', progress: 0.8 },
      { activity: 'c-sub', access: false, progress: 0.3 },
      { activity: 'c-sub-fr', access: false, status: 'enrolled', progress: 0 },
      { activity: 'c-out', access: false, listedAs: 'completed' },
      { activity: 'c-out-deep', access: false },
      { activity: 'c-unenrolled', access: false, listedAs: 'completed' },
      { activity: 'c-open', progress: 0.5 },
      { activity: 'c-done', ...completed },
      { activity: 'c-else', access: false },
    );
    const { result } = await expectOver(given, (then) =>
      open(then, 'c-1', 'c-sub', 'c-sub-fr', 'c-out-deep'),
    );
    expect(result.counts['access.grant']).toBe(4);
    expect(result.counts).not.toHaveProperty('registration.add');
  });

  it('C-14 nothing is opened below what was open already, or stays unenrolled', async () => {
    const given = adaIn(
      {
        courses: ['c-open', 'c-out'].flatMap((id) => [
          ...courses(id),
          { id: `${id}-sub`, mainAuthor: 'pam', parentCourse: id },
        ]),
        groupCourses: held('g-support', 'c-open', 'c-out'),
      },
      { activity: 'c-open' },
      { activity: 'c-open-sub', access: false },
      { activity: 'c-out', access: false, listedAs: 'completed' },
      { activity: 'c-out-sub', access: false },
    );
    await expectOver(given, () => undefined);
  });

  it('C-14 is not given again by a group that is joined already', async () => {
    const given = adaIn(
      { courses: courses('c-1', 'c-2'), groupCourses: held('g-sales', 'c-1', 'c-2') },
      { activity: 'c-1', access: false },
    );
    const { result } = await expectAllUpdated(lab, given, [row('ada', {})], () => undefined);
    expect(result.users.unchanged).toBe(1);
  });
});

describe('what one group takes and another gives', () => {
  it('C-04 stays: giving wins, whatever way it is taken and given', async () => {
    const given = adaIn(
      {
        courses: courses('c-both', 'c-by-path', 'c-to-path'),
        paths: [
          { id: 'p-sales', mainAuthor: 'pam', courses: ['c-by-path'] },
          { id: 'p-support', mainAuthor: 'pam', courses: ['c-to-path'] },
          { id: 'p-both', mainAuthor: 'pam', courses: [] },
        ],
        groupCourses: [
          ...held('g-sales', 'c-both', 'c-to-path'),
          ...held('g-support', 'c-both', 'c-by-path'),
        ],
        groupPaths: [
          { group: 'g-sales', path: 'p-sales' },
          { group: 'g-support', path: 'p-support' },
          ...['g-sales', 'g-support'].map((group) => ({ group, path: 'p-both' })),
        ],
      },
      ...['c-both', 'c-by-path', 'c-to-path', 'p-sales', 'p-both'].map((activity) => ({ activity })),
      { activity: 'p-support', access: false, progress: 0.9 },
    );
    await expectOver(given, (then) => {
      lose(then, 'ada p-sales');
      open(then, 'p-support');
    });
  });

  it('C-04 C-12 giving wins over what hangs below something that is taken, with all that hangs below the given', async () => {
    const given = adaIn(
      {
        courses: [
          ...courses('c-top'),
          { id: 'c-given', mainAuthor: 'pam', parentCourse: 'c-top' },
          { id: 'c-below', mainAuthor: 'pam', translationOf: 'c-given' },
          { id: 'c-deep', mainAuthor: 'pam', parentCourse: 'c-below' },
          { id: 'c-side', mainAuthor: 'pam', parentCourse: 'c-top' },
          // Below both.
          { id: 'c-mixed', mainAuthor: 'pam', parentCourse: 'c-side', translationOf: 'c-below' },
        ],
        groupCourses: [...held('g-sales', 'c-top'), ...held('g-support', 'c-given')],
      },
      ...['c-top', 'c-given', 'c-below', 'c-deep', 'c-side', 'c-mixed'].map((activity) => ({ activity })),
    );
    await expectOver(given, (then) => lose(then, 'ada c-top', 'ada c-side'));
    await expectOver(given, (then) => lose(then, 'ada c-top', 'ada c-side'), { cascade: 'unless-linked' });
  });

  it('C-12 without being given by this update, a link of its own does not save it', async () => {
    const given = adaIn(
      {
        courses: [...courses('c-top'), { id: 'c-sub', mainAuthor: 'pam', parentCourse: 'c-top' }],
        groupCourses: [...held('g-sales', 'c-top'), ...held('g-home', 'c-sub')],
      },
      { activity: 'c-top' },
      { activity: 'c-sub' },
    );
    await expectOver(given, (then) => lose(then, 'ada c-top', 'ada c-sub'));
  });

  it('C-04 what is given although it is unenrolled stays unenrolled', async () => {
    const given = adaIn(
      { courses: courses('c-1'), groupCourses: [...held('g-sales', 'c-1'), ...held('g-support', 'c-1')] },
      { activity: 'c-1', access: false, listedAs: 'completed' },
    );
    await expectOver(given, () => undefined);
  });
});

describe('there and back', () => {
  const given = adaIn(
    {
      courses: [
        ...courses('c-sales', 'c-support'),
        { id: 'c-sub', mainAuthor: 'pam', parentCourse: 'c-sales' },
      ],
      paths: [{ id: 'p-sales', mainAuthor: 'pam', courses: ['c-support', 'c-sub'] }],
      groupCourses: [...held('g-sales', 'c-sales'), ...held('g-support', 'c-support')],
      groupPaths: [{ group: 'g-sales', path: 'p-sales' }],
    },
    ...['c-sales', 'c-sub', 'p-sales'].map((activity) => ({ activity, progress: 0.7 })),
    { activity: 'c-support', access: false, progress: 0.2 },
  );

  it('C-01 C-14 progress is kept, and comes back when the course is assigned again', async () => {
    await lab.load(given);
    const before = await lab.dump();
    await lab.run('updateProfiles', update([row('ada', { team: 'it' })]));
    await lab.run('updateProfiles', update([row('ada', { team: 'sales' })]));
    const after = await lab.dump();
    const then = structuredClone(before);
    // Given by the path, where it had been lost before.
    open(then, 'c-support');
    expect(after.registrations).toEqual(then.registrations);
  });

  it.each(['support', 'it', 'sales'])(
    'X-08 undone after a change to %s, it is as if it had never been',
    async (to) => {
      const { before, result } = await outcomeIn(
        lab,
        given,
        'updateProfiles',
        update([row('ada', { team: to })]),
      );
      const undone = await undo(lab, result.operation);
      expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
      expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
    },
  );

  it('X-08 C-14 a new registration goes again, also where there was history of an older one', async () => {
    const old = structuredClone(given);
    old.registrations = old.registrations.filter(
      ({ user, activity }) => `${user} ${activity}` !== 'ada c-support',
    );
    old.history.push({
      user: 'ada',
      activity: 'c-support',
      kind: 'attempt',
      at: '2021-02-01T10:00:00Z',
      result: {},
    });
    const { before, result } = await outcomeIn(
      lab,
      old,
      'updateProfiles',
      update([row('ada', { team: 'support' })]),
    );
    expect(result.counts['registration.add']).toBe(1);
    expect(await undo(lab, result.operation)).toMatchObject({ attention: [], conflicts: 0 });
    expect(await lab.dump()).toEqual(before);
  });
});
