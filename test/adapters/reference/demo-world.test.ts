import { describe, expect, test } from 'vitest';
import { demoWorld } from '../../../adapters/reference/demo-world.ts';
import { parseWorld } from '../../../contracts/world.ts';

const world = parseWorld(demoWorld());
const groupsOf = (user: string) =>
  world.memberships.filter((it) => it.user === user).map(({ group }) => group);
const isPrivate = (id: string) => world.groups.find((group) => group.id === id)?.visibility === 'private';
const adminsOf = (group: string) =>
  world.memberships.filter((it) => it.group === group && it.role === 'admin');
const parentOf = (id: string) => world.groups.find((group) => group.id === id)?.parent ?? '';

describe('the demo world', () => {
  test('has everybody whom the tour names, under the addresses that it names', () => {
    const emails = world.users.filter(({ status }) => status === 'active').map(({ email }) => email);
    for (const name of ['owner', 'admin', 'uma', 'ada', 'grace'])
      expect(emails).toContain(`${name}@example.org`);
  });

  test('has Ada leave a course to every rung of the succession', () => {
    const rungs = world.courses
      .filter(({ mainAuthor }) => mainAuthor === 'ada')
      .map(({ coAuthors, ownerGroup }) => {
        if (coAuthors.length > 0) return 'co-author';
        if (adminsOf(ownerGroup).length > 0) return 'admin';
        return adminsOf(parentOf(ownerGroup)).length > 0 ? "parent's admin" : 'owner';
      });
    expect(rungs).toEqual(['co-author', 'admin', "parent's admin", 'owner']);
    expect(world.paths.some(({ mainAuthor }) => mainAuthor === 'ada')).toBe(true);
    expect(world.pathSessions.some(({ mainInstructor }) => mainInstructor === 'ada')).toBe(true);
  });

  test('has Ada in past and upcoming slots, of dynamic and static sessions, and in public groups only', () => {
    const attended = world.slots.filter(({ attendees }) => attendees.includes('ada'));
    expect(new Set(attended.map(({ startsAt }) => startsAt.slice(0, 4)))).toEqual(new Set(['2026', '2031']));
    const sessions = world.pathSessions.filter(({ participants }) => participants.includes('ada'));
    expect(new Set(sessions.map(({ audience }) => audience))).toEqual(new Set(['dynamic', 'static']));
    expect(groupsOf('ada').filter(isPrivate)).toEqual([]);
  });

  test('has Grace in a private group and in a public one below it', () => {
    const hidden = groupsOf('grace').filter(isPrivate);
    expect(hidden).toHaveLength(1);
    expect(groupsOf('grace').some((id) => !isPrivate(id) && hidden.includes(parentOf(id)))).toBe(true);
  });
});
