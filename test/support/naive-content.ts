import type { World, WorldRow } from '../../contracts/world.ts';

type Registration = WorldRow<'registrations'>;

/** What happens below a course that is de-assigned, where there is a link (C-12). */
export interface ContentOptions {
  cascade: 'always' | 'unless-linked';
}

/** One way in which a user is linked to an activity: by a group, and for the course of a path through that path. */
interface Link {
  activity: string;
  group: string;
  path: string | null;
}

/**
 * What the C rows leave behind once memberships and links have changed, written down in the simplest way there is:
 * the world after the operation, with the registrations of everybody who lives on in it as the rows say.
 *
 * @param before the world before the operation
 * @param after the world after it, in which registrations are still as before
 */
export function contentAfter(before: World, after: World, options: ContentOptions): World {
  const then = structuredClone(after);
  for (const { id, status } of after.users) {
    // D-02: what a deleted user had stays as it is.
    if (status === 'deleted') continue;
    const given = givenTo(id, before, after);
    deassign(then, id, takenFrom(id, before, after), given, options);
    assign(then, id, given);
  }
  return then;
}

/** The ways in which a user is linked: by a group that holds the activity, or that holds a path with the course. */
function linksOf(world: World, user: string): Link[] {
  const links: Link[] = [];
  for (const group of groupsOf(world, user)) {
    for (const held of world.groupCourses) {
      if (held.group === group) links.push({ activity: held.course, group, path: null });
    }
    for (const held of world.groupPaths) {
      if (held.group !== group) continue;
      links.push({ activity: held.path, group, path: null });
      for (const path of world.paths) {
        if (path.id !== held.path) continue;
        for (const course of path.courses) links.push({ activity: course, group, path: path.id });
      }
    }
  }
  return links;
}

/** Any role links. */
function groupsOf(world: World, user: string): Set<string> {
  const groups = new Set<string>();
  for (const membership of world.memberships) if (membership.user === user) groups.add(membership.group);
  return groups;
}

function isLinked(world: World, user: string, activity: string): boolean {
  return linksOf(world, user).some((link) => link.activity === activity);
}

/** The activities of which a link was taken away, whether or not another one is left. */
function takenFrom(user: string, before: World, after: World): Set<string> {
  const left = linksOf(after, user);
  const taken = new Set<string>();
  for (const { activity, group, path } of linksOf(before, user)) {
    const stays = left.some(
      (link) => link.activity === activity && link.group === group && link.path === path,
    );
    if (!stays) taken.add(activity);
  }
  return taken;
}

/** C-14: what the groups that the user has joined hold, and the courses of the paths that they hold. */
function givenTo(user: string, before: World, after: World): Set<string> {
  const old = groupsOf(before, user);
  const given = new Set<string>();
  for (const { activity, group } of linksOf(after, user)) if (!old.has(group)) given.add(activity);
  return given;
}

/** C-01 to C-13. `then` holds memberships and links as they are after the operation. */
function deassign(
  then: World,
  user: string,
  taken: ReadonlySet<string>,
  given: ReadonlySet<string>,
  { cascade }: ContentOptions,
): void {
  // C-04: giving wins, over C-12 too, with what hangs below it.
  const kept = new Set(given);
  for (const activity of given) for (const lower of below(then, activity)) kept.add(lower);

  const deassigned = new Set<string>();
  for (const activity of taken) {
    // C-07 to C-11: another link. C-13: nothing cascades from what is kept, or was not open.
    if (isLinked(then, user, activity) || kept.has(activity)) continue;
    if (!canGo(registrationOf(then, user, activity))) continue;
    deassigned.add(activity);
    // C-12: at every depth, below a kept or spared one too.
    for (const lower of below(then, activity)) {
      if (kept.has(lower)) continue;
      if (cascade === 'unless-linked' && isLinked(then, user, lower)) continue;
      if (canGo(registrationOf(then, user, lower))) deassigned.add(lower);
    }
  }
  // C-01: access, and nothing else.
  for (const row of then.registrations) {
    if (row.user === user && deassigned.has(row.activity)) row.access = false;
  }
}

/** Open, not completed (C-02), and neither automatic nor for a qualification (C-03). */
function canGo(registration: Registration | undefined): boolean {
  if (registration === undefined || !registration.access) return false;
  if (registration.status === 'completed') return false;
  return registration.method === 'self' || registration.method === 'admin';
}

/** C-14. */
function assign(then: World, user: string, given: ReadonlySet<string>): void {
  const assigned = new Set<string>();
  for (const activity of given) {
    const registration = registrationOf(then, user, activity);
    if (registration === undefined) then.registrations.push(newRegistration(then, user, activity));
    // What is open needs nothing, what was unenrolled stays so.
    if (registration === undefined || isDeassigned(registration)) assigned.add(activity);
  }
  for (const activity of assigned) {
    for (const opened of [activity, ...below(then, activity)]) {
      const registration = registrationOf(then, user, opened);
      if (registration !== undefined && isDeassigned(registration)) registration.access = true;
    }
  }
}

/** Unlike an unenrolled one, which is listed as completed. */
function isDeassigned(registration: Registration): boolean {
  return !registration.access && registration.listedAs === 'current';
}

function newRegistration(world: World, user: string, activity: string): Registration {
  const assigned = [...world.courses, ...world.paths].find(({ id }) => id === activity);
  if (assigned === undefined) throw new Error(`no activity ${activity}`);
  return {
    user,
    activity,
    method: assigned.enrolment,
    status: 'enrolled',
    access: true,
    listedAs: 'current',
    progress: 0,
    completedAt: null,
  };
}

function registrationOf(world: World, user: string, activity: string): Registration | undefined {
  return world.registrations.find((row) => row.user === user && row.activity === activity);
}

/** The sub-courses and translations of a course, theirs, and so on. */
function below(world: World, course: string): Set<string> {
  const found = new Set<string>();
  for (let known = -1; known < found.size;) {
    known = found.size;
    for (const { id, parentCourse, translationOf } of world.courses) {
      for (const above of [parentCourse, translationOf]) {
        if (above !== null && (above === course || found.has(above))) found.add(id);
      }
    }
  }
  return found;
}
