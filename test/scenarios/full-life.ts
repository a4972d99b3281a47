import type { World } from '../../contracts/world.ts';
import { past, the, world } from '../support/world-builder.ts';

/**
 * Ada holds one of everything that a user can hold: a role in public and private groups, main positions for each
 * rung of the chain, co-positions, places in sessions and slots, registrations, posts and activities.
 * She can only be deleted with `includePrivateSubgroups`.
 */
export function fullLife(): World {
  return world({
    seats: 20,
    users: [{ id: 'ada', loginSessions: 3, profile: { team: 'sales' }, deletionScheduledOn: '2098-01-01' }],
    deleted: ['old'],
    groups: [
      { id: 'g-closed', parent: 'g-sales', visibility: 'private' },
      { id: 'g-inner', parent: 'g-closed' },
    ],
    members: [
      ['ada', 'learner', 'g-root', '2023-01-01T00:00:00Z'],
      ['ada', 'learner', 'g-sales', '2023-01-02T00:00:00Z'],
      ['ada', 'admin', 'g-sales', '2019-01-01T00:00:00Z'],
      ['ada', 'learner', 'g-closed', '2023-01-03T00:00:00Z'],
      ['ada', 'coach', 'g-inner', '2023-01-04T00:00:00Z'],
      ['gus', 'admin', 'g-sales', '2024-01-01T00:00:00Z'],
      ['bob', 'learner', 'g-sales'],
    ],
    courses: [
      { id: 'c-co', mainAuthor: 'ada', coAuthors: ['old', 'bob', 'cem', 'dan'], ownerGroup: 'g-sales' },
      { id: 'c-group', mainAuthor: 'ada', ownerGroup: 'g-sales' },
      { id: 'c-parent', mainAuthor: 'ada', ownerGroup: 'g-closed' },
      { id: 'c-last', mainAuthor: 'ada', ownerGroup: 'g-inner' },
      { id: 'c-helped', mainAuthor: 'bob', coAuthors: ['cem', 'ada', 'dan'] },
      { id: 'c-other', mainAuthor: 'gus', coAuthors: ['old', 'bob'] },
    ],
    paths: [
      { id: 'p-main', mainAuthor: 'ada', ownerGroup: 'g-sales', courses: ['c-group', 'c-co'] },
      { id: 'p-helped', mainAuthor: 'bob', coAuthors: ['ada', 'cem'] },
    ],
    sessions: [
      {
        id: 's-dynamic',
        path: 'p-helped',
        audience: 'dynamic',
        audienceGroups: ['g-sales'],
        mainInstructor: 'bob',
        participants: ['ada', 'bob'],
      },
      { id: 's-static', path: 'p-main', mainInstructor: 'ada', participants: ['ada', 'bob'] },
      { id: 's-co', path: 'p-main', mainInstructor: 'ada', coInstructors: ['cem', 'bob'] },
      { id: 's-helped', path: 'p-helped', mainInstructor: 'bob', coInstructors: ['ada', 'dan'] },
    ],
    slots: [
      { id: 't-dynamic-past', session: 's-dynamic', attendees: ['ada', 'bob'], ...past },
      { id: 't-dynamic-next', session: 's-dynamic', attendees: ['ada', 'bob'], capacity: 2 },
      { id: 't-static-past', session: 's-static', attendees: ['ada'], ...past },
      { id: 't-static-next', session: 's-static', attendees: ['ada', 'bob'] },
    ],
    activities: [
      { id: 'a-own', course: 'c-co', owner: 'ada' },
      { id: 'a-other', course: 'c-co', owner: 'bob' },
    ],
    items: [
      { id: 'i-post', kind: 'post', author: 'ada' },
      { id: 'i-program', kind: 'program', author: 'ada' },
    ],
    groupCourses: [{ group: 'g-sales', course: 'c-co' }],
    groupPaths: [{ group: 'g-closed', path: 'p-main' }],
    registrations: [
      { user: 'ada', activity: 'c-co' },
      { user: 'ada', activity: 'p-main', method: 'self', status: 'enrolled', progress: 0 },
      {
        user: 'ada',
        activity: 'c-group',
        method: 'auto',
        status: 'completed',
        listedAs: 'completed',
        progress: 1,
        completedAt: '2021-05-01T10:00:00Z',
      },
      { user: 'bob', activity: 'c-co' },
    ],
    history: [
      { user: 'ada', activity: 'c-co' },
      { user: 'ada', activity: 'c-group', kind: 'result' },
    ],
  });
}

/** What the deletion of Ada does to all that, beyond her account and memberships. */
export function afterFullLife(then: World): void {
  Object.assign(the(then.courses, 'c-co'), { mainAuthor: 'bob', coAuthors: ['old', 'cem', 'dan'] });
  the(then.courses, 'c-group').mainAuthor = 'gus';
  the(then.courses, 'c-parent').mainAuthor = 'gus';
  the(then.courses, 'c-last').mainAuthor = 'u-owner';
  the(then.courses, 'c-helped').coAuthors = ['cem', 'dan'];
  the(then.paths, 'p-main').mainAuthor = 'gus';
  the(then.paths, 'p-helped').coAuthors = ['cem'];
  the(then.pathSessions, 's-dynamic').participants = ['bob'];
  the(then.pathSessions, 's-static').mainInstructor = 'gus';
  Object.assign(the(then.pathSessions, 's-co'), { mainInstructor: 'cem', coInstructors: ['bob'] });
  the(then.pathSessions, 's-helped').coInstructors = ['dan'];
  the(then.slots, 't-dynamic-next').attendees = ['bob'];
  the(then.slots, 't-static-next').attendees = ['bob'];
}

/** How many changes of each kind that takes. */
export const fullLifeCounts = {
  'ownership.transfer': 7,
  'co-role.remove': 3,
  'slot.leave': 2,
  'session.leave': 1,
  'membership.remove': 5,
  'account.retire': 1,
};
