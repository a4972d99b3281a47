import type { World } from '../../contracts/world.ts';
import { the } from './world-builder.ts';

/**
 * The R rules over again, one row after the other and without regard for speed, for worlds whose qualifications are all for
 * `team` being `sales`: what the plugin is compared with.
 */
export interface Named {
  user: string;
  activity: string;
}

type Registration = World['registrations'][number];

export function isUnenrolled({ access, listedAs }: Registration): boolean {
  return !access && listedAs === 'completed';
}

export function registrationOf(world: World, { user, activity }: Named): Registration | undefined {
  return world.registrations.find((row) => row.user === user && row.activity === activity);
}

/** */
export function worldUnenrolled(before: World, named: readonly Named[]): World {
  const then = structuredClone(before);
  for (const one of named) {
    const row = registrationOf(then, one);
    if (row && the(then.users, one.user).status === 'active') {
      Object.assign(row, { access: false, listedAs: 'completed' });
    }
  }
  return then;
}

/** */
export function worldRemoved(before: World, named: readonly Named[]): World {
  const then = structuredClone(before);
  for (const { user, activity } of named) {
    const row = registrationOf(before, { user, activity });
    if (!row) continue;
    then.registrations = then.registrations.filter(
      (other) => other.user !== user || other.activity !== activity,
    );
    then.history = then.history.filter((other) => other.user !== user || other.activity !== activity);
    if (isRequired(before, { user, activity })) then.registrations.push(blank(user, activity));
  }
  return sorted(then);
}

/** */
export function worldReconciled(before: World): World {
  const then = structuredClone(before);
  for (const { id: user } of before.users) {
    for (const activity of new Set(before.qualifications.flatMap(({ activities }) => activities))) {
      if (isRequired(before, { user, activity }) && !registrationOf(before, { user, activity })) {
        then.registrations.push(blank(user, activity));
      }
    }
  }
  return sorted(then);
}

function isRequired({ users, qualifications }: World, { user, activity }: Named): boolean {
  const { status, profile } = the(users, user);
  const matches = status === 'active' && (profile as Record<string, unknown>)['team'] === 'sales';
  return matches && qualifications.some(({ activities }) => activities.includes(activity));
}

function blank(user: string, activity: string): Registration {
  return {
    ...{ user, activity, method: 'qualification', status: 'enrolled', access: true },
    ...{ listedAs: 'current', progress: 0, completedAt: null },
  };
}

function sorted(world: World): World {
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  world.registrations.sort((a, b) => order(a.user, b.user) || order(a.activity, b.activity));
  return world;
}
