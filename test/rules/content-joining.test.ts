import { describe, expect, it } from 'vitest';
import { byPath, direct, plannedMove, registrations, row } from '../support/content-cells.ts';
import type { Links } from '../support/content-cells.ts';
import type { Given } from '../support/world-builder.ts';

const noLoss = { rule: 'C-04', lost: {}, cascade: 'always' } as const;
const ways: [string, Partial<Links>][] = [
  ['by itself', direct],
  ['by a path', byPath],
];
const top = { id: 'top', mainAuthor: 'u-owner' };
const course = { id: 'c', mainAuthor: 'u-owner' };
const sub = { id: 'sub', parentCourse: 'c', mainAuthor: 'u-owner' };
const deeper = { id: 'deeper', translationOf: 'sub', mainAuthor: 'u-owner' };

describe('joining a group', () => {
  it.each(registrations)('C-14 a registration by $method, $state, with what hangs below it', (held) => {
    const [expected, actual]: [string[], string[]] = [[], []];
    for (const [way, links] of ways) {
      for (const lower of registrations) {
        const isNew = held.state === 'no registration';
        const isAssigned = isNew || held.state === 'already de-assigned';
        const outcome = [
          ...(isAssigned ? [isNew ? 'registration.add c' : 'access.grant c', 'access.grant deeper'] : []),
          ...(isAssigned && lower.state === 'already de-assigned' ? ['access.grant sub'] : []),
          ...(way === 'by a path' ? ['registration.add p'] : []),
        ];
        const given: Given = {
          ...{ users: [{ id: 'ada' }], courses: [course, sub, deeper], ...links },
          registrations: [
            ...(row(held, 'c') ?? []),
            ...(row(lower, 'sub') ?? []),
            { user: 'ada', activity: 'deeper', access: false },
          ],
        };
        const line = `${way}, sub-course by ${lower.method}, ${lower.state}: `;
        expected.push(line + outcome.sort().join(', '));
        actual.push(line + plannedMove(given, [], ['g'], noLoss));
      }
    }
    expect(actual).toEqual(expected);
  });

  /** Ada takes the sub-course, open, from the group that she leaves, and `c` from the one that she joins. */
  const twoGroups: Given = {
    users: [{ id: 'ada' }],
    courses: [course, sub],
    groupCourses: [
      { group: 'g-left', course: 'sub' },
      { group: 'g-joined', course: 'c' },
    ],
    registrations: [{ user: 'ada', activity: 'sub' }],
  };

  it('C-04 the same update takes a course and gives it: it stays, and what it takes below it stays too', () => {
    const both: Given = {
      ...twoGroups,
      groupCourses: [...(twoGroups.groupCourses ?? []), { group: 'g-left', course: 'c' }],
      registrations: ['c', 'sub'].map((activity) => ({ user: 'ada', activity })),
    };
    expect(plannedMove(both, ['g-left'], ['g-joined'], noLoss)).toBe('');
  });

  it('C-04, C-14 the same update takes a course, and gives the one above it anew: both are open', () => {
    expect(plannedMove(twoGroups, ['g-left'], ['g-joined'], noLoss)).toBe('registration.add c');
  });

  it('C-04 giving wins over C-12, with what hangs below the given one', () => {
    const above: Given = {
      ...twoGroups,
      courses: [top, { ...course, parentCourse: 'top' }, sub],
      groupCourses: [
        { group: 'g-left', course: 'top' },
        { group: 'g-joined', course: 'c' },
      ],
      registrations: ['top', 'c', 'sub'].map((activity) => ({ user: 'ada', activity })),
    };
    const all = 'access.revoke c, access.revoke sub, access.revoke top';
    expect(plannedMove(above, ['g-left'], [], noLoss)).toBe(all);
    expect(plannedMove(above, ['g-left'], ['g-joined'], noLoss)).toBe('access.revoke top');
  });
});
