import { describe, expect, it } from 'vitest';
import {
  byPath,
  canGo,
  coursesOf,
  direct,
  hanging,
  plannedMove,
  registrations,
  row,
} from '../support/content-cells.ts';
import type { Cascade, Links, Lower, Registered } from '../support/content-cells.ts';
import type { LostLinks } from '../support/content-facts.ts';
import type { Given } from '../support/world-builder.ts';

const cascades: Cascade[] = ['always', 'unless-linked'];

/** How Ada, who is in `g`, loses a link to the course `c`. */
interface Taking {
  rule: string;
  how: string;
  links: Partial<Links>;
  lost: Partial<LostLinks>;
  leaves?: true;
}

const takings: Taking[] = [
  { rule: 'C-08', how: 'Ada leaves its group', links: direct, lost: {}, leaves: true },
  { rule: 'C-08', how: 'Ada leaves the group of its path', links: byPath, lost: {}, leaves: true },
  {
    rule: 'C-09',
    how: 'the course goes from the group',
    links: direct,
    lost: { groupCourses: [{ holder: 'g', activity: 'c' }] },
  },
  {
    rule: 'C-10',
    how: 'its path goes from the group',
    links: byPath,
    lost: { groupPaths: [{ holder: 'g', activity: 'p' }] },
  },
  {
    rule: 'C-11',
    how: 'the course goes from the path',
    links: byPath,
    lost: { pathCourses: [{ holder: 'p', activity: 'c' }] },
  },
];

/** A link to the course that stays. */
interface Left {
  left: string;
  links: Partial<Links>;
}

const elsewhere: Left[] = [
  { left: 'none', links: {} },
  { left: 'another group', links: { groupCourses: [{ group: 'g-other', course: 'c' }] } },
  {
    left: 'another path',
    links: {
      groupPaths: [{ group: 'g-other', path: 'p-other' }],
      paths: [{ id: 'p-other', mainAuthor: 'u-owner', courses: ['c'] }],
    },
  },
];

/** Who leaves a group has no link left in it. */
function leftAfter({ links, leaves }: Taking): Left[] {
  if (leaves) return elsewhere;
  const same = links === direct ? { ...byPath } : { ...direct };
  const inPath = {
    groupPaths: [{ group: 'g', path: 'p-other' }],
    paths: [{ id: 'p-other', mainAuthor: 'u-owner', courses: ['c'] }],
  };
  return [
    ...elsewhere,
    { left: links === direct ? 'the same group by a path' : 'the same group directly', links: same },
    { left: 'the same group by another path', links: inPath },
  ];
}

/** The plan for Ada, as `access.revoke c` for every change; she is in `g-other` and `g-own` besides. */
function planned(given: Given, { rule, lost, leaves }: Taking, cascade: Cascade): string {
  return plannedMove(given, ['g'], leaves ? [] : ['g'], { rule, lost, cascade });
}

/** The world in which `c` is linked in two ways, and other courses hang below it, all of them open. */
function given(taking: Taking, left: Left, below: readonly Lower[], top: Registered): Given {
  const own = below.filter((lower) => lower.own).map(({ id }) => ({ group: 'g-own', course: id }));
  return {
    ...{ users: [{ id: 'ada' }], courses: coursesOf(below) },
    groupCourses: [...(taking.links.groupCourses ?? []), ...(left.links.groupCourses ?? []), ...own],
    groupPaths: [...(taking.links.groupPaths ?? []), ...(left.links.groupPaths ?? [])],
    paths: [...(taking.links.paths ?? []), ...(left.links.paths ?? [])],
    registrations: [
      ...(row(top, 'c') ?? []),
      ...below.map(({ id }) => ({ user: 'ada', activity: id, method: 'admin' as const })),
    ],
  };
}

/** C-12: whether the mode takes what hangs below a de-assigned course. */
function goesAlong({ own }: Lower, cascade: Cascade): boolean {
  return cascade === 'always' || !own;
}

function revoked(...activities: string[]): string {
  return activities
    .map((activity) => `access.revoke ${activity}`)
    .sort()
    .join(', ');
}

function lineOf(left: string, below: readonly Lower[], cascade: Cascade, outcome: string): string {
  const names = below.map(({ id, own }) => (own ? `${id} with a link` : id)).join(' and ');
  return `link left: ${left}; below: ${names || 'nothing'}; ${cascade}: ${outcome || 'nothing changes'}`;
}

describe.each(takings)('$rule when $how', (taking) => {
  it.each(registrations)(`${taking.rule}, C-12, C-13 a registration by $method, $state`, (top) => {
    const [expected, actual]: [string[], string[]] = [[], []];
    for (const left of leftAfter(taking)) {
      for (const below of hanging) {
        for (const cascade of cascades) {
          const isRoot = left.left === 'none' && canGo(top);
          const along = below.filter((lower) => isRoot && goesAlong(lower, cascade)).map(({ id }) => id);
          const outcome = revoked(...(isRoot ? ['c'] : []), ...along);
          expected.push(lineOf(left.left, below, cascade, outcome));
          const facts = given(taking, left, below, top);
          actual.push(lineOf(left.left, below, cascade, planned(facts, taking, cascade)));
        }
      }
    }
    expect(actual).toEqual(expected);
    expect(new Set(actual).size).toBe(leftAfter(taking).length * hanging.length * cascades.length);
  });
});

describe('what hangs below a course that is de-assigned', () => {
  const [taking, left] = [takings[0] as Taking, elsewhere[0] as Left];
  const top: Registered = { method: 'admin', state: 'in progress' };

  it.each(registrations)(
    'C-12, C-02, C-03 a registration by $method, $state, and the one below it',
    (lower) => {
      const [expected, actual]: [string[], string[]] = [[], []];
      for (const below of hanging.filter((courses) => courses.length === 2)) {
        for (const cascade of cascades) {
          const [sub, deeper] = below as [Lower, Lower];
          const outcome = revoked(
            'c',
            ...(canGo(lower) && goesAlong(sub, cascade) ? ['sub'] : []),
            // Also below what is kept, spared, not open or not there.
            ...(goesAlong(deeper, cascade) ? ['deeper'] : []),
          );
          expected.push(lineOf('none', below, cascade, outcome));
          const facts = given(taking, left, below, top);
          const others = facts.registrations?.filter(({ activity }) => activity !== 'sub') ?? [];
          const inWorld = { ...facts, registrations: [...others, ...(row(lower, 'sub') ?? [])] };
          actual.push(lineOf('none', below, cascade, planned(inWorld, taking, cascade)));
        }
      }
      expect(actual).toEqual(expected);
    },
  );

  it('C-12 a course below itself, in a host that allows it, does not hold up anything', () => {
    const below: Lower[] = [
      { id: 'sub', parentCourse: 'c', own: false },
      { id: 'deeper', parentCourse: 'sub', own: false },
    ];
    const facts = given(taking, left, below, top);
    const courses = facts.courses?.map((course) => ({ translationOf: 'deeper', ...course }));
    expect(planned({ ...facts, courses: courses ?? [] }, taking, 'always')).toBe(
      revoked('c', 'sub', 'deeper'),
    );
  });
});

describe('the registration of a path', () => {
  const inOther: Partial<Links> = { groupPaths: [{ group: 'g-other', path: 'p' }] };

  it.each(registrations)('C-08, C-10, C-11 by $method, $state, apart from its course', (path) => {
    const [expected, actual]: [string[], string[]] = [[], []];
    for (const taking of takings.filter(({ links }) => links === byPath)) {
      for (const left of ['none', 'another group'] as const) {
        const links = left === 'none' ? {} : inOther;
        const facts = given(taking, { left, links }, [], { method: 'self', state: 'enrolled' });
        const inWorld = {
          ...facts,
          registrations: [...(facts.registrations ?? []), ...(row(path, 'p') ?? [])],
        };
        // The other group holds the course by the same path, unless it is from that path that the course goes.
        const courseGoes = left === 'none' || taking.rule === 'C-11';
        const pathGoes = left === 'none' && taking.rule !== 'C-11' && canGo(path);
        const outcome = revoked(...(courseGoes ? ['c'] : []), ...(pathGoes ? ['p'] : []));
        expected.push(`${taking.how}; ${lineOf(left, [], 'always', outcome)}`);
        actual.push(`${taking.how}; ${lineOf(left, [], 'always', planned(inWorld, taking, 'always'))}`);
      }
    }
    expect(actual).toEqual(expected);
  });
});
