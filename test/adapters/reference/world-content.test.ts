import { describe, expect, test } from 'vitest';
import { problemsOf, refuses, spoil } from '../../support/refusals.ts';
import { entry, tinyWorld } from '../../support/tiny-world.ts';

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
    (world) => entry(world.courses, 0).coAuthors.push('bob'),
    "$.courses[0].coAuthors[2]: doubled: 'bob'",
  );
  refuses(
    "a path's course twice",
    (world) => entry(world.paths, 0).courses.push('c-1'),
    "$.paths[0].courses[2]: doubled: 'c-1'",
  );
});

describe('of classrooms, a world file', () => {
  refuses(
    'a dynamic participant outside of the audience groups',
    (world) => entry(world.pathSessions, 0).participants.push('bob'),
    "$.pathSessions[0].participants[1]: 'bob' is in none of the audience groups",
  );
  refuses(
    'a deleted dynamic participant',
    (world) => entry(world.pathSessions, 0).participants.push('old'),
    "$.pathSessions[0].participants[1]: 'old' is deleted",
  );
  refuses(
    'a participant twice',
    (world) => entry(world.pathSessions, 1).participants.push('ann'),
    "$.pathSessions[1].participants[3]: doubled: 'ann'",
  );
  refuses(
    'an attendee to come who is no participant',
    (world) => entry(world.slots, 1).attendees.push('bob'),
    "$.slots[1].attendees[1]: 'bob' is not a participant of session 'dyn'",
  );
  refuses(
    'an attendee to come who is deleted, though a participant still',
    (world) => spoil(world.slots[3], { attendees: ['old'] }),
    "$.slots[3].attendees[0]: 'old' is deleted, the slot upcoming",
  );
  refuses(
    'an attendee of the past whom a static session does not know',
    (world) => entry(world.slots, 2).attendees.push('boss'),
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
