import type { Check, Inspection } from './inspection.ts';
import type { Path } from './world-refused.ts';
import type { WorldList, WorldRow } from './world-shape.ts';

/** What names an entry of each list. History has no key: the same thing may happen twice. */
const keys: { [List in WorldList]: readonly (keyof WorldRow<List> & string)[] } = {
  users: ['id'],
  groups: ['id'],
  memberships: ['group', 'user', 'role'],
  courses: ['id'],
  paths: ['id'],
  groupCourses: ['group', 'course'],
  groupPaths: ['group', 'path'],
  pathSessions: ['id'],
  slots: ['id'],
  activities: ['id'],
  items: ['id'],
  registrations: ['user', 'activity'],
  history: [],
  qualifications: ['id'],
};

/** Which entries have lists of ids of their own. */
const innerLists: { readonly [List in WorldList]?: readonly (keyof WorldRow<List> & string)[] } = {
  courses: ['coAuthors'],
  paths: ['coAuthors', 'courses'],
  pathSessions: ['audienceGroups', 'coInstructors', 'participants'],
  slots: ['attendees'],
  qualifications: ['activities'],
};

/** Refuses doubled keys, doubles inside an entry's own lists, and a path with a course's id. */
export const checkKeys: Check = (inspection) => {
  for (const list of Object.keys(keys) as WorldList[]) {
    if (keys[list].length > 0) checkList(inspection, list, keys[list]);
    for (const member of innerLists[list] ?? []) checkInnerList(inspection, list, member);
  }
  checkSharedIds(inspection);
};

function checkList({ world, report }: Inspection, list: WorldList, members: readonly string[]): void {
  const seen = new Map<string, number>();
  world[list].forEach((row: Readonly<Record<string, unknown>>, i) => {
    const values = members.map((member) => row[member]);
    if (values.includes(undefined)) return;
    // No id holds a NUL.
    const key = values.join('\0');
    const first = seen.get(key);
    if (first === undefined) seen.set(key, i);
    else
      report([list, i, ...oneOf(members)], `doubled: $.${list}[${first}] has this ${members.join(', ')} too`);
  });
}

/** A key of one member is reported at that member, a longer one at the entry. */
function oneOf(members: readonly string[]): Path {
  return members.length === 1 ? members : [];
}

/** Ordered or not, a list of ids names everything once. */
function checkInnerList({ world, report }: Inspection, list: WorldList, member: string): void {
  world[list].forEach((row: Readonly<Record<string, unknown>>, i) => {
    const entries = row[member] as readonly (string | undefined)[] | undefined;
    if (entries === undefined || entries.length < 2) return;
    const seen = new Set<string | undefined>();
    entries.forEach((entry, j) => {
      if (entry !== undefined && seen.has(entry)) report([list, i, member, j], `doubled: '${entry}'`);
      seen.add(entry);
    });
  });
}

/** A registration names a course or a path by its id alone. */
function checkSharedIds({ world, report }: Inspection): void {
  const courses = new Set(world.courses.map(({ id }) => id));
  world.paths.forEach(({ id }, i) => {
    if (id !== undefined && courses.has(id))
      report(['paths', i, 'id'], `doubled: '${id}' is a course's id too`);
  });
}
