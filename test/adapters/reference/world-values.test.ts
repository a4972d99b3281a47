import { describe, expect, test } from 'vitest';
import { accepts, problemsOf, refuses, spoil } from '../../support/refusals.ts';
import { again, tinyWorld } from '../../support/tiny-world.ts';

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

  refuses('an empty id', (world) => again(world.items, 0, { id: '' }), '$.items[1].id: is empty');
  refuses(
    'a rule that is no JSON object',
    (world) => spoil(world.qualifications[0], { rule: 'team == a' }),
    '$.qualifications[0].rule: is not a JSON object (of at most 100 levels)',
  );
  accepts('any JSON in a profile', (world) =>
    spoil(world.users[1], { profile: { list: [1, null, { deep: true }], '': 'x', ['__proto__']: 1 } }),
  );
});
