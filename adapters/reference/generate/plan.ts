import { GroupTree } from './group-tree.ts';
import { Random, streamsOf } from './random.ts';
import type { Stream } from './random.ts';
import type { Shape } from './shapes.ts';

/** How much of everything there is, and the streams from which the rest follows. */
export interface Plan {
  readonly shape: Shape;
  readonly users: number;
  readonly courses: number;
  readonly paths: number;
  readonly qualifications: number;
  readonly tree: GroupTree;
  readonly stream: (kind: string) => Stream;
}

/** Lays out a world; its memory grows with the groups and nothing else. */
export function planWorld(users: number, seed: string, shape: Shape): Plan {
  const stream = streamsOf(seed);
  const courses = 3 + Math.ceil(users / shape.usersPerCourse);
  return {
    shape,
    users,
    courses,
    paths: 1 + Math.floor(courses / 5),
    qualifications: Math.min(shape.jobs.length, 1 + Math.floor(users / 20)),
    tree: new GroupTree(users, shape, stream('group')),
    stream,
  };
}

/** An instant of whole seconds in these years, both included. */
export function instantBetween(random: Random, firstYear: number, lastYear: number): string {
  const from = Date.UTC(firstYear, 0) / 1000;
  const to = Date.UTC(lastYear + 1, 0) / 1000;
  return `${new Date((from + random.below(to - from)) * 1000).toISOString().slice(0, 19)}Z`;
}
