import type { World, WorldRow } from '../../../contracts/world.ts';
import type { Blueprint } from './blueprint.ts';
import { choose, distinct, named } from './choose.ts';

/** The part of a world that everything else refers to. */
export type People = Pick<World, 'platform' | 'users' | 'groups' | 'memberships'>;

export function buildPeople(plan: Blueprint): People {
  const users = buildUsers(plan);
  const groups = buildGroups(plan);
  const living = users.filter(({ status }) => status === 'active');
  const memberships = plan.memberships.map(({ user, group, role, since }): WorldRow<'memberships'> => {
    return { group: choose(groups, group)?.id ?? '', user: choose(living, user)?.id ?? '', role, since };
  });
  return {
    platform: { timeZone: plan.timeZone, owner: 'u-0', rootGroup: 'g-0', seats: plan.seats },
    users,
    groups,
    memberships: distinct(memberships, 'group', 'user', 'role'),
  };
}

function buildUsers(plan: Blueprint): World['users'] {
  const ids = named('u', plan.users);
  return plan.users.map((choice, i) => {
    const id = ids[i] ?? '';
    // The owner lives. A deleted user may have anybody's email.
    const deleted = choice.deleted && i > 0;
    const emailOf = deleted && choice.emailOf !== null ? choose(ids, choice.emailOf) : id;
    return {
      id,
      email: `${deleted ? emailOf?.toUpperCase() : id}@example.org`,
      name: `Name of ${id}`,
      status: deleted ? 'deleted' : 'active',
      ...(deleted ? deletion(choice, choose(ids, choice.deletedBy)) : living),
      deletionScheduledOn: choice.scheduled,
      profile: choice.team === null ? {} : { team: choice.team },
      loginSessions: deleted ? 0 : choice.loginSessions,
    };
  });
}

type Deletion = Pick<WorldRow<'users'>, 'deletedAt' | 'deletionKind' | 'deletedBy'>;

const living: Deletion = { deletedAt: null, deletionKind: null, deletedBy: null };

function deletion({ deletion: kind }: Blueprint['users'][number], by: string | undefined): Deletion {
  if (kind === 'unrecorded') return living;
  if (kind === 'automatic')
    return { deletedAt: '2024-03-01T00:00:00Z', deletionKind: kind, deletedBy: 'system' };
  return { deletedAt: '2024-03-01T10:20:30.5Z', deletionKind: kind, deletedBy: by ?? null };
}

/** A tree: every group hangs below an earlier one. */
function buildGroups(plan: Blueprint): World['groups'] {
  return plan.groups.map(({ parent, visibility, smart }, i) => ({
    id: `g-${i}`,
    name: `Group ${i}`,
    parent: i === 0 ? null : `g-${parent % i}`,
    visibility,
    smartRule: smart === null ? null : { '==': [{ var: 'team' }, smart] },
  }));
}
