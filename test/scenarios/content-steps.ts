import { expect } from 'vitest';
import type { World } from '../../contracts/world.ts';
import type { Lab, OperationFailed } from '../support/lab.ts';
import { past, world } from '../support/world-builder.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { failureOf } from './steps.ts';
import type { Input, Outcome } from './steps.ts';

/** Runs an operation in a world: what was there, what is there, and what it answered. */
export async function outcomeIn(lab: Lab, given: World, workflow: string, input: Input): Promise<Outcome> {
  await lab.load(given);
  const before = await lab.dump();
  const result = await lab.run(workflow, input);
  return { before, after: await lab.dump(), result };
}

/** The operation fails with the type, and nothing at all has changed. */
export async function expectFailure(
  lab: Lab,
  given: World,
  type: string,
  workflow: string,
  input: Input,
): Promise<OperationFailed> {
  await lab.load(given);
  const before = await lab.dump();
  const failure = await failureOf(lab.run(workflow, input), type);
  expect(await lab.dump()).toEqual(before);
  return failure;
}

/** What goes: memberships as `ada learner g-sales`, links as `g-sales c-1` or `p-1 c-1`, access as `ada c-1`. */
export interface Gone {
  members?: string[];
  links?: string[];
  access?: string[];
}

/** The dump without what goes, all of which must be there; nothing else is different in it. */
export function goneFrom(before: World, { members = [], links = [], access = [] }: Gone): World {
  const then = structuredClone(before);
  const left = new Set([...members, ...links, ...access]);
  const stays = (name: string): boolean => !left.delete(name);
  then.memberships = then.memberships.filter(({ user, role, group }) => stays(`${user} ${role} ${group}`));
  then.groupCourses = then.groupCourses.filter(({ group, course }) => stays(`${group} ${course}`));
  then.groupPaths = then.groupPaths.filter(({ group, path }) => stays(`${group} ${path}`));
  for (const path of then.paths)
    path.courses = path.courses.filter((course) => stays(`${path.id} ${course}`));
  for (const row of then.registrations) {
    if (row.access && !stays(`${row.user} ${row.activity}`)) row.access = false;
  }
  expect([...left]).toEqual([]);
  return then;
}

/** The operation takes away these, and in the whole dump nothing else changes. */
export async function expectGone(
  lab: Lab,
  given: World,
  workflow: string,
  input: Input,
  gone: Gone,
): Promise<Outcome> {
  const outcome = await outcomeIn(lab, given, workflow, input);
  expect(outcome.after).toEqual(goneFrom(outcome.before, gone));
  expect(outcome.result).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
  expect(outcome.result.counts).toEqual(countsOf(gone));
  return outcome;
}

export function countsOf({ members = [], links = [], access = [] }: Gone): Record<string, number> {
  const counts = {
    'membership.remove': members.length,
    'link.remove': links.length,
    'access.revoke': access.length,
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** A completed registration, as the host has it. */
export const completed = {
  status: 'completed',
  listedAs: 'completed',
  progress: 1,
  completedAt: '2021-05-01T10:00:00Z',
} as const;

/**
 * A group `g-sales` with a course of its own, `c-own`, and with the path `p-1` of three courses, of which `c-both` is also
 * held directly, and `c-shared` by the path of another group. Ada, Bob (coach) and Cem are in it; Cem in `g-other`
 * too. Below `c-own` hang `c-sub`, and below that its translation `c-deep`, which `g-more` holds, where Ada and Bob are. They,
 * Cem, Dan, who is in no group with content, and the deleted Old are registered for everything.
 */
export function school(): World {
  const activities = ['c-own', 'c-sub', 'c-deep', 'c-first', 'c-both', 'c-shared', 'p-1', 'p-other'];
  const members: Member[] = [
    ['ada', 'learner', 'g-sales'],
    ['bob', 'coach', 'g-sales'],
    ['cem', 'learner', 'g-sales'],
    ['cem', 'learner', 'g-other'],
    ['dan', 'learner', 'g-empty'],
    ['ada', 'learner', 'g-more'],
    ['bob', 'learner', 'g-more'],
    ['olga', 'admin', 'g-owning'],
  ];
  return world({
    deleted: ['old'],
    members,
    courses: [
      { id: 'c-own', mainAuthor: 'pam' },
      { id: 'c-sub', mainAuthor: 'pam', parentCourse: 'c-own' },
      { id: 'c-deep', mainAuthor: 'pam', translationOf: 'c-sub' },
      ...['c-first', 'c-both', 'c-shared'].map((id) => ({ id, mainAuthor: 'pam' })),
    ],
    paths: [
      {
        ...{ id: 'p-1', mainAuthor: 'pam', coAuthors: ['col', 'old'], ownerGroup: 'g-owning' },
        courses: ['c-first', 'c-both', 'c-shared'],
      },
      { id: 'p-other', mainAuthor: 'pam', courses: ['c-shared'] },
    ],
    groupCourses: [
      { group: 'g-sales', course: 'c-own' },
      { group: 'g-sales', course: 'c-both' },
      { group: 'g-more', course: 'c-deep' },
    ],
    groupPaths: [
      { group: 'g-sales', path: 'p-1' },
      { group: 'g-other', path: 'p-other' },
    ],
    registrations: ['ada', 'bob', 'cem', 'dan', 'old'].flatMap((user) =>
      activities.map((activity) => ({ user, activity })),
    ),
    history: [
      { user: 'ada', activity: 'c-own' },
      { user: 'ada', activity: 'p-1', kind: 'result' },
    ],
    sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'pam', participants: ['ada', 'old'] }],
    slots: [{ id: 't-1', session: 's-1', attendees: ['ada'], ...past }],
  });
}

/** A world of Ada with these registrations and links; who says nothing of members has her in `g-sales` and elsewhere. */
export function worldOfAda(given: Given): World {
  const members: Member[] = [
    ['ada', 'learner', 'g-sales'],
    ['ada', 'learner', 'g-other'],
  ];
  return world({ members, ...given });
}
