import type { World } from '../../contracts/world.ts';
import type { OperationResult } from '../../contracts/operations.ts';
import type { Lab, Running } from '../support/lab.ts';
import { admin, world } from '../support/world-builder.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { completed } from './content-steps.ts';
import { untilState } from './steps.ts';
import type { Input } from './steps.ts';

/** Rules of qualifications over the profile. */
export const inSales = { '==': [{ var: 'team' }, 'sales'] };
export const anybody = { '==': [1, 1] };

/**
 * Ada is in sales, Bob is not; both, and the deleted Old, who was in sales, are registered for the course `c-1`, its sub-course
 * `c-sub`, the course `c-2` and the path `p-1`, which has both; with a history, and places in a session. Gus administers
 * the group that owns `c-1` and `p-1`, Hal the one that owns `c-2`.
 */
export function academy(more: Given = {}): World {
  const members: Member[] = [
    ['gus', 'admin', 'g-one'],
    ['hal', 'admin', 'g-two'],
    ['uma', 'user-admin', 'g-one'],
    ['ann', 'author', 'g-one'],
    ['ada', 'learner', 'g-team'],
    ['bob', 'learner', 'g-team'],
  ];
  const learners = ['ada', 'bob', 'old'];
  const activities = ['c-1', 'c-sub', 'c-2', 'p-1'];
  return world({
    users: [
      { id: 'ada', profile: { team: 'sales' } },
      { id: 'bob', profile: { team: 'support' } },
      { id: 'old', status: 'deleted', profile: { team: 'sales' } },
    ],
    members,
    courses: [
      { id: 'c-1', mainAuthor: 'pam', ownerGroup: 'g-one' },
      { id: 'c-sub', mainAuthor: 'pam', ownerGroup: 'g-one', parentCourse: 'c-1' },
      { id: 'c-2', mainAuthor: 'pam', ownerGroup: 'g-two' },
    ],
    paths: [{ id: 'p-1', mainAuthor: 'pam', ownerGroup: 'g-one', courses: ['c-1', 'c-2'] }],
    groupPaths: [{ group: 'g-team', path: 'p-1' }],
    sessions: [{ id: 's-1', path: 'p-1', mainInstructor: 'pam', participants: ['ada', 'bob'] }],
    slots: [{ id: 't-1', session: 's-1', attendees: ['ada'] }],
    registrations: learners.flatMap((user) =>
      activities.map((activity) => ({ user, activity, ...(activity === 'c-2' ? completed : {}) })),
    ),
    history: learners.flatMap((user) => [
      { user, activity: 'c-1' },
      { user, activity: 'c-1', at: '2021-03-01T10:00:00Z' },
      { user, activity: 'c-1', kind: 'result' },
      { user, activity: 'c-2' },
    ]),
    ...more,
  });
}

/** The dump once these registrations, as `ada c-1`, have been unenrolled; all of them must be there. */
export function unenrolled(before: World, ...names: string[]): World {
  return edited(before, names, (row) => Object.assign(row, { access: false, listedAs: 'completed' }));
}

/** The dump once these registrations are gone with their history; all of them must be there. */
export function removed(before: World, ...names: string[]): World {
  const then = edited(before, names, () => undefined);
  const stays = (row: { user: string; activity: string }): boolean => !names.includes(nameOf(row));
  then.registrations = then.registrations.filter(stays);
  then.history = then.history.filter(stays);
  return then;
}

/** The dump with these registrations because of a qualification, blank. */
export function enrolled(before: World, ...names: string[]): World {
  const then = structuredClone(before);
  for (const name of names) {
    const [user = '', activity = ''] = name.split(' ');
    then.registrations.push({
      ...{ user, activity, method: 'qualification', status: 'enrolled', access: true },
      ...{ listedAs: 'current', progress: 0, completedAt: null },
    });
  }
  then.registrations.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return then;
}

function edited(
  before: World,
  names: readonly string[],
  edit: (row: World['registrations'][number]) => unknown,
): World {
  const then = structuredClone(before);
  for (const name of names) {
    const row = then.registrations.find((candidate) => nameOf(candidate) === name);
    if (!row) throw new Error(`no registration ${name}`);
    edit(row);
  }
  return then;
}

function nameOf({ user, activity }: { user: string; activity: string }): string {
  return `${user} ${activity}`;
}

/** Starts an operation so that it waits for approval. */
export async function waiting(
  lab: Lab,
  workflow: string,
  input: Input,
): Promise<Running & { planHash: string }> {
  const running = await lab.start(workflow, { requestedBy: admin, ...input });
  const { planHash } = await untilState(running, 'waiting-for-approval');
  return Object.assign(running, { planHash });
}

/** Removes registrations, with the approval that this takes. */
export async function remove(
  lab: Lab,
  input: Input,
  meanwhile?: () => Promise<unknown>,
): Promise<OperationResult> {
  const running = await waiting(lab, 'removeRegistrations', input);
  await meanwhile?.();
  await running.update('approve', { by: admin, planHash: running.planHash });
  return running.result();
}
