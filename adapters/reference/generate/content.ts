import type { WorldRow } from '../../../contracts/world.ts';
import { groupId } from './group-tree.ts';
import { userId } from './people.ts';
import type { People } from './people.ts';
import type { Plan } from './plan.ts';
import type { Random, Stream } from './random.ts';
import { courseForms, pathForms, subjects } from './words.ts';

type Enrolment = WorldRow<'courses'>['enrolment'];

/** Courses, paths and what is in them, each from its number alone. */
export class Content {
  readonly #plan: Plan;
  readonly #people: People;
  readonly #course: Stream;
  readonly #path: Stream;
  readonly #enrolment: Stream;
  readonly #held: Stream;

  constructor(plan: Plan, people: People) {
    this.#plan = plan;
    this.#people = people;
    this.#course = plan.stream('course');
    this.#path = plan.stream('path');
    this.#enrolment = plan.stream('enrolment');
    this.#held = plan.stream('held');
  }

  /** How registrations for a course or path come about. Paths are counted after the courses. */
  enrolmentOf(activity: number): Enrolment {
    return this.#enrolment(activity).pick(['admin', 'admin', 'self', 'auto']);
  }

  activityId(activity: number): string {
    const { courses } = this.#plan;
    return activity < courses ? courseId(activity) : pathId(activity - courses);
  }

  course(course: number): WorldRow<'courses'> {
    const random = this.#course(course);
    const ownerGroup = random.below(this.#plan.tree.homes);
    const [mainAuthor, coAuthors] = this.holders(ownerGroup, random);
    // What a course belongs to comes before it, so that there are no cycles.
    const near = Math.max(0, course - random.between(1, 9));
    const [below, translated] = [random.chance(0.15), random.chance(0.1)];
    return {
      id: courseId(course),
      title: `${random.pick(courseForms)} ${random.pick(subjects)} ${course + 1}`,
      ownerGroup: groupId(ownerGroup),
      mainAuthor,
      coAuthors,
      parentCourse: below && course > 0 ? courseId(near) : null,
      translationOf: translated && !below && course > 0 ? courseId(near) : null,
      enrolment: this.enrolmentOf(course),
    };
  }

  path(path: number): WorldRow<'paths'> {
    const random = this.#path(path);
    const ownerGroup = this.ownerGroupOf(path);
    const [mainAuthor, coAuthors] = this.holders(ownerGroup, random);
    const courses = Array.from({ length: random.between(2, 6) }, () =>
      courseId(random.below(this.#plan.courses)),
    );
    return {
      id: pathId(path),
      title: `${random.pick(pathForms)} ${random.pick(subjects)} ${path + 1}`,
      ownerGroup: groupId(ownerGroup),
      mainAuthor,
      coAuthors,
      courses: [...new Set(courses)],
      enrolment: this.enrolmentOf(this.#plan.courses + path),
    };
  }

  ownerGroupOf(path: number): number {
    return this.#path(-1 - path).below(this.#plan.tree.homes);
  }

  /** Somebody who holds a thing, and who helps: mostly few, now and then a crowd, rarely somebody who is deleted. */
  holders(group: number, random: Random): [main: string, co: string[]] {
    const somebody = () =>
      random.chance(0.6)
        ? this.#people.busy(random)
        : random.chance(0.9)
          ? this.#people.livingIn(this.#plan.tree.usersOf(group), random)
          : random.below(this.#plan.users);
    const main = this.#people.livingFrom(somebody());
    const count = random.chance(0.35)
      ? 0
      : random.chance(0.95)
        ? random.between(1, 4)
        : random.between(8, 20);
    const co = new Set(Array.from({ length: count }, somebody));
    co.delete(main);
    return [userId(main), [...co].map(userId)];
  }

  /** The courses that a group holds, by number. */
  coursesOf(group: number): number[] {
    const random = this.#held(group);
    const count = group === 0 ? 1 : random.between(0, 2);
    return [...new Set(Array.from({ length: count }, () => random.below(this.#plan.courses)))];
  }

  /** The paths that a group holds, by number. */
  pathsOf(group: number): number[] {
    const random = this.#held(-1 - group);
    return random.chance(0.25) ? [random.below(this.#plan.paths)] : [];
  }

  *groupCourses(): Iterable<WorldRow<'groupCourses'>> {
    for (let group = 0; group < this.#plan.tree.count; group++) {
      for (const course of this.coursesOf(group)) yield { group: groupId(group), course: courseId(course) };
    }
  }

  *groupPaths(): Iterable<WorldRow<'groupPaths'>> {
    for (let group = 0; group < this.#plan.tree.count; group++) {
      for (const path of this.pathsOf(group)) yield { group: groupId(group), path: pathId(path) };
    }
  }
}

export function courseId(course: number): string {
  return `c-${course + 1}`;
}

export function pathId(path: number): string {
  return `p-${path + 1}`;
}
