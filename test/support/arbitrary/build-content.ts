import type { World } from '../../../contracts/world.ts';
import type { Blueprint } from './blueprint.ts';
import type { People } from './build-people.ts';
import { choose, chooseSome, distinct, named } from './choose.ts';

/** Courses, paths, and what hangs on them. */
export type Content = Pick<
  World,
  'courses' | 'paths' | 'groupCourses' | 'groupPaths' | 'activities' | 'items'
>;

export function buildContent(plan: Blueprint, people: People): Content {
  const users = people.users.map(({ id }) => id);
  const groups = people.groups.map(({ id }) => id);
  const courseIds = named('c', plan.courses);
  const pathIds = named('p', plan.paths);
  return {
    courses: buildCourses(plan, people),
    paths: plan.paths.map((choice, i) => ({
      id: `p-${i}`,
      title: `Path ${i}`,
      ownerGroup: choose(groups, choice.ownerGroup) ?? '',
      ...authors(people, choice),
      courses: chooseSome(courseIds, choice.courses),
      enrolment: choice.enrolment,
    })),
    groupCourses: links(plan.groupCourses, groups, courseIds).map(([group, course]) => ({ group, course })),
    groupPaths: links(plan.groupPaths, groups, pathIds).map(([group, path]) => ({ group, path })),
    activities: plan.activities.flatMap(([of, by], i) => {
      const [course, owner] = [choose(courseIds, of), choose(users, by)];
      if (course === undefined || owner === undefined) return [];
      return [{ id: `a-${i}`, course, kind: 'quiz', title: `Activity ${i}`, owner }];
    }),
    items: plan.items.map((by, i) => {
      return { id: `i-${i}`, kind: 'post', author: choose(users, by) ?? '', title: `Item ${i}` };
    }),
  };
}

/** Main holders live, co-holders may be anybody else: the deleted too. */
export function holdersOf(people: People, { main, co }: { main: number; co: number[] }): [string, string[]] {
  const living = people.users.filter(({ status }) => status === 'active');
  const holder = choose(living, main)?.id ?? '';
  const others = people.users.map(({ id }) => id).filter((id) => id !== holder);
  return [holder, chooseSome(others, co)];
}

function authors(
  people: People,
  choice: { main: number; co: number[] },
): { mainAuthor: string; coAuthors: string[] } {
  const [mainAuthor, coAuthors] = holdersOf(people, choice);
  return { mainAuthor, coAuthors };
}

/** Courses hang below earlier ones, so that there are no cycles. */
function buildCourses(plan: Blueprint, people: People): World['courses'] {
  const earlier = (pick: number | null, i: number) => (pick === null || i === 0 ? null : `c-${pick % i}`);
  return plan.courses.map((choice, i) => ({
    id: `c-${i}`,
    title: `Course ${i}`,
    ownerGroup: choose(people.groups, choice.ownerGroup)?.id ?? '',
    ...authors(people, choice),
    parentCourse: earlier(choice.parent, i),
    translationOf: earlier(choice.translationOf, i),
    enrolment: choice.enrolment,
  }));
}

function links(pairs: readonly [number, number][], from: string[], to: string[]): [string, string][] {
  const links = pairs.flatMap(([a, b]): [string, string][] => {
    const [left, right] = [choose(from, a), choose(to, b)];
    return left === undefined || right === undefined ? [] : [[left, right]];
  });
  return distinct(links, 0, 1);
}
