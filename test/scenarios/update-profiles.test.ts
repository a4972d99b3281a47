import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../contracts/changes.ts';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { mergedProfile } from '../support/naive-profiles.ts';
import { admin, owner, past, the, world } from '../support/world-builder.ts';
import type { Member } from '../support/world-builder.ts';
import { outcomeIn } from './content-steps.ts';
import { join } from './group-deletion-steps.ts';
import { end, expectAllUpdated, expectUpdated, has, row, teams, update } from './profile-steps.ts';
import { essence } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const nothing = (): void => undefined;
const inHome: Member[] = ['ada', 'bob', 'cem'].map((user) => [user, 'learner', 'g-home'] as const);

describe('profiles', () => {
  const profile = {
    country: 'NL',
    team: 'it',
    level: 3,
    tags: ['a', 'b'],
    address: { city: 'Delft', street: 'Kerkstraat' },
  };
  const given = world({ users: [{ id: 'ada', email: 'Ada@Example.org', profile }], members: inHome });

  it.each<[string, JsonObject, JsonObject]>([
    ['a new attribute', { floor: 2 }, { ...profile, floor: 2 }],
    ['another value', { country: 'BE' }, { ...profile, country: 'BE' }],
    ['another type', { level: '3' }, { ...profile, level: '3' }],
    [
      'false, 0, and an empty text, list and object',
      { a: false, b: 0, c: '', d: [], e: {} },
      { ...profile, a: false, b: 0, c: '', d: [], e: {} },
    ],
    [
      'null, which removes one',
      { country: null },
      { team: 'it', level: 3, tags: ['a', 'b'], address: profile.address },
    ],
    ['null for one that is not there, and a value', { floor: null, level: 4 }, { ...profile, level: 4 }],
    [
      'a list and an object as a whole',
      { tags: ['b'], address: { city: 'Gent' } },
      { ...profile, tags: ['b'], address: { city: 'Gent' } },
    ],
    [
      'names that mean something elsewhere',
      { constructor: 'x', 'a.b': 1, "'; --": 3 },
      { ...profile, constructor: 'x', 'a.b': 1, "'; --": 3 },
    ],
  ])('C-04 merges %s', async (_, more, then) => {
    const { result } = await expectAllUpdated(lab, given, [row('ada', more)], (world) =>
      has(world, 'ada', then),
    );
    expect(result.counts).toEqual({ 'profile.update': 1 });
    expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 0 });
  });

  it.each<[string, JsonObject]>([
    ['nothing', {}],
    ['what is so already', { country: 'NL', level: 3 }],
    ['the same object, its members in another order', { address: { street: 'Kerkstraat', city: 'Delft' } }],
    ['null for what is not there', { floor: null }],
  ])('C-04 %s is unchanged', async (_, more) => {
    const { result } = await expectAllUpdated(lab, given, [row('ada', more)], nothing);
    expect(result).toMatchObject({ counts: {}, users: { done: 0, unchanged: 1, attention: 0 } });
  });

  it('C-04 a second time is unchanged', async () => {
    const profiles = [row('ada', { country: 'BE', team: null }), row('bob', { country: 'BE' })];
    const { after } = await expectAllUpdated(lab, given, profiles, (then) => {
      has(then, 'ada', { country: 'BE', level: 3, tags: ['a', 'b'], address: profile.address });
      has(then, 'bob', { country: 'BE' });
    });
    const again = await lab.run('updateProfiles', update(profiles));
    expect(again).toMatchObject({ counts: {}, users: { done: 0, unchanged: 2, attention: 0 } });
    expect(await lab.dump()).toEqual(after);
  });

  it.each<[string, unknown]>([
    ['an id', { id: 'ada' }],
    ['an email in other letters, with spaces', { email: ' ADA@example.ORG ' }],
    ['the bare id', 'ada'],
    ['the bare email', 'ada@example.org'],
    ['an id, which wins over the email', { id: 'ada', email: 'bob@example.org' }],
  ])('C-05 names the user by %s', async (_, user) => {
    await expectAllUpdated(lab, given, [row(user, { floor: 1 })], (then) =>
      has(then, 'ada', { ...profile, floor: 1 }),
    );
  });

  it('C-05 several rows for one user are merged in order, the later ones win, and are unchanged lines', async () => {
    const profiles = [
      row('ada', { team: 'sales', floor: 1, country: null }),
      row('bob', { team: 'it' }),
      row({ email: 'ADA@example.org' }, { team: 'support', floor: null }),
      row({ id: 'ada' }, { country: 'BE' }),
    ];
    const { result } = await expectAllUpdated(lab, given, profiles, (then) => {
      has(then, 'ada', { ...profile, team: 'support', country: 'BE' });
      has(then, 'bob', { team: 'it' });
    });
    expect(result.users).toEqual({ done: 2, unchanged: 2, attention: 0 });
    expect(result.counts).toEqual({ 'profile.update': 2 });
  });

  it('C-05 several rows that come to nothing together are unchanged', async () => {
    const profiles = [row('ada', { team: 'sales', floor: 1 }), row('ada', { team: 'it', floor: null })];
    const { result } = await expectAllUpdated(lab, given, profiles, nothing);
    expect(result.users).toEqual({ done: 0, unchanged: 2, attention: 0 });
  });
});

describe('smart groups', () => {
  it('C-04 those that no longer match are left, those that do are joined as learner', async () => {
    const given = teams({
      users: [{ id: 'ada', profile: { team: 'sales' } }],
      members: [
        ...inHome,
        ['ada', 'learner', 'g-sales', '2023-01-01T00:00:00Z'],
        ['bob', 'learner', 'g-sales'],
      ],
    });
    const { result } = await expectAllUpdated(lab, given, [row('ada', { team: 'support' })], (then) => {
      has(then, 'ada', { team: 'support' });
      end(then, 'ada learner g-sales');
      join(then, 'ada', 'g-support');
    });
    expect(result.counts).toEqual({ 'profile.update': 1, 'membership.remove': 1, 'membership.add': 1 });
    expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 0 });
  });

  it('C-04 are judged by the state, not by what the change touched: {} puts it right', async () => {
    const given = teams({
      users: [
        { id: 'ada', profile: { team: 'support' } },
        { id: 'bob', profile: { team: 'sales' } },
      ],
      members: [
        ...inHome,
        ['ada', 'learner', 'g-sales'],
        ['bob', 'learner', 'g-sales', '2023-01-01T00:00:00Z'],
        ['cem', 'learner', 'g-sales'],
      ],
    });
    const edit = (then: World): void => {
      end(then, 'ada learner g-sales');
      join(then, 'ada', 'g-support');
    };
    const { result } = await expectAllUpdated(lab, given, [row('ada', {}), row('bob', {})], edit);
    expect(result.users).toEqual({ done: 1, unchanged: 1, attention: 0 });
    expect(result.counts).toEqual({ 'membership.remove': 1, 'membership.add': 1 });
    await expectAllUpdated(lab, given, [row('ada', { floor: 1 })], (then) => {
      has(then, 'ada', { team: 'support', floor: 1 });
      edit(then);
    });
  });

  it('C-04 of the roles in one that is left only the learner goes; groups without a rule stay', async () => {
    const roles = ['coach', 'author', 'user-admin', 'admin'] as const;
    const given = teams({
      users: [{ id: 'ada', profile: { team: 'sales' } }],
      members: ['g-sales', 'g-home'].flatMap((group): Member[] => [
        ['ada', 'learner', group],
        ...roles.map((role): Member => ['ada', role, group]),
      ]),
    });
    const { result } = await expectAllUpdated(lab, given, [row('ada', { team: null })], (then) => {
      has(then, 'ada', {});
      end(then, 'ada learner g-sales');
    });
    expect(result.counts).toEqual({ 'profile.update': 1, 'membership.remove': 1 });
  });

  it('C-04 who holds only another role in one that does not match keeps it, as given by hand', async () => {
    const given = teams({ members: [...inHome, ['ada', 'coach', 'g-sales']] });
    await expectAllUpdated(lab, given, [row('ada', { team: 'support' })], (then) => {
      has(then, 'ada', { team: 'support' });
      join(then, 'ada', 'g-support');
    });
  });

  it('C-04 who holds another role in one that matches is joined as learner as well', async () => {
    const given = teams({ members: [...inHome, ['ada', 'coach', 'g-sales']] });
    await expectAllUpdated(lab, given, [row('ada', { team: 'sales' })], (then) => {
      has(then, 'ada', { team: 'sales' });
      join(then, 'ada', 'g-sales');
    });
  });

  it.each<[string, JsonObject, JsonObject, boolean]>([
    ['in', { in: [{ var: 'country' }, ['NL', 'BE']] }, { country: 'BE' }, true],
    [
      'and, or',
      { and: [{ '>': [{ var: 'level' }, 2] }, { or: [{ '!': [{ var: 'left' }] }, false] }] },
      { level: 3 },
      true,
    ],
    ['missing is null', { '==': [{ var: 'left' }, null] }, {}, true],
    ['removed is missing', { '==': [{ var: 'team' }, 'it'] }, { team: null }, false],
    ['inside an object', { '==': [{ var: 'address.city' }, 'Delft'] }, { address: { city: 'Delft' } }, true],
    ['always', { '==': [1, 1] }, {}, true],
    ['never', { '==': [1, 2] }, {}, false],
  ])('C-04 by a rule with %s', async (_, smartRule, profile, joined) => {
    const given = world({
      users: [{ id: 'ada', profile: { team: 'it' } }],
      groups: [{ id: 'g-smart', smartRule, visibility: 'private', parent: 'g-home' }],
      members: [...inHome, ...(joined ? [] : [['ada', 'learner', 'g-smart'] as const])],
    });
    await expectAllUpdated(lab, given, [row('ada', profile)], (then) => {
      has(then, 'ada', mergedProfile({ team: 'it' }, profile));
      if (joined) join(then, 'ada', 'g-smart');
      else end(then, 'ada learner g-smart');
    });
  });

  it('C-04 a parent and a subgroup are judged each for itself', async () => {
    const given = teams({
      groups: [{ id: 'g-sub', parent: 'g-sales', smartRule: { '==': [{ var: 'country' }, 'NL'] } }],
      users: [{ id: 'ada', profile: { team: 'sales', country: 'NL' } }],
      members: [...inHome, ['ada', 'learner', 'g-sales'], ['ada', 'learner', 'g-sub']],
    });
    await expectAllUpdated(lab, given, [row('ada', { team: 'it' })], (then) => {
      has(then, 'ada', { team: 'it', country: 'NL' });
      end(then, 'ada learner g-sales');
    });
  });

  it('C-04 the platform owner and the platform admin are users like others', async () => {
    await expectAllUpdated(
      lab,
      teams({ members: inHome }),
      [row(owner, { team: 'sales' }), row(admin, { team: 'sales' })],
      (then) => {
        for (const user of [owner, admin]) {
          has(then, user, { team: 'sales' });
          join(then, user, 'g-sales');
        }
      },
    );
  });

  it('C-04 nobody else is judged', async () => {
    const given = teams({
      users: ['ada', 'bob'].map((id) => ({ id, profile: { team: 'sales' } })),
      members: [...inHome, ['cem', 'learner', 'g-sales']],
    });
    await expectAllUpdated(lab, given, [row('ada', {})], (then) => join(then, 'ada', 'g-sales'));
  });
});

describe('who is left without any group', () => {
  const alone = teams({
    users: [
      { id: 'ada', profile: { team: 'sales' }, loginSessions: 2 },
      { id: 'bob', profile: { team: 'sales' } },
    ],
    members: [
      ['ada', 'learner', 'g-sales'],
      ['bob', 'learner', 'g-sales'],
      ['cem', 'learner', 'g-home'],
    ],
  });

  it('C-04 lives on, with the change, and is on the attention list; the others are done', async () => {
    const profiles = [row('cem', { floor: 1 }), row('ada', { team: 'it' }), row('bob', { team: 'support' })];
    const { result } = await expectUpdated(lab, alone, profiles, (then) => {
      has(then, 'cem', { floor: 1 });
      has(then, 'ada', { team: 'it' });
      has(then, 'bob', { team: 'support' });
      for (const user of ['ada', 'bob']) end(then, `${user} learner g-sales`);
      join(then, 'bob', 'g-support');
    });
    expect(result.users).toEqual({ done: 2, unchanged: 0, attention: 1 });
    expect(result.attention).toMatchObject([{ line: 2, user: 'ada', type: 'NoGroupLeft' }]);
    expect(result.counts).not.toHaveProperty('account.retire');
  });

  it('C-04 the owner too', async () => {
    const given = teams({
      users: [{ id: owner, profile: { team: 'sales' } }],
      members: [[owner, 'learner', 'g-sales']],
    });
    const { result } = await expectUpdated(lab, given, [row(owner, { team: null })], (then) => {
      has(then, owner, {});
      end(then, `${owner} learner g-sales`);
    });
    expect(result.attention).toMatchObject([{ user: owner, type: 'NoGroupLeft' }]);
  });

  it('C-04 X-08 undone, they are in their group again, to the byte', async () => {
    const { before, result } = await outcomeIn(
      lab,
      alone,
      'updateProfiles',
      update([row('ada', { team: 'it' })]),
    );
    const undone = await undo(lab, result.operation);
    expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
    expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
  });

  it('C-04 who was in no group before has lost none', async () => {
    const given = teams({ users: [{ id: 'ada' }] });
    const { result } = await expectAllUpdated(lab, given, [row('ada', { floor: 1 })], (then) =>
      has(then, 'ada', { floor: 1 }),
    );
    expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 0 });
  });
});

describe('sessions', () => {
  const session = { path: 'p-1', mainInstructor: 'pam', audience: 'dynamic' as const };
  const given = teams({
    users: [{ id: 'ada', profile: { team: 'sales' } }],
    members: [
      ...inHome,
      ['ada', 'learner', 'g-sales'],
      ['zoe', 'learner', 'g-sales'],
      ['sue', 'learner', 'g-support'],
    ],
    paths: [{ id: 'p-1', mainAuthor: 'pam' }],
    sessions: [
      { id: 's-left', ...session, audienceGroups: ['g-sales'], participants: ['ada', 'zoe'] },
      { id: 's-kept', ...session, audienceGroups: ['g-sales', 'g-home'], participants: ['ada', 'zoe'] },
      { id: 's-changed', ...session, audienceGroups: ['g-sales', 'g-support'], participants: ['ada', 'sue'] },
      { id: 's-joined', ...session, audienceGroups: ['g-support'], participants: ['sue'] },
      { id: 's-static', ...session, audience: 'static', audienceGroups: ['g-sales'], participants: ['ada'] },
      {
        id: 's-static-new',
        ...session,
        audience: 'static',
        audienceGroups: ['g-support'],
        participants: ['sue'],
      },
    ],
    slots: [
      ...['s-left', 's-kept', 's-changed', 's-static'].map((id) => ({
        id: `t-${id}`,
        session: id,
        attendees: ['ada'],
      })),
      { id: 't-joined', session: 's-joined', attendees: ['sue'] },
      { id: 't-past', session: 's-left', attendees: ['ada'], ...past },
    ],
  });

  it('G-08 dynamic ones are left with upcoming slots, or kept by another group; new ones joined without slots', async () => {
    const { result } = await expectAllUpdated(lab, given, [row('ada', { team: 'support' })], (then) => {
      has(then, 'ada', { team: 'support' });
      end(then, 'ada learner g-sales');
      join(then, 'ada', 'g-support');
      the(then.pathSessions, 's-left').participants = ['zoe'];
      the(then.slots, 't-s-left').attendees = [];
      the(then.pathSessions, 's-joined').participants = ['ada', 'sue'];
    });
    expect(result.counts).toMatchObject({ 'session.leave': 1, 'slot.leave': 1, 'session.join': 1 });
  });

  it('G-08 another role in the group that is left keeps the place', async () => {
    const kept = structuredClone(given);
    kept.memberships.push({ user: 'ada', group: 'g-sales', role: 'coach', since: '2020-01-01T00:00:00Z' });
    await expectAllUpdated(lab, kept, [row('ada', { team: 'it' })], (then) => {
      has(then, 'ada', { team: 'it' });
      end(then, 'ada learner g-sales');
    });
  });

  it('X-08 undone is as if it had never been, to the byte', async () => {
    const { before, result } = await outcomeIn(
      lab,
      given,
      'updateProfiles',
      update([row('ada', { team: 'support' })]),
    );
    const undone = await undo(lab, result.operation);
    expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
    expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
  });
});

describe('what every operation has', () => {
  const given = teams({
    users: ['ada', 'bob', 'cem'].map((id) => ({ id, profile: { team: 'sales', secret: `of ${id}` } })),
    members: [...inHome, ['ada', 'learner', 'g-sales'], ['bob', 'coach', 'g-sales']],
    courses: [
      { id: 'c-sales', mainAuthor: 'pam' },
      { id: 'c-support', mainAuthor: 'pam' },
    ],
    groupCourses: [
      { group: 'g-sales', course: 'c-sales' },
      { group: 'g-support', course: 'c-support' },
    ],
    registrations: [
      { user: 'ada', activity: 'c-sales' },
      { user: 'bob', activity: 'c-support', access: false },
    ],
  });
  const profiles = ['ada', 'bob', 'nobody'].map((user) => row(user, { team: 'support', secret: null }));

  it('X-01 X-02 a preview changes nothing, and shows what is then done by its hash, change by change', async () => {
    const preview = await outcomeIn(lab, given, 'updateProfiles', update(profiles, { mode: 'preview' }));
    expect(preview.after).toEqual(preview.before);
    const { planHash, counts, users, attention } = preview.result;
    expect(preview.result).toMatchObject({
      state: 'previewed',
      users: { done: 2, unchanged: 0, attention: 1 },
    });
    expect(counts).toEqual({
      ...{ 'profile.update': 2, 'membership.remove': 1, 'membership.add': 2 },
      ...{ 'access.revoke': 1, 'access.grant': 1, 'registration.add': 1 },
    });
    const applied = await lab.run('updateProfiles', update(profiles, { planHash }));
    expect(applied).toMatchObject({ state: 'done', planHash, counts, users, attention });
    const planned = essence(await lab.changes(preview.result.operation));
    expect(essence(await lab.changes(applied.operation))).toEqual(planned);
    for (const { reason } of planned) expect(reason.rule).toMatch(/^[CG]-\d\d$/);
  });

  it.each([
    [`update lms.account set profile = '{"team":"it","secret":"x"}' where id = 'ada'`],
    [`update lms.user_group set smart_rule = '{"==":[1,1]}' where id = 'g-sales'`],
    [
      `insert into lms.membership (group_id, user_id, role, since) values ('g-support', 'bob', 'learner', now())`,
    ],
    [`insert into lms.group_course (group_id, course_id) values ('g-support', 'c-sales')`],
  ])('X-02 stops when the list would differ: %s', async (meanwhile) => {
    const { result } = await outcomeIn(lab, given, 'updateProfiles', update(profiles, { mode: 'preview' }));
    await lab.sql.query(meanwhile);
    const before = await lab.dump();
    const bound = lab.run('updateProfiles', update(profiles, { planHash: result.planHash }));
    await expect(bound).rejects.toMatchObject({ type: 'PlanChanged' });
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 undone is as if it had never been, to the byte, and can be done again', async () => {
    const { before, result } = await outcomeIn(lab, given, 'updateProfiles', update(profiles));
    const undone = await undo(lab, result.operation);
    expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0, users: { done: 2 } });
    expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
    const again = await lab.run('updateProfiles', update(profiles));
    expect(again.counts).toEqual(result.counts);
  });

  it('X-08 of one user only', async () => {
    const { before, after, result } = await outcomeIn(lab, given, 'updateProfiles', update(profiles));
    await undo(lab, result.operation, { users: ['ada'] });
    const then = structuredClone(after);
    for (const list of ['memberships', 'registrations'] as const) {
      const of = (world: World, hers: boolean): object[] =>
        world[list].filter(({ user }) => (user === 'ada') === hers);
      Object.assign(then, { [list]: [...of(before, true), ...of(after, false)] });
    }
    has(then, 'ada', the(before.users, 'ada').profile);
    const [left, right] = [await lab.dump(), then].map((dump) => ({
      ...dump,
      memberships: new Set(dump.memberships.map((each) => JSON.stringify(each))),
      registrations: new Set(dump.registrations.map((each) => JSON.stringify(each))),
    }));
    expect(left).toEqual(right);
  });

  it('C-05 of many chunks ends as one', async () => {
    const many = await openLab({ chunkUsers: 1 });
    const { after, result } = await outcomeIn(lab, given, 'updateProfiles', update(profiles));
    const cut = await outcomeIn(many, given, 'updateProfiles', update(profiles));
    const timeless = (dump: World): World => ({
      ...dump,
      memberships: dump.memberships.map((each) => ({ ...each, since: '' })),
    });
    expect(timeless(cut.after)).toEqual(timeless(after));
    expect(cut.result.counts).toEqual(result.counts);
    expect(cut.result.users).toEqual(result.users);
    await undo(many, cut.result.operation);
    expect(await many.dump()).toEqual(cut.before);
    await many.close();
  });
});
