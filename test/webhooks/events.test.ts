import { describe, expect, it } from 'vitest';
import { moodleFormat } from '../../webhooks/moodle-format.ts';
import { Malformed, readDelivery } from '../../webhooks/read-delivery.ts';
import type { Format } from '../../webhooks/read-delivery.ts';
import { standardFormat } from '../../webhooks/standard-format.ts';

function read(body: unknown, format: Format = standardFormat): ReturnType<typeof readDelivery> {
  return readDelivery(Buffer.from(JSON.stringify(body)), format);
}

const ann = { id: 'ann' };
const asUser = { as: 'user', user: ann };

describe('an event', () => {
  it.each([
    ['user.deleted', { user: ann }, 'deleteUser', { includePrivateSubgroups: true }, asUser],
    ['user.deleted', { id: 'ann', name: 'Ann' }, 'deleteUser', { includePrivateSubgroups: true }, asUser],
    [
      'user.deletion_requested',
      { user: ann },
      'deleteUser',
      { includePrivateSubgroups: false, approval: 'required' },
      asUser,
    ],
    [
      'user.deletion_requested',
      { user: 'a@b.c', includePrivateSubgroups: true },
      'deleteUser',
      { includePrivateSubgroups: true, approval: 'required' },
      { as: 'user', user: 'a@b.c' },
    ],
    [
      'user.profile_updated',
      { user: ann, profile: { team: 'a' } },
      'updateProfiles',
      {},
      { as: 'profiles', user: ann },
    ],
    ['group.deleted', { group: 'g' }, 'deleteGroup', { group: 'g' }, null],
    [
      'group.deleted',
      { id: 'g', orphans: 'moveToParent' },
      'deleteGroup',
      { group: 'g', orphans: 'moveToParent' },
      null,
    ],
    [
      'group.member_removed',
      { group: { id: 'g' }, user: ann },
      'removeFromGroup',
      { group: 'g', includePrivateSubgroups: false },
      { as: 'list', users: [ann] },
    ],
    [
      'group.member_removed',
      { group: 'g', users: [ann, { email: 'b@c.d' }, 'cy'], includePrivateSubgroups: true },
      'removeFromGroup',
      { group: 'g', includePrivateSubgroups: true },
      { as: 'list', users: [ann, { email: 'b@c.d' }, 'cy'] },
    ],
    [
      'group.course_removed',
      { group: 'g', course: 'c' },
      'removeCoursesFromGroup',
      { group: 'g', courses: ['c'] },
      null,
    ],
    [
      'group.path_removed',
      { group: 'g', paths: ['p', 'q'] },
      'removePathsFromGroup',
      { group: 'g', paths: ['p', 'q'] },
      null,
    ],
    [
      'path.course_removed',
      { path: 'p', course: 'c' },
      'removeCoursesFromPath',
      { path: 'p', courses: ['c'] },
      null,
    ],
    [
      'registration.removed',
      { user: ann, activity: 'c' },
      'reconcileQualifications',
      {},
      { as: 'users', user: ann },
    ],
  ])('HTTP %s with %j leads to %s', (type, data, workflow, input, people) => {
    expect(read({ type, data })).toMatchObject([{ type, at: null, order: { workflow, input, people } }]);
  });

  it('HTTP several in one delivery keep their places and times', () => {
    const timestamp = '2026-03-01T13:00:00+01:00';
    const data = [
      { type: 'user.deleted', timestamp, data: { user: ann } },
      { type: 'course.published', data: {} },
    ];
    expect(read({ type: 'batch', data })).toMatchObject([
      { type: 'user.deleted', at: '2026-03-01T12:00:00.000Z' },
      { type: 'course.published', at: null, order: null },
    ]);
    const many = Array.from({ length: 501 }, () => ({ type: 'x', data: {} }));
    expect(() => read({ type: 'batch', data: many })).toThrow(Malformed);
  });

  it.each(['constructor', 'toString', '__proto__'])(
    'HTTP of the type %s is one that means nothing',
    (type) => {
      expect(read({ type, data: {} })).toEqual([{ type, at: null, order: null }]);
    },
  );
});

describe("Moodle's event", () => {
  it.each([
    ['user_deleted', { objectid: 7 }, 'deleteUser', { as: 'user', user: { id: '7' } }, undefined],
    ['user_updated', { objectid: '7' }, 'updateProfiles', { as: 'profiles', user: { id: '7' } }, undefined],
    ['cohort_deleted', { objectid: 2 }, 'deleteGroup', null, 'cohort:2'],
    [
      'cohort_member_removed',
      { objectid: 2, relateduserid: 7 },
      'removeFromGroup',
      { as: 'list', users: [{ id: '7' }] },
      'cohort:2',
    ],
    ['group_deleted', { objectid: 3 }, 'deleteGroup', null, 'course-group:3'],
    [
      'group_member_removed',
      { objectid: 3, relateduserid: '7' },
      'removeFromGroup',
      { as: 'list', users: [{ id: '7' }] },
      'course-group:3',
    ],
    [
      'user_enrolment_deleted',
      { objectid: 90, relateduserid: 7, courseid: 4 },
      'reconcileQualifications',
      { as: 'users', user: { id: '7' } },
      undefined,
    ],
  ])('HTTP %s leads to %s', (name, members, workflow, people, group) => {
    for (const eventname of [`\\core\\event\\${name}`, `core\\event\\${name}`]) {
      const [event] = read({ eventname, timecreated: '1767225600', ...members }, moodleFormat);
      expect(event).toMatchObject({ at: '2026-01-01T00:00:00.000Z', order: { workflow, people } });
      expect(event?.order?.input['group']).toBe(group);
    }
  });

  it.each([
    [{ eventname: '\\core\\event\\user_deleted' }],
    [{ eventname: '\\core\\event\\cohort_member_removed', objectid: 2 }],
    [{ eventname: '\\core\\event\\user_deleted', objectid: '7; drop' }],
    [{ type: 'user.deleted', data: { user: ann } }],
    [[]],
  ])('HTTP %j is malformed', (body) => {
    expect(() => read(body, moodleFormat)).toThrow(Malformed);
  });
});
