import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import type { Given, Member } from '../support/world-builder.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';
import { expectDeletion, outcomeOf, startWaiting } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

/** Ada's course passes to the successor, its co-authors are then these, and nothing else happens. */
async function expectSuccessor(given: Given, mainAuthor: string, coAuthors: string[] = []): Promise<void> {
  await expectDeletion(
    lab,
    world(given),
    (then) => Object.assign(the(then.courses, 'c-1'), { mainAuthor, coAuthors }),
    { requestedBy: owner, includePrivateSubgroups: true },
  );
}

/** Ada's course without co-authors, owned by g-sales below g-region below g-country below the root. */
function courseOfSales(members: Member[], more: Given = {}): Given {
  return {
    groups: [
      { id: 'g-sales', parent: 'g-region' },
      { id: 'g-region', parent: 'g-country' },
    ],
    courses: [{ id: 'c-1', mainAuthor: 'ada', ownerGroup: 'g-sales' }],
    members,
    ...more,
  };
}

describe('the co-authors', () => {
  const course = { id: 'c-1', mainAuthor: 'ada', ownerGroup: 'g-sales' };
  const gus: Member = ['gus', 'admin', 'g-sales'];

  it('D-05 the first co-author takes over and leaves the list; the rest keep their order', async () => {
    const given = { members: [gus], courses: [{ ...course, coAuthors: ['zoe', 'bob', 'yan', 'cem'] }] };
    await expectSuccessor(given, 'zoe', ['bob', 'yan', 'cem']);
  });

  it('D-05 a single co-author takes over and leaves an empty list', async () => {
    await expectSuccessor({ courses: [{ ...course, coAuthors: ['bob'] }] }, 'bob');
  });

  it('D-05 each of several courses goes its own way, and no course of others is touched', async () => {
    const given = world({
      members: [gus],
      courses: [
        { ...course, coAuthors: ['bob', 'cem'] },
        { ...course, id: 'c-2', coAuthors: ['cem', 'bob'] },
        { ...course, id: 'c-3' },
        { id: 'c-4', mainAuthor: 'bob', coAuthors: ['cem', 'dan'], ownerGroup: 'g-sales' },
      ],
    });
    const { result } = await expectDeletion(lab, given, (then) => {
      Object.assign(the(then.courses, 'c-1'), { mainAuthor: 'bob', coAuthors: ['cem'] });
      Object.assign(the(then.courses, 'c-2'), { mainAuthor: 'cem', coAuthors: ['bob'] });
      the(then.courses, 'c-3').mainAuthor = 'gus';
    });
    expect(result.counts).toEqual({ 'ownership.transfer': 3, 'account.retire': 1 });
  });

  it('D-11 a co-author leaves the co-authors of a course; main author and order of the rest stay', async () => {
    const given = world({
      courses: [
        { id: 'c-1', mainAuthor: 'bob', coAuthors: ['cem', 'ada', 'zoe', 'dan'] },
        { id: 'c-2', mainAuthor: 'bob', coAuthors: ['ada'] },
        { id: 'c-3', mainAuthor: 'bob', coAuthors: ['ada', 'zoe', 'cem'] },
      ],
    });
    const { result } = await expectDeletion(lab, given, (then) => {
      the(then.courses, 'c-1').coAuthors = ['cem', 'zoe', 'dan'];
      the(then.courses, 'c-2').coAuthors = [];
      the(then.courses, 'c-3').coAuthors = ['zoe', 'cem'];
    });
    expect(result.counts).toEqual({ 'co-role.remove': 3, 'account.retire': 1 });
  });

  it('D-13 passes over a co-author deleted earlier, who keeps the place in the list', async () => {
    const coAuthors = ['old', 'older', 'bob', 'cem'];
    const given = { deleted: ['old', 'older'], members: [gus], courses: [{ ...course, coAuthors }] };
    await expectSuccessor(given, 'bob', ['old', 'older', 'cem']);
  });

  it('D-13 goes on to the group when all co-authors have been deleted earlier', async () => {
    const coAuthors = ['old', 'older'];
    const given = { deleted: ['old', 'older'], members: [gus], courses: [{ ...course, coAuthors }] };
    await expectSuccessor(given, 'gus', ['old', 'older']);
  });

  it('D-13 hands over only what the user of this operation holds', async () => {
    const given = world({
      users: [{ id: 'ada' }],
      deleted: ['old'],
      courses: [{ id: 'c-1', mainAuthor: 'bob', coAuthors: ['old', 'cem'] }],
      activities: [{ id: 'a-1', course: 'c-1', owner: 'old' }],
      items: [{ id: 'i-1', author: 'old' }],
    });
    await expectDeletion(lab, given);
  });

  it('D-13 passes over an admin who is deleted while approval is waited for', async () => {
    await lab.load(world({ members: [gus], courses: [course] }));
    const running = await startWaiting(lab);
    await lab.run('deleteUser', { user: 'gus', requestedBy: admin });
    await running.update('approve', { by: admin, planHash: running.planHash });
    expect(await running.result()).toMatchObject({ state: 'done', conflicts: 1 });
    const { mainAuthor } = the((await lab.dump()).courses, 'c-1');
    expect([admin, 'u-owner']).toContain(mainAuthor);
  });

  it('D-13 passes over a co-author who is deleted while approval is waited for', async () => {
    const given = world({ members: [gus], courses: [{ ...course, coAuthors: ['bob', 'cem'] }] });
    await lab.load(given);
    const running = await startWaiting(lab);
    await lab.run('deleteUser', { user: 'bob', requestedBy: admin });
    await running.update('approve', { by: admin, planHash: running.planHash });
    await running.result();
    const after = await lab.dump();
    expect(the(after.users, 'ada').status).toBe('deleted');
    expect(the(after.courses, 'c-1')).toMatchObject({ mainAuthor: 'cem', coAuthors: [] });
  });
});

describe('the owner group', () => {
  it('D-06 without co-author an admin of the owner group takes over, whatever other roles there are', async () => {
    const members: Member[] = [
      ['una', 'user-admin', 'g-sales', '2010-01-01T00:00:00Z'],
      ['coe', 'coach', 'g-sales', '2010-01-01T00:00:00Z'],
      ['aut', 'author', 'g-sales', '2010-01-01T00:00:00Z'],
      ['lea', 'learner', 'g-sales', '2010-01-01T00:00:00Z'],
      ['gus', 'admin', 'g-sales', '2024-01-01T00:00:00Z'],
      ['ray', 'admin', 'g-region', '2010-01-01T00:00:00Z'],
      ['sub', 'admin', 'g-team', '2010-01-01T00:00:00Z'],
    ];
    const given = courseOfSales(members);
    given.groups?.push({ id: 'g-team', parent: 'g-sales' });
    await expectSuccessor(given, 'gus');
  });

  it('D-06 of several admins the one with the oldest admin membership takes over', async () => {
    const members: Member[] = [
      ['amy', 'admin', 'g-sales', '2024-01-01T00:00:00Z'],
      ['zed', 'admin', 'g-sales', '2021-01-01T00:00:00Z'],
      ['bea', 'admin', 'g-sales', '2022-01-01T00:00:00Z'],
    ];
    await expectSuccessor(courseOfSales(members), 'zed');
  });

  it('D-06 counts the admin membership itself, not an older one in another role or group', async () => {
    const members: Member[] = [
      ['amy', 'learner', 'g-sales', '2010-01-01T00:00:00Z'],
      ['amy', 'admin', 'g-region', '2010-01-01T00:00:00Z'],
      ['amy', 'admin', 'g-sales', '2024-01-01T00:00:00Z'],
      ['zed', 'admin', 'g-sales', '2023-01-01T00:00:00Z'],
    ];
    await expectSuccessor(courseOfSales(members), 'zed');
  });

  it.each([
    ['2026-01-05T09:00:00+02:00', '2026-01-05T08:00:00Z'],
    ['2026-01-05T01:00:00+05:30', '2026-01-04T20:00:00Z'],
    ['2026-01-05T08:00:00.000001Z', '2026-01-05T08:00:00.000002Z'],
    ['2026-01-05T08:00:00Z', '2026-01-05T08:00:00.000001Z'],
  ])('D-06 compares since as instants: %s is before %s', async (earlier, later) => {
    const members: Member[] = [
      ['amy', 'admin', 'g-sales', later],
      ['zed', 'admin', 'g-sales', earlier],
    ];
    await expectSuccessor(courseOfSales(members), 'zed');
  });

  it.each([
    ['Z', ['a', 'Z']],
    ['u-10', ['u-2', 'u-10']],
    ['u-1', ['u-10', 'u-1']],
    ['u-z', ['u-é', 'u-z']],
    ['u-A', ['u-_', 'u-a', 'u-A']],
    ['ﬀ', ['😀', 'ﬀ']],
    ['a-b', ['ab', 'a-b']],
    ['u b', ['u-b', 'u b', 'ub']],
  ])('D-06 at the same instant %s has the lowest id by code point of %j', async (lowest, admins) => {
    const members = admins.map((id) => [id, 'admin', 'g-sales'] as const);
    await expectSuccessor(courseOfSales(members), lowest);
  });

  it('D-06 takes one instant written with two offsets as the same, so that the id decides', async () => {
    const members: Member[] = [
      ['zed', 'admin', 'g-sales', '2026-01-05T07:00:00Z'],
      ['amy', 'admin', 'g-sales', '2026-01-05T09:00:00+02:00'],
    ];
    await expectSuccessor(courseOfSales(members), 'amy');
  });

  it('D-06 never chooses the deleted user, though the oldest admin of the group', async () => {
    const members: Member[] = [
      ['ada', 'admin', 'g-sales', '2010-01-01T00:00:00Z'],
      ['gus', 'admin', 'g-sales', '2024-01-01T00:00:00Z'],
    ];
    await expectSuccessor(courseOfSales(members), 'gus');
  });

  it('D-06 may choose the platform owner, who is an admin of the group like others', async () => {
    const members: Member[] = [
      [owner, 'admin', 'g-sales', '2010-01-01T00:00:00Z'],
      ['gus', 'admin', 'g-sales', '2024-01-01T00:00:00Z'],
    ];
    await expectSuccessor(courseOfSales(members), owner);
  });
});

describe('above the owner group', () => {
  it('D-07 without admin in the owner group one of the parent takes over, chosen like in D-06', async () => {
    const members: Member[] = [
      ['lea', 'learner', 'g-sales'],
      ['amy', 'admin', 'g-region', '2024-01-01T00:00:00Z'],
      ['zed', 'admin', 'g-region', '2020-01-01T00:00:00+01:00'],
      ['bob', 'admin', 'g-region', '2020-01-01T00:00:00Z'],
      ['top', 'admin', 'g-country', '2010-01-01T00:00:00Z'],
    ];
    await expectSuccessor(courseOfSales(members), 'zed');
  });

  it('D-07 goes to the parent when the deleted user was the only admin of the owner group', async () => {
    const members: Member[] = [
      ['ada', 'admin', 'g-sales'],
      ['ada', 'admin', 'g-region', '2010-01-01T00:00:00Z'],
      ['ray', 'admin', 'g-region'],
    ];
    await expectSuccessor(courseOfSales(members), 'ray');
  });

  it('D-07 reaches a platform admin where the platform group is the parent', async () => {
    await expectSuccessor({ courses: [{ id: 'c-1', mainAuthor: 'ada', ownerGroup: 'g-sales' }] }, admin);
  });

  it('D-07 goes up from a private owner group too', async () => {
    const given = courseOfSales([['ray', 'admin', 'g-region']]);
    given.groups = [
      { id: 'g-sales', parent: 'g-region', visibility: 'private' },
      { id: 'g-region', visibility: 'private' },
    ];
    await expectSuccessor(given, 'ray');
  });

  it('D-08 never goes up further than the parent: then the platform owner takes over', async () => {
    const members: Member[] = [
      ['top', 'admin', 'g-country'],
      ['lea', 'learner', 'g-sales'],
    ];
    await expectSuccessor(courseOfSales(members), owner);
  });

  it('D-08 the platform owner takes over when the user was the only admin of both groups', async () => {
    const members: Member[] = [
      ['ada', 'admin', 'g-sales'],
      ['ada', 'admin', 'g-region'],
    ];
    await expectSuccessor(courseOfSales(members), owner);
  });

  it('D-08 the platform owner takes over what the last platform admin had in the platform group', async () => {
    const given = {
      platformAdmin: false,
      members: [['ada', 'admin', 'g-root'] as const],
      courses: [{ id: 'c-1', mainAuthor: 'ada', ownerGroup: 'g-root' }],
    };
    await expectSuccessor(given, owner);
  });

  it('D-08 sends a hundred courses without heirs to the owner, each once', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `c-${index}`);
    const given = world({
      platformAdmin: false,
      courses: ids.map((id) => ({ id, mainAuthor: 'ada' })),
    });
    const { result } = await outcomeOf(lab, given, { requestedBy: owner });
    const after = await lab.dump();
    expect(after.courses.map((course) => course.mainAuthor)).toEqual(ids.map(() => owner));
    expect(result.counts['ownership.transfer']).toBe(100);
  });
});
