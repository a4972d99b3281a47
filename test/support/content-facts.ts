import { textOf } from '../../contracts/changes.ts';
import type { PlannedChange } from '../../contracts/changes.ts';
import type { ContentFacts, HoldingFact, RegistrationMethod } from '../../contracts/facts.ts';
import type { World, WorldRow } from '../../contracts/world.ts';

/** The groups of a user before and after an operation. */
export interface Move {
  user: string;
  before: string[];
  after: string[];
}

/** The links that an operation takes away for everybody. */
export interface LostLinks {
  groupCourses: HoldingFact[];
  groupPaths: HoldingFact[];
  pathCourses: HoldingFact[];
}

/** A world as the C rules read it, with the registrations of everybody who lives. */
export function contentFacts(world: World): ContentFacts {
  const living = new Set(world.users.filter(({ status }) => status === 'active').map(({ id }) => id));
  return {
    ...linksIn(world),
    courseTree: world.courses.flatMap(({ id, parentCourse, translationOf }) =>
      [parentCourse, translationOf].flatMap((above) =>
        above === null ? [] : [{ holder: above, activity: id }],
      ),
    ),
    enrolments: [...world.courses, ...world.paths].map(({ id, enrolment }) => {
      return { activity: id, method: enrolment };
    }),
    registrations: world.registrations
      .filter(({ user }) => living.has(user))
      .map(({ user, activity, method, status, access, listedAs }) => {
        return { user, activity, method, status, access, listedAs };
      }),
  };
}

/** The moves of everybody who lives on, also of those who stay where they are. */
export function movesBetween(before: World, after: World): Move[] {
  const groupsIn = (world: World, user: string): string[] => [
    ...new Set(world.memberships.filter((held) => held.user === user).map(({ group }) => group)),
  ];
  return after.users
    .filter(({ status }) => status === 'active')
    .map(({ id }) => ({ user: id, before: groupsIn(before, id), after: groupsIn(after, id) }));
}

export function lostBetween(before: World, after: World): LostLinks {
  const [had, has] = [linksIn(before), linksIn(after)];
  const without = (links: HoldingFact[], left: HoldingFact[]): HoldingFact[] =>
    links.filter((link) => !left.some((other) => sameLink(link, other)));
  return {
    groupCourses: without(had.groupCourses, has.groupCourses),
    groupPaths: without(had.groupPaths, has.groupPaths),
    pathCourses: without(had.pathCourses, has.pathCourses),
  };
}

function linksIn(world: World): LostLinks {
  return {
    groupCourses: world.groupCourses.map(({ group, course }) => ({ holder: group, activity: course })),
    groupPaths: world.groupPaths.map(({ group, path }) => ({ holder: group, activity: path })),
    pathCourses: world.paths.flatMap(({ id, courses }) =>
      courses.map((course) => ({ holder: id, activity: course })),
    ),
  };
}

export function sameLink(one: HoldingFact, other: HoldingFact): boolean {
  return one.holder === other.holder && one.activity === other.activity;
}

type Registration = WorldRow<'registrations'>;

/**
 * A world with planned changes of its registrations made, strictly: a change that does not fit the row that is there,
 * or changes nothing, is a mistake.
 */
export function withChanges(world: World, changes: readonly PlannedChange[]): World {
  const then = structuredClone(world);
  for (const change of changes) {
    const { kind, user, before } = change;
    const activity = textOf(change.item, 'activity');
    const row = then.registrations.find((held) => held.user === user && held.activity === activity);
    const { access, method, status, listedAs } = row ?? {};
    if (kind === 'registration.add') {
      expectFit(change, row === undefined && before === null);
      then.registrations.push(addedBy(change, activity));
      continue;
    }
    const had = kind === 'access.revoke' ? { access, method, status, listedAs } : { access };
    const isKnown = kind === 'access.revoke' || kind === 'access.grant';
    expectFit(change, isKnown && access === (kind === 'access.revoke') && sameMembers(before, had));
    expectFit(change, sameMembers(change.after, { access: kind === 'access.grant' }));
    if (row !== undefined) row.access = kind === 'access.grant';
  }
  return then;
}

function addedBy({ user, after }: PlannedChange, activity: string): Registration {
  return {
    user,
    activity,
    method: after?.['method'] as RegistrationMethod,
    status: after?.['status'] as Registration['status'],
    access: after?.['access'] as boolean,
    listedAs: after?.['listedAs'] as Registration['listedAs'],
    progress: after?.['progress'] as number,
    completedAt: null,
  };
}

function sameMembers(one: object | null, other: object): boolean {
  const sorted = (members: object): string => JSON.stringify(Object.entries(members).sort());
  return one !== null && sorted(one) === sorted(other);
}

function expectFit(change: PlannedChange, fits: boolean): void {
  if (!fits) throw new Error(`a change that does not fit: ${JSON.stringify(change)}`);
}
