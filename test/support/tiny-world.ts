import type { World } from '../../contracts/world.ts';

/** A valid world with a little of everything, short enough for a test to count its entries. */
export function tinyWorld(): World {
  const undeleted = { deletedAt: null, deletionKind: null, deletedBy: null, deletionScheduledOn: null };
  const gone = {
    ...undeleted,
    deletedAt: '2026-01-02T10:00:00Z',
    deletionKind: 'manual',
    deletedBy: 'boss',
  } as const;
  const user = (id: string) => ({ id, email: `${id}@example.org`, name: id, profile: {}, loginSessions: 0 });
  return {
    platform: { timeZone: 'Europe/Amsterdam', owner: 'boss', rootGroup: 'top', seats: null },
    users: [
      { ...user('boss'), status: 'active', ...undeleted },
      { ...user('ann'), status: 'active', ...undeleted },
      { ...user('bob'), status: 'active', ...undeleted },
      { ...user('old'), status: 'deleted', ...gone },
    ],
    groups: [
      { id: 'top', name: 'Top', parent: null, visibility: 'public', smartRule: null },
      { id: 'sub', name: 'Sub', parent: 'top', visibility: 'private', smartRule: null },
    ],
    memberships: [
      { group: 'top', user: 'boss', role: 'admin', since: '2024-01-01T09:00:00Z' },
      { group: 'sub', user: 'ann', role: 'learner', since: '2024-01-01T09:00:00Z' },
    ],
    courses: [
      { ...course('c-1', 'ann'), coAuthors: ['bob', 'old'] },
      { ...course('c-2', 'bob'), parentCourse: 'c-1', translationOf: 'c-1' },
    ],
    paths: [
      {
        id: 'p-1',
        title: 'Path',
        ownerGroup: 'sub',
        mainAuthor: 'ann',
        coAuthors: [],
        courses: ['c-2', 'c-1'],
        enrolment: 'self',
      },
    ],
    groupCourses: [{ group: 'sub', course: 'c-1' }],
    groupPaths: [{ group: 'sub', path: 'p-1' }],
    pathSessions: [
      { ...session('dyn', ['ann']), audience: 'dynamic' },
      { ...session('sta', ['ann', 'bob', 'old']), audience: 'static' },
    ],
    slots: [
      { ...slot('dyn-past', 'dyn', 2025), attendees: ['ann', 'bob', 'old'] },
      { ...slot('dyn-next', 'dyn', 2031), attendees: ['ann'] },
      { ...slot('sta-past', 'sta', 2025), attendees: ['bob', 'old'] },
      { ...slot('sta-next', 'sta', 2031), capacity: 2, attendees: ['bob', 'ann'] },
    ],
    activities: [{ id: 'a-1', course: 'c-1', kind: 'quiz', title: 'Quiz', owner: 'old' }],
    items: [{ id: 'i-1', kind: 'post', author: 'old', title: 'Post' }],
    registrations: [
      { ...registration('ann', 'c-1'), status: 'completed', completedAt: '2025-05-05T12:00:00Z' },
      { ...registration('ann', 'p-1'), status: 'enrolled', completedAt: null },
    ],
    history: [
      { user: 'old', activity: 'c-1', kind: 'attempt', at: '2025-05-05T12:00:00Z', result: { score: 7 } },
    ],
    qualifications: [
      { id: 'q-1', name: 'Able', rule: { '==': [{ var: 'team' }, 'a'] }, activities: ['c-1', 'p-1'] },
    ],
  };
}

/** An entry that a test knows to be there. */
export function entry<Entry>(entries: readonly Entry[], index: number): Entry {
  if (!(index in entries)) throw new RangeError(`no entry ${index}`);
  return entries[index] as Entry;
}

/** Adds an entry once more, with some members changed. */
export function again<Entry extends object>(
  entries: Entry[],
  index: number,
  changes: Partial<Entry> = {},
): void {
  entries.push({ ...entry(entries, index), ...changes });
}

function course(id: string, mainAuthor: string): World['courses'][number] {
  const alone = { coAuthors: [], parentCourse: null, translationOf: null, enrolment: 'admin' } as const;
  return { id, title: id, ownerGroup: 'sub', mainAuthor, ...alone, coAuthors: [] };
}

function session(id: string, participants: string[]): Omit<World['pathSessions'][number], 'audience'> {
  return {
    id,
    path: 'p-1',
    audienceGroups: ['sub'],
    mainInstructor: 'bob',
    coInstructors: ['ann'],
    participants,
  };
}

function slot(id: string, of: string, year: number): Omit<World['slots'][number], 'attendees'> {
  return {
    id,
    session: of,
    startsAt: `${year}-03-03T09:00:00Z`,
    endsAt: `${year}-03-03T10:00:00Z`,
    capacity: null,
  };
}

function registration(
  user: string,
  activity: string,
): Omit<World['registrations'][number], 'status' | 'completedAt'> {
  return { user, activity, method: 'admin', access: true, listedAs: 'current', progress: 0.5 };
}
