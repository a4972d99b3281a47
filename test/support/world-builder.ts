import type { World, WorldRow } from '../../contracts/world.ts';
import type { MembershipRole } from '../../contracts/facts.ts';

export type User = WorldRow<'users'>;
export type Course = WorldRow<'courses'>;
export type Path = WorldRow<'paths'>;
export type Session = WorldRow<'pathSessions'>;
export type Slot = WorldRow<'slots'>;
export type Registration = WorldRow<'registrations'>;

export type Member = readonly [user: string, role: MembershipRole, group: string, since?: string];
type Some<R, Required extends keyof R> = Pick<R, Required> & Partial<R>;

/** What a scenario says about its world; whatever it leaves out is filled in by `world`. */
export interface Given {
  timeZone?: string;
  seats?: number | null;
  rootVisibility?: 'public' | 'private';
  /** Without it nobody is an admin of the platform group. */
  platformAdmin?: boolean;
  /** Only users that need more than their id; the others come from where they are named. */
  users?: Some<User, 'id'>[];
  /** Users who had been deleted before the story begins. */
  deleted?: string[];
  /** Only groups that are not public children of the root. */
  groups?: Some<WorldRow<'groups'>, 'id'>[];
  members?: Member[];
  courses?: Some<Course, 'id' | 'mainAuthor'>[];
  paths?: Some<Path, 'id' | 'mainAuthor'>[];
  sessions?: Some<Session, 'id' | 'path' | 'mainInstructor'>[];
  slots?: Some<Slot, 'id' | 'session'>[];
  activities?: Some<WorldRow<'activities'>, 'id' | 'course' | 'owner'>[];
  items?: Some<WorldRow<'items'>, 'id' | 'author'>[];
  registrations?: Some<Registration, 'user' | 'activity'>[];
  history?: Some<WorldRow<'history'>, 'user' | 'activity'>[];
  groupCourses?: WorldRow<'groupCourses'>[];
  groupPaths?: WorldRow<'groupPaths'>[];
  qualifications?: WorldRow<'qualifications'>[];
}

export const owner = 'u-owner';
export const admin = 'u-admin';
export const root = 'g-root';

/** The default start of memberships: all the same, so that only a `since` that is spelt out decides. */
export const longAgo = '2020-01-01T00:00:00Z';
export const past = { startsAt: '2021-03-01T09:00:00Z', endsAt: '2021-03-01T12:00:00Z' };
export const upcoming = { startsAt: '2099-03-01T09:00:00Z', endsAt: '2099-03-01T12:00:00Z' };

/** An email that every id can have, told apart without regard to case. */
export function emailOf(id: string): string {
  const local = Array.from(id, (char) =>
    /[a-z0-9-]/.test(char) ? char : `_${(char.codePointAt(0) ?? 0).toString(16)}`,
  );
  return `${local.join('')}@example.org`;
}

/**
 * A whole world from the little that a scenario cares about: platform owner `u-owner` (in no group), root group
 * `g-root`, its admin `u-admin`, every user and group that is named anywhere, and defaults for all the rest.
 */
export function world(given: Given = {}): World {
  const members: Member[] = [
    ...(given.platformAdmin === false ? [] : [[admin, 'admin', root] as const]),
    ...(given.members ?? []),
  ];
  const courses = (given.courses ?? []).map(courseRow);
  const paths = (given.paths ?? []).map(pathRow);
  const pathSessions = (given.sessions ?? []).map(sessionRow);
  const slots = (given.slots ?? []).map((slot) => ({ ...upcoming, capacity: null, attendees: [], ...slot }));
  const activities = (given.activities ?? []).map((row) => ({ kind: 'quiz', title: row.id, ...row }));
  const items = (given.items ?? []).map((row) => ({ kind: 'post', title: row.id, ...row }));
  const registrations = (given.registrations ?? []).map(registrationRow);
  const history = (given.history ?? []).map((row) => ({
    kind: 'attempt',
    at: '2021-02-01T10:00:00Z',
    result: { score: 7 },
    ...row,
  }));
  const named = [
    owner,
    admin,
    ...members.map(([user]) => user),
    ...[...courses, ...paths].flatMap((row) => [row.mainAuthor, ...row.coAuthors]),
    ...pathSessions.flatMap((row) => [row.mainInstructor, ...row.coInstructors, ...row.participants]),
    ...slots.flatMap((slot) => slot.attendees),
    ...activities.map((row) => row.owner),
    ...items.map((row) => row.author),
    ...[...registrations, ...history].map((row) => row.user),
  ];
  return {
    platform: {
      timeZone: given.timeZone ?? 'Europe/Amsterdam',
      owner,
      rootGroup: root,
      seats: given.seats ?? null,
    },
    users: users(given, named),
    groups: groups(given, [
      ...members.map(([, , group]) => group),
      ...[...courses, ...paths].map((row) => row.ownerGroup),
      ...pathSessions.flatMap((row) => row.audienceGroups),
      ...[...(given.groupCourses ?? []), ...(given.groupPaths ?? [])].map((row) => row.group),
    ]),
    memberships: members.map(([user, role, group, since = longAgo]) => ({ group, user, role, since })),
    courses,
    paths,
    groupCourses: given.groupCourses ?? [],
    groupPaths: given.groupPaths ?? [],
    pathSessions,
    slots,
    activities,
    items,
    registrations,
    history,
    qualifications: given.qualifications ?? [],
  };
}

/** The row of that id; its absence is a mistake of the scenario, or a row that was lost. */
export function the<R extends { id: string }>(rows: readonly R[], id: string): R {
  const row = rows.find((candidate) => candidate.id === id);
  if (row === undefined) throw new Error(`no row ${id}`);
  return row;
}

function users(given: Given, named: readonly string[]): User[] {
  const special = new Map((given.users ?? []).map((user) => [user.id, user]));
  const deleted = new Set(given.deleted ?? []);
  const ids = new Set([...named, ...special.keys(), ...deleted]);
  return Array.from(ids, (id) => {
    const gone = deleted.has(id) || special.get(id)?.status === 'deleted';
    return {
      email: emailOf(id),
      name: `Name of ${id}`,
      status: gone ? 'deleted' : 'active',
      deletedAt: gone ? '2022-06-01T12:00:00Z' : null,
      deletionKind: gone ? 'manual' : null,
      deletedBy: gone ? owner : null,
      deletionScheduledOn: null,
      profile: {},
      loginSessions: 0,
      ...special.get(id),
      id,
    };
  });
}

function groups(given: Given, named: readonly string[]): World['groups'] {
  const special = new Map((given.groups ?? []).map((group) => [group.id, group]));
  const parents = (given.groups ?? []).flatMap((group) => group.parent ?? []);
  const ids = new Set([root, ...named, ...special.keys(), ...parents]);
  return Array.from(ids, (id) => ({
    name: id,
    parent: id === root ? null : root,
    visibility: id === root ? (given.rootVisibility ?? 'public') : 'public',
    smartRule: null,
    ...special.get(id),
    id,
  }));
}

function courseRow(course: Some<Course, 'id' | 'mainAuthor'>): Course {
  return {
    title: course.id,
    ownerGroup: root,
    coAuthors: [],
    parentCourse: null,
    translationOf: null,
    enrolment: 'admin',
    ...course,
  };
}

function pathRow(path: Some<Path, 'id' | 'mainAuthor'>): Path {
  return { title: path.id, ownerGroup: root, coAuthors: [], courses: [], enrolment: 'admin', ...path };
}

function sessionRow(session: Some<Session, 'id' | 'path' | 'mainInstructor'>): Session {
  return { audience: 'static', audienceGroups: [], coInstructors: [], participants: [], ...session };
}

function registrationRow(registration: Some<Registration, 'user' | 'activity'>): Registration {
  return {
    method: 'admin',
    status: 'in_progress',
    access: true,
    listedAs: 'current',
    progress: 0.4,
    completedAt: null,
    ...registration,
  };
}
