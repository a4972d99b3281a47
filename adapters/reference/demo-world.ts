import type { World } from '../../contracts/world.ts';
import { pathSessions, slots } from './demo/classroom.ts';
import { activities, courses, groupCourses, groupPaths, items, paths } from './demo/content.ts';
import { groups, memberships, platform, users } from './demo/people.ts';
import { history, qualifications, registrations } from './demo/records.ts';

/**
 * Harbour Coffee: the small world that `npm start` opens with. Its people to delete are
 *
 * - Ada (`ada@example.org`), in public groups only, who leaves courses to every rung of the succession, a path,
 *   two sessions, co-positions, and places in past and upcoming slots;
 * - Grace (`grace@example.org`), who is in a private group too, and in a public one below it.
 *
 * `owner@example.org` owns the platform, `admin@example.org` may do anything to anyone else, and
 * `uma@example.org` is a user-admin of one group.
 */
export function demoWorld(): World {
  return structuredClone({
    platform,
    users,
    groups,
    memberships,
    courses,
    paths,
    groupCourses,
    groupPaths,
    pathSessions,
    slots,
    activities,
    items,
    registrations,
    history,
    qualifications,
  });
}
