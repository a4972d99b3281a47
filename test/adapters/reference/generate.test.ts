import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateWorld } from '../../../adapters/reference/generate-world.ts';
import type { GenerateOptions } from '../../../adapters/reference/generate-world.ts';
import { shapeNames } from '../../../adapters/reference/generate/shapes.ts';
import { parseWorld } from '../../../contracts/world.ts';
import type { World } from '../../../contracts/world.ts';

async function generated(options: Omit<GenerateOptions, 'write'>): Promise<string> {
  let whole = '';
  await generateWorld({
    ...options,
    write: (text) => {
      whole += text;
    },
  });
  return whole;
}

async function worldOf(options: Omit<GenerateOptions, 'write'>): Promise<World> {
  return parseWorld(JSON.parse(await generated(options)));
}

/** How many entries have each value of something, largest first. */
function tally(values: readonly string[]): number[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()].sort((a, b) => b - a);
}

describe('a generated world', () => {
  test('is valid for every size, seed and shape, as soon as 2026 and as late as 2031', async () => {
    const shape = fc.constantFrom(undefined, ...shapeNames);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), fc.string(), shape, async (users, seed, shape) => {
        const json: unknown = JSON.parse(await generated({ users, seed, shape }));
        expect(parseWorld(json, new Date('2026-01-01T00:00:00Z')).users).toHaveLength(users);
        expect(parseWorld(json, new Date('2031-06-01T00:00:00Z')).users).toHaveLength(users);
      }),
      { numRuns: 40 },
    );
  });

  test('is the same to the byte for the same seed, and another for another', async () => {
    const text = await generated({ users: 300, seed: 7 });
    expect(await generated({ users: 300, seed: '7' })).toBe(text);
    expect(await generated({ users: 300, seed: 8 })).not.toBe(text);
  });

  test('comes in pieces, waits for each to be taken, and stops where that fails', async () => {
    let taking = 0;
    let pieces = 0;
    const write = async (text: string) => {
      expect(text.length).toBeLessThan(100_000);
      expect(++taking).toBe(1);
      await new Promise(setImmediate);
      taking--;
      if (++pieces === 3) throw new Error('disk full');
    };
    await expect(generateWorld({ users: 1_000, seed: 1, write })).rejects.toThrow('disk full');
    expect(pieces).toBe(3);
  });

  test('has at least its owner', async () => {
    await expect(generated({ users: 0, seed: 1 })).rejects.toThrow(RangeError);
    await expect(generated({ users: 1.5, seed: 1 })).rejects.toThrow(RangeError);
  });
});

describe.each(shapeNames)('a generated %s', (shape) => {
  const loaded = worldOf({ users: 2_000, seed: 3, shape });

  test('has only addresses that cannot exist', async () => {
    const { users } = await loaded;
    expect(users.filter(({ email }) => !/^u\d+@example\.org$/.test(email))).toEqual([]);
  });

  test('has few large groups and many small ones, in a deep tree, public and private', async () => {
    const { groups, memberships } = await loaded;
    const sizes = tally(memberships.filter(({ role }) => role === 'learner').map(({ group }) => group));
    expect(sizes[0]).toBeGreaterThan(5 * (sizes[Math.floor(sizes.length / 2)] ?? 0));
    const parents = new Map(groups.map(({ id, parent }) => [id, parent]));
    const depthOf = (id: string | null | undefined): number =>
      id == null ? 0 : 1 + depthOf(parents.get(id));
    expect(Math.max(...groups.map(({ id }) => depthOf(id)))).toBeGreaterThan(4);
    expect(new Set(groups.map(({ visibility }) => visibility)).size).toBe(2);
  });

  test('has users who own much, co-lists from none to many, and the deleted in some', async () => {
    const { courses, users } = await loaded;
    expect(tally(courses.map(({ mainAuthor }) => mainAuthor))[0]).toBeGreaterThan(3);
    expect(Math.min(...courses.map(({ coAuthors }) => coAuthors.length))).toBe(0);
    expect(Math.max(...courses.map(({ coAuthors }) => coAuthors.length))).toBeGreaterThan(3);
    const deleted = users.filter(({ status }) => status === 'deleted');
    expect(deleted.length).toBeGreaterThan(40);
    expect(new Set(deleted.map(({ deletionKind }) => deletionKind))).toEqual(
      new Set(['manual', 'automatic']),
    );
  });

  test('has smart groups with exactly those whom their rule matches', async () => {
    const { groups, memberships, users } = await loaded;
    const smart = groups.filter(({ smartRule }) => smartRule !== null);
    expect(smart.length).toBeGreaterThan(1);
    for (const { id, smartRule } of smart) {
      const [{ var: attribute }, value] = smartRule?.['=='] as [{ var: string }, string];
      const matching = users.filter(
        ({ status, profile }) => status === 'active' && profile[attribute] === value,
      );
      const learners = memberships.filter(({ group, role }) => group === id && role === 'learner');
      expect(learners.map(({ user }) => user).sort()).toEqual(matching.map((user) => user.id).sort());
    }
  });

  test('has past and upcoming slots of dynamic and static sessions, and people in them', async () => {
    const { pathSessions, slots } = await loaded;
    const kinds = slots
      .filter(({ attendees }) => attendees.length > 0)
      .map(({ session, startsAt }) => {
        return `${pathSessions.find(({ id }) => id === session)?.audience} ${startsAt.slice(0, 4)}`;
      });
    expect(new Set(kinds)).toEqual(new Set(['dynamic 2025', 'dynamic 2031', 'static 2025', 'static 2031']));
  });

  test('has registrations of every method and state, and living users in no group', async () => {
    const { registrations, users, memberships } = await loaded;
    const states = registrations.map(({ method, status }) => `${method} ${status}`);
    expect(new Set(states).size).toBe(12);
    expect(registrations.some(({ access, listedAs }) => !access && listedAs === 'current')).toBe(true);
    expect(registrations.some(({ access, listedAs }) => !access && listedAs === 'completed')).toBe(true);
    const members = new Set(memberships.map(({ user }) => user));
    expect(users.some(({ id, status }) => status === 'active' && !members.has(id))).toBe(true);
  });
});
