import fc from 'fast-check';

/**
 * The free choices behind a random world. Numbers pick from whatever is there when the world is built (modulo its
 * length), so that every blueprint makes a valid world and shrinks well: to few, early and simple things.
 */
export type Blueprint = ReturnType<typeof blueprint> extends fc.Arbitrary<infer Value> ? Value : never;

const pick = fc.nat({ max: 23 });
const picks = (maxLength: number) => fc.array(pick, { maxLength, size: 'max' });
const few = <Value>(value: fc.Arbitrary<Value>, maxLength: number) =>
  fc.array(value, { maxLength, size: 'max' });
const option = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });

/** Few instants, so that many things happen at the same one. */
const since = fc.constantFrom(
  '2024-05-01T09:00:00Z',
  '2024-05-01T09:00:00.000001Z',
  '2023-01-01T00:30:00+01:00',
);

const user = fc.record({
  deleted: fc.constantFrom(false, false, false, true),
  deletion: fc.constantFrom('manual', 'automatic', 'unrecorded'),
  deletedBy: pick,
  emailOf: option(pick),
  scheduled: option(fc.constantFrom('2020-02-29', '2031-12-31')),
  team: fc.constantFrom('sales', 'support', null),
  loginSessions: fc.nat({ max: 2 }),
});

const group = fc.record({
  parent: pick,
  visibility: fc.constantFrom('public', 'private'),
  smart: fc.constantFrom(null, 'sales', 'support'),
});

/** Admins more often than in life: successions are decided by them. */
const membership = fc.record({
  user: pick,
  group: pick,
  role: fc.constantFrom('learner', 'admin', 'admin', 'coach', 'author', 'user-admin'),
  since,
});

const holders = { main: pick, co: picks(5) };
const enrolment = fc.constantFrom('self', 'admin', 'auto');
const course = fc.record({
  ownerGroup: pick,
  ...holders,
  parent: option(pick),
  translationOf: option(pick),
  enrolment,
});
const path = fc.record({ ownerGroup: pick, ...holders, courses: picks(4), enrolment });

const session = fc.record({
  path: pick,
  audience: fc.constantFrom('dynamic', 'static'),
  audienceGroups: picks(4),
  ...holders,
  participants: picks(8),
});

const slot = fc.record({
  session: pick,
  year: fc.constantFrom(2021, 2025, 2031, 2032),
  spare: option(fc.nat({ max: 2 })),
  attendees: picks(8),
});

const registration = fc.record({
  user: pick,
  activity: pick,
  method: fc.constantFrom('admin', 'self', 'auto', 'qualification'),
  status: fc.constantFrom('enrolled', 'in_progress', 'completed'),
  access: fc.boolean(),
  listedAs: fc.constantFrom('current', 'completed'),
  progress: fc.constantFrom(0, 0.1, 1 / 3, 1),
});

const event = fc.record({ user: pick, activity: pick, at: since, score: fc.nat({ max: 3 }) });

/** All choices of a world of 3 to 12 users and 1 to 8 groups. */
export const blueprint = () =>
  fc.record({
    timeZone: fc.constantFrom('Europe/Amsterdam', 'America/Sao_Paulo', 'UTC'),
    seats: option(fc.nat({ max: 12 })),
    users: fc.array(user, { minLength: 3, maxLength: 12, size: 'max' }),
    groups: fc.array(group, { minLength: 1, maxLength: 8, size: 'max' }),
    memberships: few(membership, 30),
    courses: few(course, 6),
    paths: few(path, 4),
    groupCourses: few(fc.tuple(pick, pick), 6),
    groupPaths: few(fc.tuple(pick, pick), 4),
    sessions: few(session, 4),
    slots: few(slot, 6),
    activities: few(fc.tuple(pick, pick), 4),
    items: picks(3),
    registrations: few(registration, 12),
    history: few(event, 5),
    qualifications: few(picks(3), 2),
  });
