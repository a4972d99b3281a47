import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../contracts/changes.ts';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';
import type { Member } from '../support/world-builder.ts';
import { expectFailure, outcomeIn } from './content-steps.ts';
import { join } from './group-deletion-steps.ts';
import {
  end,
  expectAllUpdated,
  expectUpdated,
  has,
  row,
  storeProfiles,
  teams,
  update,
} from './profile-steps.ts';
import type { Input } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 2 });
}, 120_000);
afterAll(() => lab.close());

const nothing = (): void => undefined;
const floor = { floor: 1 };
const members: Member[] = ['ada', 'bob', 'cem', 'dan'].map((user) => [user, 'learner', 'g-home'] as const);
const given = teams({ deleted: ['old', 'ex'], users: [{ id: 'ada', email: 'Ada@Example.org' }], members });

describe('rows that are wrong', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'ada'],
    ['a number', 7],
    ['a list', ['ada', floor]],
    ['nothing in it', {}],
    ['no user', { profile: floor }],
    ['no profile', { user: 'ada' }],
    ['a blank user', row(' ', floor)],
    ['a user that is a number', row(7, floor)],
    ['a user that is a list', row(['ada'], floor)],
    ['a user that is an empty object', row({}, floor)],
    ['a user with an unknown member', row({ name: 'ada' }, floor)],
    ['an overlong user', row('x'.repeat(501), floor)],
    ['a profile of null', row('ada', null)],
    ['a profile that is a text', row('ada', 'floor=1')],
    ['a profile that is a list', row('ada', [floor])],
    ['a value that no database stores', row('ada', { floor: 'a\u0000' })],
    ['an attribute that no database stores', row('ada', { 'a\u0000': 1 })],
    ['half a surrogate pair deep inside', row('ada', { floor: [{ is: '\ud800' }] })],
  ])('C-05 %s: the row is reported by its line, the rest proceed', async (_, wrong) => {
    const { result } = await expectUpdated(
      lab,
      given,
      [row('bob', floor), wrong, row('cem', floor)],
      (then) => {
        has(then, 'bob', floor);
        has(then, 'cem', floor);
      },
    );
    expect(result.users).toEqual({ done: 2, unchanged: 0, attention: 1 });
    expect(result.attention).toMatchObject([{ line: 2, type: 'InvalidRow' }]);
    expect(JSON.stringify(result).length).toBeLessThan(5_000);
  });

  it('C-05 who is unknown or deleted is NotFound, and what was given is not repeated', async () => {
    const profiles = [
      row('nobody', floor),
      row('old', floor),
      row('ada', floor),
      row({ email: 'who@example.org' }, floor),
      row(' EX@example.org', floor),
    ];
    const { result } = await expectUpdated(lab, given, profiles, (then) => has(then, 'ada', floor));
    expect(result.users).toEqual({ done: 1, unchanged: 0, attention: 4 });
    expect(result.attention.map(({ line, type }) => `${line} ${type}`)).toEqual(
      [1, 2, 4, 5].map((line) => `${line} NotFound`),
    );
    expect(JSON.stringify(result)).not.toMatch(/@example/i);
  });

  it('C-05 of which every one is wrong, the update is done all the same', async () => {
    const { result } = await expectUpdated(lab, given, [7, row('nobody', floor)], nothing);
    expect(result).toMatchObject({ counts: {}, users: { done: 0, unchanged: 0, attention: 2 } });
  });

  it('C-05 a wrong row for a user does not spoil a right one', async () => {
    const profiles = [row('ada', floor), row('ada', 'x'), row('ada', { team: 'sales' })];
    const { result } = await expectUpdated(lab, given, profiles, (then) => {
      has(then, 'ada', { ...floor, team: 'sales' });
      join(then, 'ada', 'g-sales');
    });
    expect(result.users).toEqual({ done: 1, unchanged: 1, attention: 1 });
    expect(result.attention).toMatchObject([{ line: 2, type: 'InvalidRow' }]);
  });

  it('C-05 of a stored list end as those of the input', async () => {
    const profiles = [
      row('ada', { team: 'sales' }),
      7,
      row('nobody', floor),
      row('bob', floor),
      row('ada', floor),
    ];
    const straight = await outcomeIn(lab, given, 'updateProfiles', update(profiles));
    await lab.load(given);
    const list = await storeProfiles(lab, profiles);
    const stored = await lab.run('updateProfiles', { list, requestedBy: admin });
    expect(stored.users).toEqual({ done: 2, unchanged: 1, attention: 2 });
    expect(stored).toMatchObject({
      users: straight.result.users,
      counts: straight.result.counts,
      attention: straight.result.attention,
    });
    const since = '';
    const timeless = (dump: World): World => ({
      ...dump,
      memberships: dump.memberships.map((each) => ({ ...each, since })),
    });
    expect(timeless(await lab.dump())).toEqual(timeless(straight.after));
  });
});

describe('input that cannot be', () => {
  it.each<[Input, string]>([
    [{ profiles: undefined }, 'profiles'],
    [{ profiles: [] }, 'profiles'],
    [{ profiles: 'ada' }, 'profiles'],
    [{ profiles: { user: 'ada', profile: {} } }, 'profiles'],
    [{ profiles: [row('ada', floor)], list: 'some' }, 'profiles'],
    [{ list: 7, profiles: undefined }, 'list'],
    [{ cascade: 'never' }, 'cascade'],
    [{ maxShare: 2 }, 'maxShare'],
    [{ requestedBy: undefined }, 'requestedBy'],
    [{ users: ['ada'] }, 'users'],
  ])('X-16 %j is InvalidInput, by its path', async (wrong, path) => {
    const input = { ...update([row('ada', floor)]), ...wrong };
    const { message } = await expectFailure(lab, given, 'InvalidInput', 'updateProfiles', input);
    expect(message).toContain(path);
  });

  it('X-16 a list that was never stored is NotFound', async () => {
    await expectFailure(lab, given, 'NotFound', 'updateProfiles', { list: 'none', requestedBy: admin });
  });
});

describe('rules that cannot be judged', () => {
  const users = ['ada', 'bob', 'cem', 'dan'];
  /** `g-odd` has the rule; Bob is in it. Everybody has a number, and belongs to sales by team. */
  function odd(smartRule: JsonObject): World {
    return teams({
      groups: [{ id: 'g-odd', smartRule }],
      users: users.map((id) => ({ id, profile: { n: 1, team: 'sales' } })),
      members: [...members, ['bob', 'learner', 'g-odd'], ['dan', 'learner', 'g-sales']],
    });
  }

  it.each<[string, JsonObject]>([
    ['throws', { throw: 'secret' }],
    ['has an unknown operator', { frobnicate: [1] }],
    ['is a text', { var: 'team' }],
    ['is a number', { '+': [{ var: 'n' }, 1] }],
    ['is nothing', { var: 'nothing' }],
  ])(
    'C-04 one that %s is reported by its group, whose members stay; other groups proceed',
    async (_, rule) => {
      const { result } = await expectUpdated(
        lab,
        odd(rule),
        users.map((user) => row(user, {})),
        (then) => {
          for (const user of ['ada', 'bob', 'cem']) join(then, user, 'g-sales');
        },
      );
      expect(result.users).toEqual({ done: 3, unchanged: 1, attention: 0 });
      expect(result.warnings.filter((warning) => warning.includes('g-odd'))).toHaveLength(1);
      expect(result.warnings.join('\n')).not.toMatch(/g-sales|secret/);
    },
  );

  it('C-04 one that cannot be judged for the last of them changes the membership of nobody', async () => {
    const rule = { '==': [{ '+': [{ var: 'n' }, 1] }, 2] };
    // Judged, Ada joins, Bob stays, and Dan would have left.
    const profiles = [row('ada', {}), row('bob', { n: 3 }), row('cem', {}), row('dan', { n: 'secret' })];
    const { result } = await expectUpdated(lab, odd(rule), profiles, (then) => {
      has(then, 'bob', { n: 3, team: 'sales' });
      has(then, 'dan', { n: 'secret', team: 'sales' });
      for (const user of ['ada', 'bob', 'cem']) join(then, user, 'g-sales');
    });
    expect(result.warnings.join('\n')).toContain('g-odd');
    expect(result.warnings.join('\n')).not.toContain('secret');
    const well = await expectAllUpdated(lab, odd(rule), profiles.slice(0, 3), (then) => {
      has(then, 'bob', { n: 3, team: 'sales' });
      end(then, 'bob learner g-odd');
      for (const user of ['ada', 'cem']) join(then, user, 'g-odd');
      for (const user of ['ada', 'bob', 'cem']) join(then, user, 'g-sales');
    });
    expect(well.result.users.done).toBe(3);
  });

  it('C-04 a preview reports it too', async () => {
    const input = update([row('ada', {})], { mode: 'preview' });
    const { result } = await outcomeIn(lab, odd({ throw: 'x' }), 'updateProfiles', input);
    expect(result.warnings.join('\n')).toContain('g-odd');
  });
});
