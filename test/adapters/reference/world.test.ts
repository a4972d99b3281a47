import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { demoWorld } from '../../../adapters/reference/demo-world.ts';
import { WorldRefused, canonicalWorld, parseWorld } from '../../../contracts/world.ts';
import { arbitraryWorld } from '../../support/arbitrary-world.ts';
import { problemsOf, refusals } from '../../support/refusals.ts';
import { entry, tinyWorld } from '../../support/tiny-world.ts';

/** A world whose optional members may be missing. */
interface PartlyLeftOut {
  platform: { seats?: unknown };
  users: { profile?: unknown; loginSessions?: unknown }[];
  groups: { smartRule?: unknown }[];
}

describe('a world file', () => {
  test('is accepted as it is when nothing is wrong with it', () => {
    expect(parseWorld(tinyWorld())).toEqual(tinyWorld());
    expect(parseWorld(demoWorld())).toEqual(demoWorld());
  });

  test('may leave out seats, smartRule, profile and loginSessions, and gets their defaults', () => {
    const world = structuredClone(tinyWorld()) as PartlyLeftOut;
    delete world.platform.seats;
    for (const group of world.groups) delete group.smartRule;
    for (const user of world.users) {
      delete user.profile;
      delete user.loginSessions;
    }
    expect(parseWorld(world)).toEqual(tinyWorld());
  });

  test('of random content is accepted when it is valid', () => {
    fc.assert(
      fc.property(arbitraryWorld(), (world) => {
        expect(parseWorld(world)).toEqual(world);
      }),
    );
  });

  test('that was valid once stays valid', () => {
    fc.assert(
      fc.property(
        arbitraryWorld(),
        fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
        (world, at) => {
          if (problemsOf(world, at).length === 0)
            expect(problemsOf(world, new Date(at.getTime() + 1e12))).toEqual([]);
        },
      ),
    );
  });

  test('is canonical in one form only, whatever its order, offsets and fractions', () => {
    const world = tinyWorld();
    const other = tinyWorld();
    other.users.reverse();
    other.memberships[0] = { ...entry(world.memberships, 0), since: '2024-01-01T10:30:00.000+01:30' };
    other.pathSessions[1]?.participants.reverse();
    other.qualifications[0]?.activities.reverse();
    expect(JSON.stringify(canonicalWorld(other))).toBe(JSON.stringify(canonicalWorld(world)));
    other.courses[0]?.coAuthors.reverse();
    expect(canonicalWorld(other)).not.toEqual(canonicalWorld(world));
  });
});

describe('a world file with mistakes', () => {
  test('is refused with every mistake and its path in one go, those beside wrong types too', () => {
    const found = refusals((world) => {
      Object.assign(entry(world.users, 1), { name: 5, nick: 'A' });
      Object.assign(entry(world.courses, 0), { mainAuthor: 7, coAuthors: ['bob', 3, 'bob', 'nobody'] });
      Object.assign(entry(world.groups, 1), { id: ['sub'], parent: 'nowhere' });
      Object.assign(world, { items: undefined, 'odd name': [] });
      entry(world.registrations, 1).progress = 1.5;
    });
    expect(found).toEqual([
      '$.users[1].name: Invalid input: expected string, received number',
      '$.users[1].nick: unknown member',
      '$.groups[1].id: Invalid input: expected string, received array',
      '$.courses[0].mainAuthor: Invalid input: expected string, received number',
      '$.courses[0].coAuthors[1]: Invalid input: expected string, received number',
      '$.items: is missing',
      '$.registrations[1].progress: is above 1',
      '$["odd name"]: unknown member',
      "$.courses[0].coAuthors[2]: doubled: 'bob'",
      "$.groups[1].parent: no group 'nowhere'",
      "$.memberships[1].group: no group 'sub'",
      "$.courses[0].ownerGroup: no group 'sub'",
      "$.courses[0].coAuthors[3]: no user 'nobody'",
      "$.courses[1].ownerGroup: no group 'sub'",
      "$.paths[0].ownerGroup: no group 'sub'",
      "$.groupCourses[0].group: no group 'sub'",
      "$.groupPaths[0].group: no group 'sub'",
      "$.pathSessions[0].audienceGroups[0]: no group 'sub'",
      "$.pathSessions[1].audienceGroups[0]: no group 'sub'",
    ]);
  });

  test('says all of them in its message', () => {
    const refused = new WorldRefused([
      { path: '$.a', message: 'x' },
      { path: '$.b', message: 'y' },
    ]);
    expect(refused.message).toBe('the world has 2 problems\n$.a: x\n$.b: y');
  });

  test.each([[null], [[]], ['world'], [7], [undefined]])(
    'is refused when it is no object at all: %j',
    (json) => {
      expect(problemsOf(json)[0]).toMatch(/^\$: /);
    },
  );

  test('is refused, and no worse, however it is broken', () => {
    const junk = fc.oneof(fc.jsonValue(), fc.constant(undefined));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(tinyWorld())), junk, junk, (member, list, entry) => {
        expect(() => problemsOf({ ...tinyWorld(), [member]: list })).not.toThrow();
        expect(() => problemsOf({ ...tinyWorld(), [member]: [entry, entry] })).not.toThrow();
      }),
    );
  });
});
