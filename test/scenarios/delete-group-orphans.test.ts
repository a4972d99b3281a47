import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, past, the, world } from '../support/world-builder.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { completed } from './content-steps.ts';
import { below, expectGroupDeleted, join, leave, lose, tree } from './group-deletion-steps.ts';
import { assigned } from './joining-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

describe('users who would be left without any group', () => {
  /** Ada and Bob are only in `g-sales`, Bob in two roles; Cem is elsewhere too; the owner is nowhere. */
  function people(more: Given = {}): World {
    return world({
      groups: [{ id: 'g-sales', parent: 'g-region' }],
      users: [{ id: 'ada', loginSessions: 2 }],
      ...more,
      members: [
        ['ada', 'learner', 'g-sales'],
        ['bob', 'coach', 'g-sales'],
        ['bob', 'admin', 'g-sales'],
        ['cem', 'learner', 'g-sales'],
        ['cem', 'learner', 'g-other'],
        ...(more.members ?? []),
      ],
    });
  }

  it('G-11 D-01 "delete": they are deleted, the others not', async () => {
    const deletion = { deleted: ['ada', 'bob'] };
    const { after, result } = await expectGroupDeleted(lab, people(), deletion, { orphans: 'delete' });
    expect(the(after.users, 'ada')).toMatchObject({ deletionKind: 'manual', deletedBy: admin });
    expect(result.counts).toEqual({ 'membership.remove': 4, 'account.retire': 2, 'group.delete': 1 });
    expect(result.users).toEqual({ done: 3, unchanged: 0, attention: 0 });
  });

  it('G-11 "moveToParent": they become learners of the parent, whatever they were before', async () => {
    const edit = (then: World): void => ['ada', 'bob'].forEach((user) => join(then, user, 'g-region'));
    const { result } = await expectGroupDeleted(lab, people(), { edit }, { orphans: 'moveToParent' });
    expect(result.counts).toEqual({ 'membership.remove': 4, 'membership.add': 2, 'group.delete': 1 });
    expect(result.users).toEqual({ done: 3, unchanged: 0, attention: 0 });
  });

  it('G-11 "moveToParent" from deep subgroups leads to the nearest group that stays', async () => {
    const members: Member[] = [
      ['sho', 'learner', 'g-shop'],
      ['sho', 'coach', 'g-inner'],
      ['inn', 'author', 'g-inner'],
      ['reg', 'coach', 'g-region'],
      ['reg', 'learner', 'g-inner'],
    ];
    const both = { subgroups: 'delete', orphans: 'moveToParent' };
    const whole = { gone: ['g-sales', ...below], heir: 'g-region' };
    const edit = (then: World): void => ['sho', 'inn'].forEach((user) => join(then, user, 'g-region'));
    await expectGroupDeleted(lab, world({ groups: tree, members }), { ...whole, edit }, both);
    const inner = { gone: ['g-closed', 'g-inner'], heir: 'g-sales' };
    const one = (then: World): void => join(then, 'inn', 'g-sales');
    const input = { ...both, group: 'g-closed' };
    await expectGroupDeleted(lab, world({ groups: tree, members }), { ...inner, edit: one }, input);
  });

  it('G-11 "moveToParent" of the owner is allowed, and to the platform group too', async () => {
    const given = world({ members: [[owner, 'admin', 'g-sales']] });
    const edit = (then: World): void => join(then, owner, 'g-root');
    await expectGroupDeleted(lab, given, { edit }, { orphans: 'moveToParent' });
  });

  it('G-11 members of subgroups that move up are none of them', async () => {
    const members: Member[] = [
      ...below.map((group): Member => ['ada', 'learner', group]),
      ['ada', 'learner', 'g-sales'],
    ];
    const edit = (then: World): void => {
      for (const id of ['g-east', 'g-closed']) the(then.groups, id).parent = 'g-region';
    };
    const given = world({ groups: tree, members });
    await expectGroupDeleted(lab, given, { edit }, { subgroups: 'moveToParent' });
  });

  it('C-14 the moved are assigned what the parent holds; the de-assigned is opened again, the unenrolled not', async () => {
    const given = people({
      courses: [
        ...['c-new', 'c-again', 'c-unenrolled', 'c-open', 'c-auto', 'c-sales', 'c-done'].map((id) => ({
          id,
          mainAuthor: 'pam',
        })),
        { id: 'c-self', mainAuthor: 'pam', enrolment: 'self' },
        { id: 'c-by-path', mainAuthor: 'pam', enrolment: 'auto' },
        { id: 'c-again-sub', mainAuthor: 'pam', parentCourse: 'c-again' },
        { id: 'c-again-deep', mainAuthor: 'pam', translationOf: 'c-again-sub' },
        { id: 'c-again-left', mainAuthor: 'pam', parentCourse: 'c-again' },
      ],
      paths: [{ id: 'p-1', mainAuthor: 'pam', courses: ['c-by-path', 'c-again'], enrolment: 'self' }],
      groupCourses: [
        ...['c-new', 'c-unenrolled', 'c-open', 'c-self', 'c-done'].map((course) => ({
          group: 'g-region',
          course,
        })),
        { group: 'g-sales', course: 'c-open' },
        { group: 'g-sales', course: 'c-sales' },
      ],
      groupPaths: [{ group: 'g-region', path: 'p-1' }],
      registrations: [
        { user: 'ada', activity: 'c-again', access: false, method: 'self', progress: 0.6 },
        { user: 'ada', activity: 'c-again-sub', access: false },
        { user: 'ada', activity: 'c-again-deep', access: false, progress: 0.2 },
        { user: 'ada', activity: 'c-again-left', access: false, listedAs: 'completed' },
        { user: 'ada', activity: 'c-unenrolled', access: false, listedAs: 'completed' },
        { user: 'ada', activity: 'c-open' },
        { user: 'ada', activity: 'c-sales' },
        { user: 'ada', activity: 'c-done', ...completed },
        { user: 'cem', activity: 'c-sales' },
        { user: 'cem', activity: 'c-again', access: false },
      ],
    });
    const everything: [string, 'self' | 'admin' | 'auto'][] = [
      ...(['c-new', 'c-unenrolled', 'c-open', 'c-done', 'c-again'] as const).map((id): [string, 'admin'] => [
        id,
        'admin',
      ]),
      ...[['c-self', 'self'] as [string, 'self'], ['p-1', 'self'] as [string, 'self']],
      ['c-by-path', 'auto'],
    ];
    const had = ['c-unenrolled', 'c-open', 'c-done', 'c-again'];
    const { result } = await expectGroupDeleted(
      lab,
      given,
      {
        edit: (then) => {
          for (const user of ['ada', 'bob']) join(then, user, 'g-region');
          lose(then, 'ada c-sales', 'cem c-sales');
          for (const row of then.registrations) {
            if (row.user === 'ada' && ['c-again', 'c-again-sub', 'c-again-deep'].includes(row.activity))
              row.access = true;
          }
          for (const [activity, method] of everything) {
            then.registrations.push(assigned('bob', activity, method));
            if (!had.includes(activity)) then.registrations.push(assigned('ada', activity, method));
          }
        },
      },
      { orphans: 'moveToParent' },
    );
    expect(result.counts).toMatchObject({ 'registration.add': 12, 'access.grant': 3, 'access.revoke': 2 });
  });

  it('C-04 C-14 for the moved, what the parent gives wins over what the group takes, over C-12 too', async () => {
    const given = people({
      members: [
        ['reg', 'learner', 'g-region'],
        ['reg', 'learner', 'g-sales'],
      ],
      courses: [
        { id: 'c-top', mainAuthor: 'pam' },
        { id: 'c-mid', mainAuthor: 'pam', parentCourse: 'c-top' },
        { id: 'c-low', mainAuthor: 'pam', parentCourse: 'c-mid' },
        { id: 'c-side', mainAuthor: 'pam', parentCourse: 'c-top' },
      ],
      groupCourses: [
        { group: 'g-sales', course: 'c-top' },
        { group: 'g-region', course: 'c-mid' },
      ],
      registrations: ['ada', 'reg'].flatMap((user) =>
        ['c-top', 'c-mid', 'c-low', 'c-side'].map((activity) => ({ user, activity })),
      ),
    });
    await expectGroupDeleted(
      lab,
      given,
      {
        edit: (then) => {
          for (const user of ['ada', 'bob']) join(then, user, 'g-region');
          lose(then, 'ada c-top', 'ada c-side');
          // Who is in the parent already is given nothing: C-12, even where a link of their own exists.
          lose(then, 'reg c-top', 'reg c-mid', 'reg c-low', 'reg c-side');
          then.registrations.push(assigned('bob', 'c-mid'));
        },
      },
      { orphans: 'moveToParent' },
    );
  });

  it('G-08 the moved join the dynamic sessions for the parent, but no slots and no static ones', async () => {
    const given = people({
      paths: [{ id: 'p-1', mainAuthor: 'pam' }],
      sessions: [
        ...(['dynamic', 'static'] as const).map((audience) => ({
          ...{ id: `s-${audience}`, path: 'p-1', mainInstructor: 'pam', audience },
          ...{
            audienceGroups: ['g-region', 'g-else'],
            participants: ['cem'].slice(audience === 'dynamic' ? 1 : 0),
          },
        })),
        // Of which only the group was the audience, or both were.
        {
          ...{ id: 's-sales', path: 'p-1', mainInstructor: 'pam', audience: 'dynamic' as const },
          ...{ audienceGroups: ['g-sales'], participants: ['ada', 'cem'] },
        },
        {
          ...{ id: 's-both', path: 'p-1', mainInstructor: 'pam', audience: 'dynamic' as const },
          ...{ audienceGroups: ['g-sales', 'g-region'], participants: ['ada', 'cem'] },
        },
      ],
      slots: [
        { id: 't-region', session: 's-dynamic', attendees: [] },
        { id: 't-sales', session: 's-sales', attendees: ['ada', 'cem'] },
        { id: 't-both', session: 's-both', attendees: ['ada', 'cem'] },
      ],
    });
    const { result } = await expectGroupDeleted(
      lab,
      given,
      {
        edit: (then) => {
          for (const user of ['ada', 'bob']) join(then, user, 'g-region');
          the(then.pathSessions, 's-dynamic').participants = ['ada', 'bob'];
          for (const user of ['ada', 'cem']) leave(then, user, 's-sales', 't-sales');
          // Ada keeps place and slot: the parent holds her.
          leave(then, 'cem', 's-both', 't-both');
          the(then.pathSessions, 's-both').participants.push('bob');
        },
      },
      { orphans: 'moveToParent' },
    );
    expect(result.counts).toMatchObject({ 'session.join': 3, 'session.leave': 3, 'slot.leave': 3 });
  });
});

describe('what the deleted held', () => {
  const orphans = { orphans: 'delete' };

  it('G-11 D-06 D-07 successors are found from the parent: its admins, then those of the group above', async () => {
    const course = { id: 'c-1', mainAuthor: 'ada', ownerGroup: 'g-sales' };
    const path = { id: 'p-1', mainAuthor: 'ada', ownerGroup: 'g-sales' };
    for (const [heir, members] of [
      ['mia', [['mia', 'admin', 'g-region']]],
      // Two levels above `g-sales`, one above its heir.
      [admin, []],
    ] satisfies [string, Member[]][]) {
      const given = world({
        groups: [{ id: 'g-sales', parent: 'g-region' }],
        members: [
          ...members,
          ['ada', 'learner', 'g-sales'],
          // Whose role goes with the group.
          ['gus', 'admin', 'g-sales', '2010-01-01T00:00:00Z'],
          ['gus', 'learner', 'g-other'],
        ],
        courses: [course],
        paths: [path],
      });
      await expectGroupDeleted(
        lab,
        given,
        {
          ...{ deleted: ['ada'], heir: 'g-region' },
          edit: (then) => {
            the(then.courses, 'c-1').mainAuthor = heir;
            the(then.paths, 'p-1').mainAuthor = heir;
          },
        },
        orphans,
      );
    }
  });

  it('G-11 D-08 three levels up is too far: the platform owner', async () => {
    const given = world({
      groups: [
        { id: 'g-sales', parent: 'g-region' },
        { id: 'g-region', parent: 'g-land' },
      ],
      members: [['ada', 'learner', 'g-sales']],
      courses: [{ id: 'c-1', mainAuthor: 'ada', ownerGroup: 'g-sales' }],
    });
    await expectGroupDeleted(
      lab,
      given,
      {
        ...{ deleted: ['ada'], heir: 'g-region' },
        edit: (then) => {
          the(then.courses, 'c-1').mainAuthor = owner;
        },
      },
      orphans,
    );
  });

  it('G-11 D-07 of a subgroup that moved up: its own admin, then one of its new parent', async () => {
    for (const [heir, more] of [
      ['eve', [['eve', 'admin', 'g-east']]],
      ['mia', []],
    ] satisfies [string, Member[]][]) {
      const given = world({
        groups: [
          { id: 'g-sales', parent: 'g-region' },
          { id: 'g-east', parent: 'g-sales' },
        ],
        members: [
          ...more,
          ['ada', 'learner', 'g-sales'],
          ['gus', 'admin', 'g-sales', '2010-01-01T00:00:00Z'],
          ['gus', 'learner', 'g-other'],
          ['mia', 'admin', 'g-region'],
        ],
        courses: [{ id: 'c-1', mainAuthor: 'ada', ownerGroup: 'g-east' }],
        paths: [{ id: 'p-1', mainAuthor: 'ada', ownerGroup: 'g-east' }],
      });
      await expectGroupDeleted(
        lab,
        given,
        {
          deleted: ['ada'],
          edit: (then) => {
            the(then.groups, 'g-east').parent = 'g-region';
            the(then.courses, 'c-1').mainAuthor = heir;
            the(then.paths, 'p-1').mainAuthor = heir;
          },
        },
        { ...orphans, subgroups: 'moveToParent' },
      );
    }
  });

  it('D-13 nobody who is deleted with them, and nobody for a role in a group that goes', async () => {
    const given = world({
      groups: [
        { id: 'g-sales', parent: 'g-region' },
        { id: 'g-east', parent: 'g-sales' },
      ],
      members: [
        ['ada', 'learner', 'g-sales'],
        ['bob', 'admin', 'g-east'],
        ['cem', 'admin', 'g-east'],
        ['cem', 'learner', 'g-other'],
      ],
      courses: [
        { id: 'c-co', mainAuthor: 'ada', coAuthors: ['bob', 'cem'], ownerGroup: 'g-east' },
        { id: 'c-east', mainAuthor: 'ada', coAuthors: ['bob'], ownerGroup: 'g-east' },
        // Cem lives, and keeps what he holds.
        { id: 'c-cem', mainAuthor: 'cem', coAuthors: ['ada'], ownerGroup: 'g-east' },
      ],
      paths: [{ id: 'p-1', mainAuthor: 'bob', coAuthors: ['ada', 'dan'], ownerGroup: 'g-other' }],
      sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'ada', coInstructors: ['bob'] }],
    });
    await expectGroupDeleted(
      lab,
      given,
      {
        ...{ gone: ['g-sales', 'g-east'], heir: 'g-region', deleted: ['ada', 'bob'] },
        edit: (then) => {
          Object.assign(the(then.courses, 'c-co'), { mainAuthor: 'cem', coAuthors: [] });
          // No admin of the region: the one of the platform group.
          Object.assign(the(then.courses, 'c-east'), { mainAuthor: admin, coAuthors: [] });
          the(then.courses, 'c-cem').coAuthors = [];
          Object.assign(the(then.paths, 'p-1'), { mainAuthor: 'dan', coAuthors: [] });
          Object.assign(the(then.pathSessions, 's-1'), { mainInstructor: 'dan', coInstructors: [] });
        },
      },
      { ...orphans, subgroups: 'delete' },
    );
  });

  it('D-02 D-03 D-22 registrations stay as they are, upcoming slots go, static places stay', async () => {
    const session = {
      path: 'p-1',
      mainInstructor: 'pam',
      audienceGroups: ['g-sales'],
      participants: ['ada'],
    };
    const given = world({
      members: [['ada', 'learner', 'g-sales']],
      courses: [{ id: 'c-1', mainAuthor: 'pam' }],
      paths: [{ id: 'p-1', mainAuthor: 'pam' }],
      groupCourses: [{ group: 'g-sales', course: 'c-1' }],
      registrations: [{ user: 'ada', activity: 'c-1' }],
      sessions: [
        { id: 's-dynamic', audience: 'dynamic', ...session },
        { id: 's-static', ...session },
      ],
      slots: ['s-dynamic', 's-static'].flatMap((id) => [
        { id: `${id}-next`, session: id, attendees: ['ada'] },
        { id: `${id}-past`, session: id, attendees: ['ada'], ...past },
      ]),
    });
    await expectGroupDeleted(
      lab,
      given,
      {
        deleted: ['ada'],
        edit: (then) => {
          leave(then, 'ada', 's-dynamic', 's-dynamic-next');
          the(then.slots, 's-static-next').attendees = [];
        },
      },
      orphans,
    );
  });
});
