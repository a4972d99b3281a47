import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';
import type { Member } from '../support/world-builder.ts';
import { expectFailure } from './content-steps.ts';
import { row, teams, update } from './profile-steps.ts';
import { untilState } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 2 });
}, 120_000);
afterAll(() => lab.close());

const floor = { floor: 1 };
const members: Member[] = ['ada', 'bob', 'cem', 'dan'].map((user) => [user, 'learner', 'g-home'] as const);
const given = teams({ deleted: ['old', 'ex'], users: [{ id: 'ada', email: 'Ada@Example.org' }], members });

describe('guards', () => {
  it('X-03 stops above maxUsers before the first change; who is unchanged or refused does not count', async () => {
    const profiles = ['ada', 'bob', 'nobody', 'cem'].map((user) => row(user, user === 'cem' ? {} : floor));
    await expectFailure(lab, given, 'GuardExceeded', 'updateProfiles', update(profiles, { maxUsers: 1 }));
    await lab.load(given);
    expect((await lab.run('updateProfiles', update(profiles, { maxUsers: 2 }))).users.done).toBe(2);
  });
});

describe('X-03 in a large platform', () => {
  const names = Array.from({ length: 150 }, (_, i) => `u-${String(i).padStart(3, '0')}`);
  let large: Lab;
  beforeAll(async () => {
    large = await openLab({ chunkUsers: 40, approvalAbove: 1000 });
  }, 120_000);
  afterAll(() => large.close());

  /** Everybody is in `g-home`, the first 50 in sales by team, of whom the last ten are coaches there as well. */
  function crowd(): World {
    return teams({
      users: names.map((id, i) => ({ id, profile: i < 50 ? { team: 'sales' } : {} })),
      members: [
        ...names.map((user): Member => [user, 'learner', 'g-home']),
        ...names.slice(0, 50).map((user): Member => [user, 'learner', 'g-sales']),
        ...names.slice(40, 50).map((user): Member => [user, 'coach', 'g-sales']),
      ],
    });
  }
  /** So many of sales leave it, so many others change, of whom some join sales. */
  function changing(leaving: number, others: number, joining = 0): object[] {
    return [
      ...names.slice(0, leaving).map((user) => row(user, { team: null })),
      ...names.slice(50, 50 + others).map((user, i) => row(user, i < joining ? { team: 'sales' } : floor)),
    ];
  }
  const share = { maxShare: 0.8 };

  it('X-03 stops above maxShare of the living users', async () => {
    const profiles = names.slice(40).map((user) => row(user, floor));
    const { message } = await expectFailure(
      large,
      crowd(),
      'GuardExceeded',
      'updateProfiles',
      update(profiles),
    );
    expect(message).not.toContain('g-sales');
    await expectFailure(
      large,
      crowd(),
      'GuardExceeded',
      'updateProfiles',
      update(profiles, { maxShare: 0.7 }),
    );
    await large.load(crowd());
    expect((await large.run('updateProfiles', update(profiles, share))).users.done).toBe(110);
  });

  it('X-03 C-04 stops above that share of a group that would be left, naming it', async () => {
    const input = update(changing(41, 70), share);
    const { message } = await expectFailure(large, crowd(), 'GuardExceeded', 'updateProfiles', input);
    expect(message).toContain('g-sales');
    await expectFailure(large, crowd(), 'GuardExceeded', 'updateProfiles', { ...input, mode: 'preview' });
  });

  it('X-03 C-04 does not stop at just that share', async () => {
    await large.load(crowd());
    const result = await large.run('updateProfiles', update(changing(40, 70), share));
    expect(result.users).toEqual({ done: 110, unchanged: 0, attention: 0 });
    expect(result.counts['membership.remove']).toBe(40);
  });

  it('X-03 C-04 those who join do not make up for those who leave', async () => {
    const input = update(changing(41, 70, 60), share);
    await expectFailure(large, crowd(), 'GuardExceeded', 'updateProfiles', input);
  });

  it('X-03 C-04 counts only once more than 100 users have a change', async () => {
    await large.load(crowd());
    const result = await large.run('updateProfiles', update(changing(40, 60), { maxShare: 0 }));
    expect(result.users.done).toBe(100);
    await expectFailure(
      large,
      crowd(),
      'GuardExceeded',
      'updateProfiles',
      update(changing(40, 61), { maxShare: 0.75 }),
    );
  });

  it('X-04 waits for approval above 100 users', async () => {
    const waits = await openLab({ chunkUsers: 100 });
    await waits.load(crowd());
    const before = await waits.dump();
    const running = await waits.start('updateProfiles', update(changing(40, 70), share));
    const { planHash } = await untilState(running, 'waiting-for-approval');
    expect(await waits.dump()).toEqual(before);
    await running.update('approve', { by: admin, planHash });
    expect((await running.result()).users.done).toBe(110);
    await waits.close();
  });
});
