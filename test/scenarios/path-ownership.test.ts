import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';
import { expectDeletion } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const groups = [
  { id: 'g-sales', parent: 'g-region' },
  { id: 'g-region', parent: 'g-country' },
];

describe('the main author of a path', () => {
  const path = { id: 'p-1', mainAuthor: 'ada', ownerGroup: 'g-sales' };
  const members: Member[] = [
    ['gus', 'admin', 'g-sales', '2024-01-01T00:00:00Z'],
    ['eve', 'admin', 'g-sales', '2023-01-01T00:00:00Z'],
    ['ray', 'admin', 'g-region', '2010-01-01T00:00:00Z'],
    ['top', 'admin', 'g-country', '2010-01-01T00:00:00Z'],
  ];
  const of = (...ids: string[]): Member[] => members.filter(([user]) => ids.includes(user));

  async function expectSuccessor(given: Given, mainAuthor: string, coAuthors: string[] = []): Promise<void> {
    await expectDeletion(
      lab,
      world({ groups, ...given }),
      (then) => Object.assign(the(then.paths, 'p-1'), { mainAuthor, coAuthors }),
      { requestedBy: owner },
    );
  }

  it('D-09 the first co-author takes over and leaves the list; the rest keep their order', async () => {
    const paths = [{ ...path, coAuthors: ['zoe', 'yan', 'bob'] }];
    await expectSuccessor({ members, paths }, 'zoe', ['yan', 'bob']);
  });

  it('D-09 a co-author deleted earlier is passed over and keeps the place', async () => {
    const paths = [{ ...path, coAuthors: ['old', 'yan', 'bob'] }];
    await expectSuccessor({ members, paths, deleted: ['old'] }, 'yan', ['old', 'bob']);
  });

  it('D-09 without co-author the oldest admin of the owner group of the path takes over', async () => {
    await expectSuccessor({ members, paths: [path] }, 'eve');
  });

  it('D-09 then an admin of the parent group takes over', async () => {
    const left: Member[] = [...of('ray', 'top'), ['ada', 'admin', 'g-sales']];
    await expectSuccessor({ members: left, paths: [path] }, 'ray');
  });

  it('D-09 then the platform owner takes over, not an admin two levels up', async () => {
    await expectSuccessor({ members: of('top'), paths: [path] }, owner);
  });

  it("D-09 goes by the path's own co-authors and group, not by those of its courses", async () => {
    const given = {
      members,
      courses: [{ id: 'c-1', mainAuthor: 'bob', coAuthors: ['cem'], ownerGroup: 'g-other' }],
      paths: [{ ...path, courses: ['c-1'] }],
    };
    await expectSuccessor(given, 'eve');
  });

  it('D-11 a co-author leaves the co-authors of a path; main author and order of the rest stay', async () => {
    const given = world({
      paths: [
        { id: 'p-1', mainAuthor: 'bob', coAuthors: ['zoe', 'ada', 'cem', 'dan'] },
        { id: 'p-2', mainAuthor: 'bob', coAuthors: ['ada'] },
      ],
    });
    const { result } = await expectDeletion(lab, given, (then) => {
      the(then.paths, 'p-1').coAuthors = ['zoe', 'cem', 'dan'];
      the(then.paths, 'p-2').coAuthors = [];
    });
    expect(result.counts).toEqual({ 'co-role.remove': 2, 'account.retire': 1 });
  });
});

describe('the main instructor of a path session', () => {
  const session = { id: 's-1', path: 'p-1', mainInstructor: 'ada' };
  const pathOfPat = { id: 'p-1', mainAuthor: 'pat', coAuthors: ['cem'], ownerGroup: 'g-sales' };
  const pathOfAda = { ...pathOfPat, mainAuthor: 'ada' };
  const gus: Member = ['gus', 'admin', 'g-sales'];

  it('D-10 the first co-instructor takes over and leaves the list; the rest keep their order', async () => {
    const given = world({
      paths: [pathOfPat],
      sessions: [{ ...session, coInstructors: ['zoe', 'yan', 'bob'] }],
    });
    await expectDeletion(lab, given, (then) => {
      Object.assign(the(then.pathSessions, 's-1'), { mainInstructor: 'zoe', coInstructors: ['yan', 'bob'] });
    });
  });

  it('D-10 a co-instructor deleted earlier is passed over and keeps the place', async () => {
    const given = world({
      deleted: ['old'],
      paths: [pathOfPat],
      sessions: [
        { ...session, coInstructors: ['old', 'zoe', 'bob'] },
        { ...session, id: 's-2', coInstructors: ['old'] },
      ],
    });
    await expectDeletion(lab, given, (then) => {
      Object.assign(the(then.pathSessions, 's-1'), { mainInstructor: 'zoe', coInstructors: ['old', 'bob'] });
      the(then.pathSessions, 's-2').mainInstructor = 'pat';
    });
  });

  it('D-10 without co-instructor the main author of the path takes over, not its co-author or an admin', async () => {
    const given = world({ groups, members: [gus], paths: [pathOfPat], sessions: [session] });
    await expectDeletion(lab, given, (then) => {
      the(then.pathSessions, 's-1').mainInstructor = 'pat';
    });
  });

  it('D-10 goes to the co-author who becomes main author of the path in the same deletion', async () => {
    const given = world({
      groups,
      members: [gus],
      paths: [pathOfAda],
      sessions: [session, { ...session, id: 's-2', coInstructors: ['bob'] }, { ...session, id: 's-3' }],
    });
    await expectDeletion(lab, given, (then) => {
      Object.assign(the(then.paths, 'p-1'), { mainAuthor: 'cem', coAuthors: [] });
      the(then.pathSessions, 's-1').mainInstructor = 'cem';
      Object.assign(the(then.pathSessions, 's-2'), { mainInstructor: 'bob', coInstructors: [] });
      the(then.pathSessions, 's-3').mainInstructor = 'cem';
    });
  });

  it('D-10 goes to the admin who takes over the path in the same deletion', async () => {
    const paths = [{ ...pathOfAda, coAuthors: [] }];
    const given = world({ groups, members: [gus], paths, sessions: [session] });
    await expectDeletion(lab, given, (then) => {
      the(then.paths, 'p-1').mainAuthor = 'gus';
      the(then.pathSessions, 's-1').mainInstructor = 'gus';
    });
  });

  it('D-10 goes to the platform owner as the last resort of the path', async () => {
    const paths = [{ ...pathOfAda, coAuthors: [] }];
    const given = world({ groups, paths, sessions: [session] });
    await expectDeletion(lab, given, (then) => {
      the(then.paths, 'p-1').mainAuthor = owner;
      the(then.pathSessions, 's-1').mainInstructor = owner;
    });
  });

  it('D-10 a session of the path that others instruct stays as it is when the path passes on', async () => {
    const given = world({
      paths: [pathOfAda],
      sessions: [{ ...session, mainInstructor: 'bob', coInstructors: ['dan'] }],
    });
    await expectDeletion(lab, given, (then) => {
      Object.assign(the(then.paths, 'p-1'), { mainAuthor: 'cem', coAuthors: [] });
    });
  });

  it('D-10 promotes in the session only: a successor who co-authors the path stays co-author there', async () => {
    const given = world({
      paths: [pathOfPat],
      sessions: [{ ...session, coInstructors: ['cem', 'pat'] }],
    });
    await expectDeletion(lab, given, (then) => {
      Object.assign(the(then.pathSessions, 's-1'), { mainInstructor: 'cem', coInstructors: ['pat'] });
    });
  });

  it('D-11 a co-instructor leaves the co-instructors; main instructor and order of the rest stay', async () => {
    const given = world({
      paths: [pathOfPat],
      sessions: [
        { ...session, mainInstructor: 'bob', coInstructors: ['zoe', 'ada', 'dan'] },
        { ...session, id: 's-2', mainInstructor: 'zoe', coInstructors: ['ada'] },
      ],
    });
    const { result } = await expectDeletion(lab, given, (then) => {
      the(then.pathSessions, 's-1').coInstructors = ['zoe', 'dan'];
      the(then.pathSessions, 's-2').coInstructors = [];
    });
    expect(result.counts).toEqual({ 'co-role.remove': 2, 'account.retire': 1 });
  });

  it('D-13 a session whose instructor had the path through another keeps both chains apart', async () => {
    const given = world({
      members: [['ada', 'admin', 'g-root']],
      paths: [
        { id: 'p-1', mainAuthor: 'ada', coAuthors: ['ann'] },
        { id: 'p-2', mainAuthor: 'ada' },
      ],
      sessions: [
        { id: 's-1', path: 'p-1', mainInstructor: 'ada', coInstructors: ['ian', 'ann'] },
        { id: 's-2', path: 'p-2', mainInstructor: 'ada' },
      ],
    });
    await expectDeletion(lab, given, (then) => {
      Object.assign(the(then.paths, 'p-1'), { mainAuthor: 'ann', coAuthors: [] });
      the(then.paths, 'p-2').mainAuthor = admin;
      Object.assign(the(then.pathSessions, 's-1'), { mainInstructor: 'ian', coInstructors: ['ann'] });
      the(then.pathSessions, 's-2').mainInstructor = admin;
    });
  });
});
