import fc from 'fast-check';
import type { World } from '../../contracts/world.ts';
import type { ContentOptions } from './naive-content.ts';
import { world } from './world-builder.ts';
import type { Member } from './world-builder.ts';

const users = ['u-0', 'u-1'];
/** Was deleted before, and has registrations still. */
const gone = 'u-gone';
const groups = ['g-0', 'g-1', 'g-2', 'g-3'];
const courses = ['c-0', 'c-1', 'c-2', 'c-3', 'c-4'];
const paths = ['p-0', 'p-1'];

export type Fate = 'out' | 'stays' | 'leaves' | 'joins';
const membership = fc.constantFrom<Fate>('out', 'out', 'stays', 'leaves', 'leaves', 'joins');
const link = fc.constantFrom<Fate>('out', 'out', 'out', 'stays', 'leaves');
export const cascade = fc.constantFrom<ContentOptions['cascade']>('always', 'unless-linked');
const enrolment = fc.constantFrom('self', 'admin', 'auto');

const completedAt = '2025-01-31T23:59:59Z';
const registration = fc.record({
  method: fc.constantFrom('self', 'admin', 'admin', 'auto', 'qualification'),
  state: fc.constantFrom(
    ...([{}, {}, { status: 'enrolled', progress: 0 }, { access: false }] as const),
    { access: false, listedAs: 'completed' },
    { status: 'completed', listedAs: 'completed', progress: 1, completedAt },
    { status: 'completed', access: false, listedAs: 'completed', progress: 1, completedAt },
    // The host lists it oddly.
    { listedAs: 'completed' },
    null,
  ),
});

function each<Value>(value: fc.Arbitrary<Value>, of: readonly unknown[]): fc.Arbitrary<Value[]> {
  return fc.array(value, { minLength: of.length, maxLength: of.length });
}

/** Every pair of one of these and one of those. */
function pairs(these: readonly string[], those: readonly string[]): [string, string][] {
  return these.flatMap((one) => those.map((other): [string, string] => [one, other]));
}

const places = pairs(users, groups);
const inGroups = { courses: pairs(groups, courses), paths: pairs(groups, paths) };
const inPaths = pairs(paths, courses);
const registered = pairs([...users, gone], [...courses, ...paths]);

/** Courses hang below earlier ones, as sub-courses, as translations, or as both. */
const above = fc.option(fc.nat({ max: courses.length - 1 }), { nil: null });

export const blueprint = fc.record({
  cascade,
  memberships: each(membership, places),
  // Often nobody moves, or no link goes.
  moving: fc.constantFrom(true, true, false),
  unlinking: fc.constantFrom(true, false),
  groupCourses: each(link, inGroups.courses),
  groupPaths: each(link, inGroups.paths),
  pathCourses: each(link, inPaths),
  parents: each(above, courses),
  translations: each(above, courses),
  enrolments: each(enrolment, [...courses, ...paths]),
  registrations: each(registration, registered),
});
export type Blueprint = typeof blueprint extends fc.Arbitrary<infer Value> ? Value : never;

/** A world, what it is once memberships and links have changed, and how that cascades. */
export interface Operation extends ContentOptions {
  before: World;
  after: World;
  /** How a counterexample is written. */
  [fc.toStringMethod]?: () => string;
}

export const operationOf = (plan: Blueprint): Operation => ({
  before: worldOf(plan, 'stays', 'leaves'),
  after: worldOf(
    {
      ...plan,
      memberships: plan.memberships.map((fate) => (plan.moving ? fate : still(fate))),
      groupCourses: plan.groupCourses.map((fate) => (plan.unlinking ? fate : still(fate))),
      groupPaths: plan.groupPaths.map((fate) => (plan.unlinking ? fate : still(fate))),
      pathCourses: plan.pathCourses.map((fate) => (plan.unlinking ? fate : still(fate))),
    },
    'stays',
    'joins',
  ),
  cascade: plan.cascade,
  [fc.toStringMethod]: () => textOf(plan),
});

export const operation = blueprint.map(operationOf);

/** What there is in a plan, in as few words as can be. */
function textOf(plan: Blueprint): string {
  const pairsOf = (all: [string, string][], fates: Fate[]): string =>
    all.flatMap((pair, i) => (fates[i] === 'out' ? [] : [`${pair.join(' ')} ${fates[i]}`])).join(', ');
  const lower = worldOf(plan).courses.map(({ id, parentCourse, translationOf }) => {
    return `${id} below ${parentCourse}/${translationOf}`;
  });
  const states = registered.map((pair, i) => `${pair.join(' ')} ${JSON.stringify(plan.registrations[i])}`);
  return `${plan.cascade}, moving ${plan.moving}, unlinking ${plan.unlinking}
    memberships: ${pairsOf(places, plan.memberships)}
    group courses: ${pairsOf(inGroups.courses, plan.groupCourses)}
    group paths: ${pairsOf(inGroups.paths, plan.groupPaths)}
    path courses: ${pairsOf(inPaths, plan.pathCourses)}
    courses: ${lower.join(', ')}, enrolments ${plan.enrolments.join(', ')}
    registrations: ${states.join(', ')}`;
}

function still(fate: Fate): Fate {
  if (fate === 'leaves') return 'stays';
  return fate === 'joins' ? 'out' : fate;
}

export function worldOf(plan: Blueprint, ...there: Fate[]): World {
  const chosen = (all: [string, string][], fates: Fate[]): [string, string][] =>
    all.filter((_, i) => there.includes(fates[i] ?? 'out'));
  const earlier = (pick: number | null | undefined, i: number): string | null =>
    pick === null || pick === undefined || i === 0 ? null : (courses[pick % i] ?? null);
  const held = chosen(inPaths, plan.pathCourses);
  return world({
    deleted: [gone],
    members: chosen(places, plan.memberships).map(([user, group]): Member => [user, 'learner', group]),
    courses: courses.map((id, i) => ({
      id,
      mainAuthor: 'u-owner',
      parentCourse: earlier(plan.parents[i], i),
      translationOf: earlier(plan.translations[i], i),
      enrolment: plan.enrolments[i] ?? 'admin',
    })),
    paths: paths.map((id, i) => ({
      id,
      mainAuthor: 'u-owner',
      courses: held.filter(([path]) => path === id).map(([, course]) => course),
      enrolment: plan.enrolments[courses.length + i] ?? 'admin',
    })),
    groupCourses: chosen(inGroups.courses, plan.groupCourses).map(([group, course]) => ({ group, course })),
    groupPaths: chosen(inGroups.paths, plan.groupPaths).map(([group, path]) => ({ group, path })),
    registrations: registered.flatMap(([user, activity], i) => {
      const { method, state } = plan.registrations[i] ?? { method: 'admin', state: null };
      return state === null ? [] : [{ user, activity, method, ...state }];
    }),
  });
}
