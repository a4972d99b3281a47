import { describe, expect, test } from 'vitest';
import { accepts, problemsOf, refuses, spoil } from '../../support/refusals.ts';
import { tinyWorld } from '../../support/tiny-world.ts';

describe('of authors and instructors, a world file', () => {
  refuses(
    'a main author who is a co-author as well',
    (world) => spoil(world.courses[0], { mainAuthor: 'bob' }),
    "$.courses[0].coAuthors[0]: 'bob' is the mainAuthor already",
  );
  refuses(
    'a main instructor who is a co-instructor as well',
    (world) => spoil(world.pathSessions[0], { mainInstructor: 'ann' }),
    "$.pathSessions[0].coInstructors[0]: 'ann' is the mainInstructor already",
  );
  refuses(
    'a deleted main author',
    (world) => spoil(world.paths[0], { mainAuthor: 'old' }),
    "$.paths[0].mainAuthor: 'old' is deleted",
  );
  refuses(
    'a co-author twice',
    (world) => world.courses[0]!.coAuthors.push('bob'),
    "$.courses[0].coAuthors[2]: doubled: 'bob'",
  );
  refuses(
    "a path's course twice",
    (world) => world.paths[0]!.courses.push('c-1'),
    "$.paths[0].courses[2]: doubled: 'c-1'",
  );
});

describe('of classrooms, a world file', () => {
  refuses(
    'a dynamic participant outside of the audience groups',
    (world) => world.pathSessions[0]!.participants.push('bob'),
    "$.pathSessions[0].participants[1]: 'bob' is in none of the audience groups",
  );
  refuses(
    'a deleted dynamic participant',
    (world) => world.pathSessions[0]!.participants.push('old'),
    "$.pathSessions[0].participants[1]: 'old' is deleted",
  );
  refuses(
    'a participant twice',
    (world) => world.pathSessions[1]!.participants.push('ann'),
    "$.pathSessions[1].participants[3]: doubled: 'ann'",
  );
  refuses(
    'an attendee to come who is no participant',
    (world) => world.slots[1]!.attendees.push('bob'),
    "$.slots[1].attendees[1]: 'bob' is not a participant of session 'dyn'",
  );
  refuses(
    'an attendee to come who is deleted, though a participant still',
    (world) => spoil(world.slots[3], { attendees: ['old'] }),
    "$.slots[3].attendees[0]: 'old' is deleted, the slot upcoming",
  );
  refuses(
    'an attendee of the past whom a static session does not know',
    (world) => world.slots[2]!.attendees.push('boss'),
    "$.slots[2].attendees[2]: 'boss' is not a participant of session 'sta'",
  );
  refuses(
    'more attendees than capacity',
    (world) => spoil(world.slots[3], { capacity: 1 }),
    '$.slots[3].attendees: 2 attendees, but a capacity of 1',
  );
  refuses(
    'a slot that ends before it starts',
    (world) => spoil(world.slots[1], { endsAt: '2031-03-03T10:59:59+02:00' }),
    '$.slots[1].endsAt: is before startsAt',
  );

  test('accepts anybody in a slot of a dynamic session from the moment that it begins', () => {
    const world = tinyWorld();
    world.slots[1]?.attendees.push('old');
    expect(problemsOf(world, new Date('2031-03-03T08:59:59.999Z'))).toHaveLength(1);
    expect(problemsOf(world, new Date('2031-03-03T09:00:00Z'))).toEqual([]);
  });
});

describe('of registrations, a world file', () => {
  refuses(
    'a completed one without completedAt',
    (world) => spoil(world.registrations[0], { completedAt: null }),
    '$.registrations[0].completedAt: is missing',
  );
  refuses(
    'completedAt of one that is not completed',
    (world) => spoil(world.registrations[0], { status: 'enrolled' }),
    '$.registrations[0].completedAt: the status is enrolled',
  );
});

describe('of values, a world file', () => {
  const since = (text: string) =>
    problemsOf({
      ...tinyWorld(),
      memberships: [{ ...tinyWorld().memberships[0], since: text }],
      pathSessions: [],
      slots: [],
    });

  test.each([
    '2024-02-29T23:59:59.123456Z',
    '2024-01-01T09:00+15:00',
    '0001-01-01T00:00:00-01:00',
    '9999-12-31T23:59:59Z',
  ])('accepts the instant %s', (text) => expect(since(text)).toEqual([]));

  test.each([
    '2024-01-01T09:00:00',
    '2024-01-01',
    '2026-02-29T09:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T09:00:60Z',
    '2024-01-01T09:00:00.1234567Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '0000-01-01T00:00:00Z',
    '2024-01-01 09:00:00Z',
  ])('refuses the instant %s', (text) => expect(since(text)).toHaveLength(1));

  test.each([
    ['$.platform.timeZone', { timeZone: 'Europe/Atlantis' }],
    ['$.platform.timeZone', { timeZone: '+01:00' }],
    ['$.platform.seats', { seats: -1 }],
    ['$.platform.seats', { seats: 2.5 }],
  ])('refuses at %s %j', (path, members) => {
    const [problem, ...others] = problemsOf({
      ...tinyWorld(),
      platform: { ...tinyWorld().platform, ...members },
    });
    expect(problem?.split(': ')[0]).toBe(path);
    expect(others).toEqual([]);
  });

  test.each([
    ['deletionScheduledOn', '2026-02-30'],
    ['deletionScheduledOn', '2026-2-3'],
    ['email', ' '],
    ['name', 'a\0b'],
    ['name', '\ud800'],
    ['status', 'gone'],
    ['profile', ['nl']],
    ['profile', { at: new Date(0) }],
    ['profile', { n: Number.NaN }],
    ['loginSessions', '1'],
  ])("refuses a user's %s %j", (member, value) => {
    const users = tinyWorld().users.map((user, i) => (i === 1 ? { ...user, [member]: value } : user));
    expect(problemsOf({ ...tinyWorld(), users })).toEqual([
      expect.stringMatching(`^\\$\\.users\\[1\\]\\.${member}: `),
    ]);
  });

  refuses(
    'an empty id',
    (world) => world.items.push({ ...world.items[0]!, id: '' }),
    '$.items[1].id: is empty',
  );
  refuses(
    'a rule that is no JSON object',
    (world) => spoil(world.qualifications[0], { rule: 'team == a' }),
    '$.qualifications[0].rule: is not a JSON object (of at most 100 levels)',
  );
  accepts('any JSON in a profile', (world) =>
    spoil(world.users[1], { profile: { list: [1, null, { deep: true }], '': 'x', ['__proto__']: 1 } }),
  );
});
