import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import type { Member } from '../support/world-builder.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';
import { expectRefusal, failureOf, outcomeOf } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const byRita = { requestedBy: 'rita' };

describe('who asks', () => {
  it('A an unknown or deleted requester may nothing', async () => {
    const given = world({ deleted: ['old'], members: [['ada', 'learner', 'g-sales']] });
    await expectRefusal(lab, given, 'NotAuthorized', { requestedBy: 'nobody' });
    await expectRefusal(lab, given, 'NotAuthorized', { requestedBy: 'old' });
  });

  it('A an unknown user is NotFound before anybody asks who may', async () => {
    const given = world({ users: [{ id: 'rita' }] });
    for (const user of ['nobody', { id: 'nobody' }, { email: 'nobody@example.org' }, 'nobody@example.org']) {
      await expectRefusal(lab, given, 'NotFound', { user, ...byRita });
    }
  });

  it('X-10 a refusal does not repeat the email that was asked for', async () => {
    const given = world({ users: [{ id: 'ada', email: 'ada.private@example.org', name: 'Ada Secret' }] });
    const unknown = await expectRefusal(lab, given, 'NotFound', { user: { email: 'nobody@example.org' } });
    expect(unknown.message).not.toContain('nobody@example.org');
    const refused = await expectRefusal(lab, given, 'NotAuthorized', {
      user: { email: 'ada.private@example.org' },
      requestedBy: 'nobody',
    });
    expect(refused.message).not.toMatch(/ada\.private|Secret/);
  });

  it('D-21 is decided right after existence: a deleted user is unchanged for whoever asks', async () => {
    const given = world({ deleted: ['ada'], users: [{ id: 'rita' }] });
    const { before, after, result } = await outcomeOf(lab, given, byRita);
    expect(result.users).toEqual({ done: 0, unchanged: 1, attention: 0 });
    expect(after).toEqual(before);
  });
});

describe('undoing', () => {
  const members: Member[] = [
    ['rita', 'admin', 'g-sales'],
    ['ron', 'admin', 'g-sales'],
    ['ada', 'learner', 'g-sales'],
  ];

  async function deletedByRita(): Promise<string> {
    return (await outcomeOf(lab, world({ members }), byRita)).result.operation;
  }

  it.each(['rita', admin, owner])('A undoOperation is allowed to %s', async (requestedBy) => {
    const operation = await deletedByRita();
    await lab.run('undoOperation', { operation, requestedBy });
    expect(the((await lab.dump()).users, 'ada').status).toBe('active');
  });

  it.each(['ron', 'ada', 'nobody'])('A undoOperation is not allowed to %s', async (requestedBy) => {
    const operation = await deletedByRita();
    const before = await lab.dump();
    await failureOf(lab.run('undoOperation', { operation, requestedBy }), 'NotAuthorized');
    expect(await lab.dump()).toEqual(before);
  });

  it('A undoOperation goes by the roles of today: who asked then may no longer', async () => {
    const operation = await deletedByRita();
    await lab.sql.query(`delete from lms.membership where user_id = 'rita'`);
    const before = await lab.dump();
    await failureOf(lab.run('undoOperation', { operation, requestedBy: 'rita' }), 'NotAuthorized');
    expect(await lab.dump()).toEqual(before);
  });

  it('A undoOperation of an operation that never was is NotFound', async () => {
    await lab.load(world());
    await failureOf(lab.run('undoOperation', { operation: 'op-none', requestedBy: admin }), 'NotFound');
  });
});
