import type { World, WorldRow } from '../../../contracts/world.ts';
import type { Blueprint } from './blueprint.ts';
import type { Content } from './build-content.ts';
import type { People } from './build-people.ts';
import { choose, chooseSome, distinct } from './choose.ts';

/** What people did, and have to do. */
export type Records = Pick<World, 'registrations' | 'history' | 'qualifications'>;

export function buildRecords(plan: Blueprint, { users }: People, { courses, paths }: Content): Records {
  const activities = [...courses, ...paths].map(({ id }) => id);
  const registrations = plan.registrations.map(({ user, activity, ...choice }): WorldRow<'registrations'> => {
    const completedAt = choice.status === 'completed' ? '2025-01-31T23:59:59.999Z' : null;
    return {
      user: choose(users, user)?.id ?? '',
      activity: choose(activities, activity) ?? '',
      ...choice,
      completedAt,
    };
  });
  const history = plan.history.map(({ user, activity, at, score }) => ({
    user: choose(users, user)?.id ?? '',
    activity: choose(activities, activity) ?? '',
    kind: 'attempt',
    at,
    result: { score },
  }));
  return {
    registrations: activities.length === 0 ? [] : distinct(registrations, 'user', 'activity'),
    history: activities.length === 0 ? [] : history,
    qualifications: plan.qualifications.map((required, i) => ({
      id: `q-${i}`,
      name: `Qualification ${i}`,
      rule: { '==': [{ var: 'team' }, 'sales'] },
      activities: chooseSome(activities, required),
    })),
  };
}
