import type { WorldList } from '../../contracts/world.ts';
import { Classroom } from './generate/classroom.ts';
import { Content } from './generate/content.ts';
import { Memberships } from './generate/memberships.ts';
import { People, platformRow } from './generate/people.ts';
import { planWorld } from './generate/plan.ts';
import type { Plan } from './generate/plan.ts';
import { Records } from './generate/records.ts';
import { shapeForSize, shapes } from './generate/shapes.ts';
import type { ShapeName } from './generate/shapes.ts';
import { Works } from './generate/works.ts';
import { writeWorldSource } from './write-world.ts';
import type { Write } from './write-world.ts';

/** What decides a generated world; the same options write the same bytes. */
export interface GenerateOptions {
  /** At least 1: the owner. */
  users: number;
  seed: number | string;
  /** The kind of organisation; by default the one that this many users usually have. */
  shape?: ShapeName | undefined;
  write: Write;
}

/**
 * Writes a realistic, valid world of any size as JSON text (world file). Everything follows from the seed and
 * the number of the thing, so that no list is ever in memory: a million users need no more than a thousand.
 *
 * @throws RangeError when `users` is not a whole number from 1
 */
export async function generateWorld({ users, seed, shape, write }: GenerateOptions): Promise<void> {
  if (!Number.isSafeInteger(users) || users < 1)
    throw new RangeError(`users must be a whole number from 1: ${users}`);
  const plan = planWorld(users, String(seed), shapes[shape ?? shapeForSize(users)]);
  const lists = listsOf(plan);
  await writeWorldSource({ platform: platformRow(plan), list: (name) => lists[name]() }, write);
}

function listsOf(plan: Plan): Record<WorldList, () => Iterable<object>> {
  const people = new People(plan);
  const memberships = new Memberships(plan, people);
  const content = new Content(plan, people);
  const works = new Works(plan, people, content);
  const classroom = new Classroom(plan, people, memberships, content);
  const records = new Records(plan, people, memberships, content);
  return {
    users: () => numbered(plan.users, (user) => people.row(user)),
    groups: () => numbered(plan.tree.count, (group) => plan.tree.row(group)),
    memberships: () => memberships.rows(),
    courses: () => numbered(plan.courses, (course) => content.course(course)),
    paths: () => numbered(plan.paths, (path) => content.path(path)),
    groupCourses: () => content.groupCourses(),
    groupPaths: () => content.groupPaths(),
    pathSessions: () => classroom.pathSessions(),
    slots: () => classroom.slots(),
    activities: () => works.activities(),
    items: () => works.items(),
    registrations: () => records.registrations(),
    history: () => records.history(),
    qualifications: () => records.qualifications(),
  };
}

function* numbered(count: number, row: (number: number) => object): Iterable<object> {
  for (let number = 0; number < count; number++) yield row(number);
}
