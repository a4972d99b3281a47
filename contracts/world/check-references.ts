import type { Check } from './inspection.ts';
import type { LooseWorld } from './loose-world.ts';
import type { Path, Report } from './world-refused.ts';
import type { WorldList, WorldRow } from './world-shape.ts';

type Target = 'user' | 'user or system' | 'group' | 'course' | 'path' | 'course or path' | 'session';

/** Which members hold ids, and of what. */
const references: { [List in WorldList]: { readonly [Member in keyof WorldRow<List>]?: Target } } = {
  users: { deletedBy: 'user or system' },
  groups: { parent: 'group' },
  memberships: { group: 'group', user: 'user' },
  courses: {
    ownerGroup: 'group',
    mainAuthor: 'user',
    coAuthors: 'user',
    parentCourse: 'course',
    translationOf: 'course',
  },
  paths: { ownerGroup: 'group', mainAuthor: 'user', coAuthors: 'user', courses: 'course' },
  groupCourses: { group: 'group', course: 'course' },
  groupPaths: { group: 'group', path: 'path' },
  pathSessions: {
    path: 'path',
    audienceGroups: 'group',
    mainInstructor: 'user',
    coInstructors: 'user',
    participants: 'user',
  },
  slots: { session: 'session', attendees: 'user' },
  activities: { course: 'course', owner: 'user' },
  items: { author: 'user' },
  registrations: { user: 'user', activity: 'course or path' },
  history: { user: 'user', activity: 'course or path' },
  qualifications: { activities: 'course or path' },
};

/** Refuses ids that nothing in the file has. */
export const checkReferences: Check = ({ world, users, report }) => {
  const known = knownIds(world, users);
  const resolve = (path: Path, target: Target, value: unknown) =>
    resolveId(known, report, path, target, value);
  resolve(['platform', 'owner'], 'user', world.platform.owner);
  resolve(['platform', 'rootGroup'], 'group', world.platform.rootGroup);
  for (const list of Object.keys(references) as WorldList[]) {
    const members = Object.entries<Target>(references[list]);
    world[list].forEach((row: Readonly<Record<string, unknown>>, i) => {
      for (const [member, target] of members) {
        const value = row[member];
        if (Array.isArray(value)) value.forEach((entry, j) => resolve([list, i, member, j], target, entry));
        else resolve([list, i, member], target, value);
      }
    });
  }
};

type KnownIds = Record<Target, readonly { has(id: string): boolean }[]>;

function knownIds(world: LooseWorld, users: ReadonlyMap<string, unknown>): KnownIds {
  const courses = new Set(world.courses.map(({ id }) => id as string));
  const paths = new Set(world.paths.map(({ id }) => id as string));
  return {
    user: [users],
    'user or system': [users, new Set(['system'])],
    group: [new Set(world.groups.map(({ id }) => id as string))],
    course: [courses],
    path: [paths],
    'course or path': [courses, paths],
    session: [new Set(world.pathSessions.map(({ id }) => id as string))],
  };
}

function resolveId(known: KnownIds, report: Report, path: Path, target: Target, value: unknown): void {
  if (typeof value !== 'string') return;
  if (!known[target].some((ids) => ids.has(value))) report(path, `no ${target} '${value}'`);
}
