import { describe } from 'vitest';
import { accepts, refuses, spoil } from '../../support/refusals.ts';
import { again, entry } from '../../support/tiny-world.ts';

describe('of keys, a world file', () => {
  refuses(
    'a user twice',
    (world) => again(world.users, 1, { email: 'other' }),
    '$.users[4].id: doubled: $.users[1] has this id too',
  );
  refuses(
    'a membership twice',
    (world) => again(world.memberships, 1, { since: '2025-01-01T00:00:00Z' }),
    '$.memberships[2]: doubled: $.memberships[1] has this group, user, role too',
  );
  accepts('two roles of a user in a group', (world) => again(world.memberships, 1, { role: 'admin' }));
  refuses(
    'a registration twice',
    (world) => again(world.registrations, 1),
    '$.registrations[2]: doubled: $.registrations[1] has this user, activity too',
  );
  refuses(
    'a link twice',
    (world) => again(world.groupPaths, 0),
    '$.groupPaths[1]: doubled: $.groupPaths[0] has this group, path too',
  );
  refuses(
    "a path with a course's id",
    (world) => again(world.paths, 0, { id: 'c-1' }),
    "$.paths[1].id: doubled: 'c-1' is a course's id too",
  );
  accepts('one id for things of different kinds', (world) => again(world.items, 0, { id: 'ann' }));
  accepts('history twice', (world) => again(world.history, 0));
});

describe('of references, a world file', () => {
  refuses(
    'an owner unheard of',
    (world) => spoil(world.platform, { owner: 'x' }),
    "$.platform.owner: no user 'x'",
  );
  refuses(
    'a group unheard of',
    (world) => spoil(world.memberships[0], { group: 'g-9' }),
    "$.memberships[0].group: no group 'g-9'",
  );
  refuses(
    'a deletion by somebody unheard of',
    (world) => spoil(world.users[3], { deletedBy: 'x' }),
    "$.users[3].deletedBy: no user or system 'x'",
  );
  accepts('a deletion by the system', (world) => spoil(world.users[3], { deletedBy: 'system' }));
  refuses(
    'a registration for something unheard of',
    (world) => spoil(world.registrations[0], { activity: 'x' }),
    "$.registrations[0].activity: no course or path 'x'",
  );
  refuses(
    'a requirement unheard of',
    (world) => entry(world.qualifications, 0).activities.push('x'),
    "$.qualifications[0].activities[2]: no course or path 'x'",
  );
  refuses(
    'a slot of no session',
    (world) => spoil(world.slots[0], { session: 'x' }),
    "$.slots[0].session: no session 'x'",
  );
});

describe('of users, a world file', () => {
  refuses(
    'a deleted owner',
    (world) => spoil(world.platform, { owner: 'old' }),
    '$.platform.owner: is deleted',
  );
  refuses(
    'two living users with one email, whatever its case and outer spaces',
    (world) => spoil(world.users[1], { email: ' BOSS@Example.org ' }),
    '$.users[1].email: doubled: $.users[0], a living user, has this email too',
  );
  accepts("a deleted user with a living one's email", (world) =>
    spoil(world.users[3], { email: 'ann@example.org' }),
  );
  refuses(
    'a user by the name of the system',
    (world) => again(world.users, 1, { id: 'system', email: 'other' }),
    "$.users[4].id: 'system' is not a person's id",
  );
  refuses(
    'a deleted user with logins',
    (world) => spoil(world.users[3], { loginSessions: 1 }),
    '$.users[3].loginSessions: a deleted user has no logins',
  );
  refuses(
    'a deleted user with a membership',
    (world) => again(world.memberships, 1, { user: 'old' }),
    "$.memberships[2].user: 'old' is deleted",
  );
  refuses(
    'an active user with a deletion',
    (world) =>
      spoil(world.users[1], { deletedAt: '2026-01-01T00:00:00Z', deletionKind: 'manual', deletedBy: 'boss' }),
    '$.users[1].deletedAt: an active user has not been deleted',
    '$.users[1].deletionKind: an active user has not been deleted',
    '$.users[1].deletedBy: an active user has not been deleted',
  );
  accepts('a deletion of which there is no record', (world) =>
    spoil(world.users[3], { deletedAt: null, deletionKind: null, deletedBy: null }),
  );
});

describe('of trees, a world file', () => {
  refuses(
    'two roots',
    (world) => spoil(world.groups[1], { parent: null }),
    '$.groups[1].parent: a second root: $.groups[0] has no parent either',
  );
  refuses(
    'a root that is not rootGroup',
    (world) => spoil(world.platform, { rootGroup: 'sub' }),
    "$.platform.rootGroup: 'sub' is not the root of the groups",
  );
  refuses(
    'groups in a circle',
    (world) => spoil(world.groups[0], { parent: 'sub' }),
    "$.platform.rootGroup: 'top' is not the root of the groups",
    '$.groups[1].parent: closes a cycle: top > sub > top',
  );
  refuses(
    'a course below itself',
    (world) => spoil(world.courses[0], { parentCourse: 'c-1' }),
    '$.courses[0].parentCourse: closes a cycle: c-1 > c-1',
  );
  refuses(
    'translations in a circle, with sub-courses too',
    (world) => spoil(world.courses[0], { translationOf: 'c-2' }),
    '$.courses[1].parentCourse: closes a cycle: c-1 > c-2 > c-1',
    '$.courses[1].translationOf: closes a cycle: c-1 > c-2 > c-1',
  );
  refuses(
    'a long circle, which it cuts short',
    (world) => {
      const chain = Array.from({ length: 30 }, (_, i) => ({ id: `x${i}`, parent: `x${(i + 1) % 30}` }));
      world.groups.push(...chain.map((ends) => ({ ...entry(world.groups, 1), ...ends })));
    },
    '$.groups[31].parent: closes a cycle: x0 > x1 > x2 > x3 > x4 > x5 > … > x25 > x26 > x27 > x28 > x29 > x0',
  );
});
