import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, the } from '../support/world-builder.ts';
import type { Member } from '../support/world-builder.ts';
import { join } from './group-deletion-steps.ts';
import { end, expectAllUpdated, expectUpdated, has, row, teams, update } from './profile-steps.ts';
import { failureOf } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const nothing = (): void => undefined;
const floor = { floor: 1 };
const members: Member[] = ['ada', 'bob', 'cem', 'dan'].map((user) => [user, 'learner', 'g-home'] as const);

describe('who may', () => {
  const roles: Member[] = [
    ['mia', 'admin', 'g-team'],
    ['uma', 'user-admin', 'g-team'],
    ['coa', 'coach', 'g-team'],
    ['aut', 'author', 'g-team'],
    ['top', 'admin', 'g-region'],
    ['oth', 'admin', 'g-home'],
    ['tip', 'user-admin', 'g-root'],
    ['sub', 'admin', 'g-below'],
    ['ada', 'learner', 'g-team'],
    ['bob', 'coach', 'g-team'],
    ['cem', 'learner', 'g-other'],
  ];
  const town = teams({
    deleted: ['old'],
    groups: [
      { id: 'g-team', parent: 'g-region', visibility: 'private' },
      { id: 'g-below', parent: 'g-team' },
    ],
    members: roles,
  });

  it.each([admin, owner, 'mia', 'uma', 'ada'])('A %s may update Ada', async (requestedBy) => {
    await expectAllUpdated(
      lab,
      town,
      [row('ada', { team: 'sales' })],
      (then) => {
        has(then, 'ada', { team: 'sales' });
        join(then, 'ada', 'g-sales');
      },
      { requestedBy },
    );
  });

  it.each(['coa', 'aut', 'top', 'oth', 'tip', 'sub', 'bob', 'cem'])('A %s may not', async (requestedBy) => {
    const { result } = await expectUpdated(lab, town, [row('ada', floor)], nothing, { requestedBy });
    expect(result.users).toEqual({ done: 0, unchanged: 0, attention: 1 });
    expect(result.attention).toMatchObject([{ line: 1, user: 'ada', type: 'NotAuthorized' }]);
  });

  it.each(['old', 'nobody'])('A %s is nobody who may ask', async (requestedBy) => {
    const { before, after, types } = await asked(requestedBy, [row('ada', floor), row('bob', floor)]);
    expect(after).toEqual(before);
    expect(new Set(types)).toEqual(new Set(['NotAuthorized']));
  });

  /** The operation fails, or each line does. */
  async function asked(
    requestedBy: string,
    profiles: object[],
  ): Promise<{ before: World; after: World; types: string[] }> {
    await lab.load(town);
    const before = await lab.dump();
    const types = await lab.run('updateProfiles', update(profiles, { requestedBy })).then(
      ({ attention }) => attention.map(({ type }) => type),
      (failure: { type: string }) => [failure.type],
    );
    return { before, after: await lab.dump(), types };
  }

  it('A each line is judged for itself', async () => {
    const profiles = ['ada', 'cem', 'bob', 'nobody', 'mia', 'cem'].map((user) => row(user, floor));
    const edit = (then: World): void => ['ada', 'bob', 'mia'].forEach((user) => has(then, user, floor));
    const { result } = await expectUpdated(lab, town, profiles, edit, { requestedBy: 'mia' });
    expect(result.attention.map(({ line, type }) => `${line} ${type}`)).toEqual([
      '2 NotAuthorized',
      '4 NotFound',
    ]);
    expect(result.users).toEqual({ done: 3, unchanged: 1, attention: 2 });
  });

  it('interface: what is so already is unchanged, decided before any right', async () => {
    const { result } = await expectUpdated(lab, town, [row('cem', {})], nothing, { requestedBy: 'mia' });
    expect(result.users).toEqual({ done: 0, unchanged: 1, attention: 0 });
  });

  it('A the rights are those of before: who leaves the group by the update is done all the same', async () => {
    const inSales = teams({
      users: ['ada', 'bob'].map((id) => ({ id, profile: { team: 'sales' } })),
      members: [
        ...members,
        ['ada', 'learner', 'g-sales'],
        ['bob', 'learner', 'g-sales'],
        ['mia', 'admin', 'g-sales'],
      ],
    });
    const { result } = await expectAllUpdated(
      lab,
      inSales,
      ['ada', 'bob'].map((user) => row(user, { team: 'it' })),
      (then) => {
        for (const user of ['ada', 'bob']) {
          has(then, user, { team: 'it' });
          end(then, `${user} learner g-sales`);
        }
      },
      { requestedBy: 'mia' },
    );
    for (const requestedBy of ['bob', 'ada', 'cem']) {
      await failureOf(undo(lab, result.operation, { requestedBy }), 'NotAuthorized');
    }
    // allowed in the world of then, with the role of today.
    expect((await undo(lab, result.operation, { requestedBy: 'mia' })).attention).toEqual([]);
    const { profile } = the((await lab.dump()).users, 'ada');
    expect(profile).toEqual({ team: 'sales' });
  });
});
