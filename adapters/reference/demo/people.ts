import type { JsonObject } from '../../../contracts/changes.ts';
import type { MembershipRole } from '../../../contracts/facts.ts';
import type { World, WorldRow } from '../../../contracts/world.ts';

function person(
  id: string,
  name: string,
  profile: JsonObject,
  more: Partial<WorldRow<'users'>> = {},
): WorldRow<'users'> {
  const email = `${id.replace(/^u-/, '')}@example.org`;
  const living = { deletedAt: null, deletionKind: null, deletedBy: null, deletionScheduledOn: null };
  return { id, email, name, status: 'active', ...living, profile, loginSessions: 1, ...more };
}

const gone = { status: 'deleted', loginSessions: 0 } as const;

/** Harbour Coffee's people. Ada and Grace are the ones that the tour deletes. */
export const users: World['users'] = [
  person('u-owner', 'Olga Owner', { team: 'management', country: 'NL' }, { loginSessions: 2 }),
  person('u-admin', 'Pia Platform', { team: 'management', country: 'NL' }),
  person('uma', 'Uma User-Admin', { team: 'office', country: 'NL' }),
  person('ada', 'Ada Berg', { team: 'sales', country: 'NL' }, { loginSessions: 3 }),
  person('grace', 'Grace Holt', { team: 'sales', country: 'NL' }),
  person('alan', 'Alan Marsh', { team: 'sales', country: 'GB' }),
  person('hedy', 'Hedy Lang', { team: 'academy', country: 'AT' }),
  person('frances', 'Frances Bell', { team: 'academy', country: 'US' }),
  person('barbara', 'Barbara Lis', { team: 'academy', country: 'PL' }),
  person('edsger', 'Edsger Dijk', { team: 'sales', country: 'NL' }, { loginSessions: 0 }),
  person('radia', 'Radia Pearl', { team: 'support', country: 'US' }),
  person('donald', 'Donald Knox', { team: 'support', country: 'US' }),
  person('joan', 'Joan Clark', { team: 'support', country: 'GB' }, { deletionScheduledOn: '2031-06-30' }),
  person('ken', 'Ken Tome', { team: 'roastery', country: 'NL' }),
  person('mary', 'Mary Wells', { team: 'roastery', country: 'NL' }),
  person('tim', 'Tim Lee', { country: 'GB' }, { loginSessions: 0 }),
  person(
    'karen',
    'Karen Jones',
    { team: 'sales' },
    {
      ...gone,
      deletedAt: '2026-02-11T14:25:31Z',
      deletionKind: 'manual',
      deletedBy: 'u-admin',
    },
  ),
  person(
    'rasmus',
    'Rasmus Lund',
    { team: 'support' },
    {
      ...gone,
      deletedAt: '2026-03-31T22:00:00Z',
      deletionKind: 'automatic',
      deletedBy: 'system',
      deletionScheduledOn: '2026-04-01',
    },
  ),
];

function group(
  id: string,
  name: string,
  parent: string | null,
  visibility: 'public' | 'private',
  smartRule: JsonObject | null = null,
): WorldRow<'groups'> {
  return { id, name, parent, visibility, smartRule };
}

/** Smart groups look at one attribute each. */
const smart = {
  'g-sales': ['team', 'sales'],
  'g-support': ['team', 'support'],
  'g-nl': ['country', 'NL'],
} as const;
const rule = ([attribute, value]: readonly [string, string]): JsonObject => ({
  '==': [{ var: attribute }, value],
});

export const groups: World['groups'] = [
  group('g-all', 'Harbour Coffee', null, 'public'),
  group('g-sales', 'Sales', 'g-all', 'public', rule(smart['g-sales'])),
  group('g-leads', 'Sales leads', 'g-sales', 'private'),
  group('g-leads-nl', 'Sales leads, Netherlands', 'g-leads', 'public'),
  group('g-support', 'Support', 'g-all', 'public', rule(smart['g-support'])),
  group('g-nl', 'Netherlands', 'g-all', 'public', rule(smart['g-nl'])),
  group('g-academy', 'Academy', 'g-all', 'public'),
  group('g-trainers', 'Trainers', 'g-academy', 'public'),
  group('g-roastery', 'Roastery', 'g-all', 'public'),
  group('g-lab', 'Tasting lab', 'g-roastery', 'public'),
];

function member(user: string, role: MembershipRole, of: string, since: string): WorldRow<'memberships'> {
  return { group: of, user, role, since: `${since}T09:00:00Z` };
}

const smartMembers = Object.entries(smart).flatMap(([id, [attribute, value]]) =>
  users
    .filter(({ status, profile }) => status === 'active' && profile[attribute] === value)
    .map((user) => member(user.id, 'learner', id, '2025-01-06')),
);

export const memberships: World['memberships'] = [
  ...smartMembers,
  member('u-owner', 'admin', 'g-all', '2023-01-02'),
  member('u-admin', 'admin', 'g-all', '2023-01-09'),
  member('uma', 'user-admin', 'g-sales', '2024-05-01'),
  member('ada', 'author', 'g-academy', '2024-02-01'),
  member('ada', 'coach', 'g-trainers', '2024-02-01'),
  member('alan', 'author', 'g-academy', '2024-03-01'),
  member('alan', 'admin', 'g-sales', '2024-03-01'),
  member('grace', 'learner', 'g-leads', '2025-02-03'),
  member('grace', 'learner', 'g-leads-nl', '2025-02-03'),
  member('edsger', 'admin', 'g-leads', '2024-06-03'),
  // Of the academy's two admins Hedy has been one for longer; the trainers have none of their own.
  member('hedy', 'admin', 'g-academy', '2023-09-04'),
  member('frances', 'admin', 'g-academy', '2024-09-02'),
  member('barbara', 'coach', 'g-trainers', '2024-02-01'),
  member('radia', 'admin', 'g-support', '2025-01-06'),
  // Neither the lab nor the roastery above it has an admin.
  member('ken', 'learner', 'g-lab', '2025-04-07'),
  member('mary', 'author', 'g-roastery', '2025-04-07'),
];

export const platform: World['platform'] = {
  timeZone: 'Europe/Amsterdam',
  owner: 'u-owner',
  rootGroup: 'g-all',
  seats: 25,
};
