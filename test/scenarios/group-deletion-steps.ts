import { expect } from 'vitest';
import type { World } from '../../contracts/world.ts';
import type { Lab } from '../support/lab.ts';
import { admin, past, root, the, world } from '../support/world-builder.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { outcomeIn } from './content-steps.ts';
import { comparable, newly, warningsBeside } from './joining-steps.ts';
import { expectNothingHeldByDeleted, expectWithin, retire } from './steps.ts';
import type { Input, Outcome } from './steps.ts';

/** The platform admin deletes `g-sales`, unless the scenario says otherwise. */
export const deletionOfSales = { group: 'g-sales', requestedBy: admin };

/** What a deletion takes away and does beside that. */
export interface Deletion {
  /** The groups that go, with memberships, links and places in audiences. */
  gone?: string[];
  /** Who owns what they owned. */
  heir?: string;
  /** Users who are deleted. */
  deleted?: string[];
  /** Everything else. */
  edit?: (then: World) => void;
}

/** The groups go with all that they hold, these users are deleted, and in the whole dump nothing else changes but the edit. */
export async function expectGroupDeleted(
  lab: Lab,
  given: World,
  { gone = ['g-sales'], heir = root, deleted = [], edit = () => undefined }: Deletion = {},
  input: Input = {},
): Promise<Outcome> {
  const began = Date.now();
  const asked = { ...deletionOfSales, ...input };
  const outcome = await outcomeIn(lab, given, 'deleteGroup', asked);
  const then = withoutGroups(outcome.before, gone, heir);
  for (const user of deleted) {
    const { deletedAt } = the(outcome.after.users, user);
    expectWithin(deletedAt, began, Date.now());
    retire(then, user, asked.requestedBy, deletedAt);
  }
  edit(then);
  const { after, before, result } = outcome;
  expect(comparable(after, before, began)).toEqual(comparable(then, before, began));
  expectNothingHeldByDeleted(after);
  expect(result).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
  expect(warningsBeside('C-12', result)).toEqual([]);
  expect(result.counts['group.delete']).toBe(gone.length);
  return outcome;
}

/** A dump without these groups and all that says that they were there. */
export function withoutGroups(before: World, gone: readonly string[], heir: string): World {
  const then = structuredClone(before);
  const stays = ({ group }: { group: string }): boolean => !gone.includes(group);
  for (const id of gone) the(then.groups, id);
  then.groups = then.groups.filter(({ id }) => !gone.includes(id));
  then.memberships = then.memberships.filter(stays);
  then.groupCourses = then.groupCourses.filter(stays);
  then.groupPaths = then.groupPaths.filter(stays);
  for (const session of then.pathSessions) {
    session.audienceGroups = session.audienceGroups.filter((group) => !gone.includes(group));
  }
  for (const item of [...then.courses, ...then.paths]) {
    if (gone.includes(item.ownerGroup)) item.ownerGroup = heir;
  }
  return then;
}

/** Takes access from registrations, as `ada c-1`, each of which must be open. */
export function lose(then: World, ...names: string[]): void {
  for (const name of names) {
    const row = then.registrations.find(({ user, activity }) => `${user} ${activity}` === name);
    if (row?.access !== true) throw new Error(`no open registration ${name}`);
    row.access = false;
  }
}

/** Makes somebody a learner. */
export function join(then: World, user: string, group: string): void {
  then.memberships.push({ user, group, role: 'learner', since: newly });
}

/** Takes somebody out of a session and of these slots. */
export function leave(then: World, user: string, session: string, ...slots: string[]): void {
  for (const list of [
    the(then.pathSessions, session).participants,
    ...slots.map((id) => the(then.slots, id).attendees),
  ]) {
    const place = list.indexOf(user);
    if (place === -1) throw new Error(`${user} has no place in ${session} or its slots`);
    list.splice(place, 1);
  }
}

/**
 * Below `g-region`: `g-sales`, below it `g-east` with `g-shop` below, and the private `g-closed` with `g-inner` below. Of
 * the users, `reg` is in the region too, `oth` in another group, the others only in the group that their name begins with.
 */
export const tree: NonNullable<Given['groups']> = [
  {
    id: 'g-sales',
    parent: 'g-region',
    smartRule: { '==': [{ var: 'team' }, 'sales'] },
    name: 'Sales & more',
  },
  { id: 'g-east', parent: 'g-sales' },
  { id: 'g-shop', parent: 'g-east', smartRule: { '==': [{ var: 'team' }, 'shop'] } },
  { id: 'g-closed', parent: 'g-sales', visibility: 'private' },
  { id: 'g-inner', parent: 'g-closed' },
];
export const below = ['g-east', 'g-shop', 'g-closed', 'g-inner'];

/**
 * A region with everything: users who are only somewhere in the tree, who hold courses, paths and sessions there, who
 * are linked to content by it and otherwise, and sessions for it.
 */
export function region(): World {
  const places = ['g-sales', ...below];
  const dynamic = { path: 'p-1', mainInstructor: 'reg', audience: 'dynamic' as const };
  return world({
    deleted: ['old'],
    users: [{ id: 'sal', loginSessions: 2, profile: { team: 'sales' }, deletionScheduledOn: '2098-01-01' }],
    groups: [{ id: 'g-region' }, ...tree],
    members: [
      ['mia', 'admin', 'g-region', '2021-01-01T00:00:00Z'],
      ['sal', 'learner', 'g-sales', '2023-01-01T00:00:00Z'],
      ['sal', 'author', 'g-sales', '2023-01-02T00:00:00Z'],
      ['sam', 'admin', 'g-sales', '2019-01-01T00:00:00Z'],
      ['eas', 'learner', 'g-east'],
      ['sho', 'coach', 'g-shop'],
      ['clo', 'learner', 'g-closed'],
      ['inn', 'user-admin', 'g-inner'],
      ...places.flatMap((group): Member[] => [
        ['reg', 'learner', group],
        ['oth', 'coach', group],
      ]),
      ['reg', 'learner', 'g-region'],
      ['oth', 'learner', 'g-other'],
    ],
    courses: [
      { id: 'c-sales', mainAuthor: 'sal', ownerGroup: 'g-sales' },
      { id: 'c-sub', mainAuthor: 'reg', coAuthors: ['sal', 'old', 'eas'], parentCourse: 'c-sales' },
      { id: 'c-shop', mainAuthor: 'sho', ownerGroup: 'g-shop', coAuthors: ['sal', 'inn'] },
      { id: 'c-inner', mainAuthor: 'inn', ownerGroup: 'g-inner', enrolment: 'self' },
      { id: 'c-region', mainAuthor: 'reg', ownerGroup: 'g-region', enrolment: 'self' },
      { id: 'c-path', mainAuthor: 'reg', enrolment: 'auto' },
      { id: 'c-path-sub', mainAuthor: 'reg', translationOf: 'c-path' },
    ],
    paths: [
      { id: 'p-1', mainAuthor: 'clo', ownerGroup: 'g-closed', courses: ['c-path', 'c-shop'] },
      { id: 'p-region', mainAuthor: 'reg', courses: ['c-inner', 'c-path'] },
    ],
    groupCourses: [
      { group: 'g-sales', course: 'c-sales' },
      { group: 'g-shop', course: 'c-shop' },
      { group: 'g-inner', course: 'c-inner' },
      { group: 'g-region', course: 'c-region' },
      { group: 'g-other', course: 'c-sub' },
    ],
    groupPaths: [
      { group: 'g-closed', path: 'p-1' },
      { group: 'g-east', path: 'p-1' },
      { group: 'g-region', path: 'p-region' },
    ],
    registrations: [
      ...['sal', 'reg', 'oth', 'old'].flatMap((user) => [
        { user, activity: 'c-sales' },
        { user, activity: 'c-sub' },
      ]),
      { user: 'eas', activity: 'p-1', method: 'self', status: 'enrolled', progress: 0 },
      { user: 'eas', activity: 'c-path', progress: 0.7 },
      { user: 'eas', activity: 'c-path-sub', access: false },
      { user: 'eas', activity: 'c-region', access: false, listedAs: 'completed' },
      { user: 'sho', activity: 'c-shop', method: 'auto' },
      { user: 'inn', activity: 'c-inner' },
      { user: 'inn', activity: 'c-region', access: false, progress: 0.9 },
      { user: 'clo', activity: 'c-shop' },
    ],
    history: [{ user: 'sal', activity: 'c-sales' }],
    sessions: [
      {
        id: 's-sales',
        ...dynamic,
        audienceGroups: ['g-sales', 'g-inner'],
        participants: ['sal', 'reg', 'oth', 'inn'],
      },
      {
        id: 's-region',
        ...dynamic,
        audienceGroups: ['g-region', 'g-shop'],
        participants: ['reg', 'sho', 'oth'],
      },
      {
        ...{ id: 's-static', path: 'p-1', mainInstructor: 'clo', coInstructors: ['sal', 'sho'] },
        ...{ audienceGroups: ['g-sales', 'g-other', 'g-east'], participants: ['sal', 'eas', 'reg', 'old'] },
      },
    ],
    slots: [
      { id: 't-sales', session: 's-sales', attendees: ['sal', 'reg', 'inn'], capacity: 3 },
      { id: 't-sales-past', session: 's-sales', attendees: ['sal', 'oth'], ...past },
      { id: 't-region', session: 's-region', attendees: ['sho', 'reg'] },
      { id: 't-static', session: 's-static', attendees: ['sal', 'eas'] },
    ],
    activities: [{ id: 'a-1', course: 'c-sales', owner: 'sal' }],
    items: [{ id: 'i-1', author: 'sal' }],
  });
}

/** What can be said of subgroups and orphans. */
export const fates = ['delete', 'moveToParent'] as const;
