import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, world } from '../support/world-builder.ts';
import { failureOf } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  await lab.load(world({ users: [{ id: 'ada' }] }));
}, 120_000);
afterAll(() => lab.close());

/** Refused as InvalidInput at once, with all of the paths in its message, and nothing has changed. */
async function expectInvalid(workflow: string, input: unknown, paths: string[]): Promise<void> {
  const before = await lab.dump();
  const began = Date.now();
  const { message } = await failureOf(lab.run(workflow, input), 'InvalidInput');
  expect(Date.now() - began).toBeLessThan(5_000);
  for (const path of paths) expect(message).toContain(path);
  expect(await lab.dump()).toEqual(before);
}

describe('deleteUser', () => {
  const good = { user: 'ada', requestedBy: admin };

  it('X-16 tells every problem and its path in one message', async () => {
    const input = {
      user: 7,
      requestedBy: '',
      reason: ['because'],
      mode: 'dry-run',
      approval: 'given',
      planHash: 'abc',
      maxUsers: -1,
      maxShare: 2,
      includePrivateSubgroups: 'yes',
      force: true,
    };
    await expectInvalid('deleteUser', input, Object.keys(input));
  });

  it('X-16 misses what is not there', async () => {
    await expectInvalid('deleteUser', {}, ['user', 'requestedBy']);
    await expectInvalid('deleteUser', { user: 'ada' }, ['requestedBy']);
    await expectInvalid('deleteUser', { requestedBy: admin }, ['user']);
  });

  it.each([undefined, null, 'ada', 7, true, [], [good]])(
    'X-16 refuses %j instead of an object',
    async (input) => {
      await expectInvalid('deleteUser', input, []);
    },
  );

  it.each([
    '',
    '   ',
    null,
    {},
    [],
    ['ada'],
    { name: 'Ada' },
    { id: '' },
    { id: null },
    { email: 7 },
    { id: 'ada', role: 'learner' },
  ])('X-16 refuses %j as a user', async (user) => {
    await expectInvalid('deleteUser', { ...good, user }, ['user']);
  });

  it.each([
    ['maxUsers', 1.5],
    ['maxUsers', '10'],
    ['maxShare', -0.1],
    ['maxShare', 'all'],
    ['planHash', 'F'.repeat(64)],
    ['planHash', '0'.repeat(63)],
    ['planHash', null],
    ['mode', ''],
    ['includePrivateSubgroups', 1],
    ['includePrivateSubgroups', null],
    ['reason', 7],
  ])('X-16 refuses %s %j', async (key, value) => {
    await expectInvalid('deleteUser', { ...good, [key]: value }, [key]);
  });

  it.each([{ approved: true }, { approvedBy: admin }, { approval: 'approved' }, { approval: { by: admin } }])(
    'X-04 approval is never part of the input: %j is invalid',
    async (more) => {
      await expectInvalid('deleteUser', { ...good, ...more }, [Object.keys(more)[0] ?? '']);
    },
  );

  it('X-16 comes before existence and authorization', async () => {
    await expectInvalid('deleteUser', { user: 'nobody', requestedBy: 'nobody', mode: 'x' }, ['mode']);
  });
});

describe('undoOperation', () => {
  it('X-16 tells every problem and its path in one message', async () => {
    const input = { operation: 7, requestedBy: null, mode: 1, user: 'ada' };
    await expectInvalid('undoOperation', input, Object.keys(input));
    await expectInvalid('undoOperation', { requestedBy: admin }, ['operation']);
    await expectInvalid('undoOperation', { operation: ' ', requestedBy: admin }, ['operation']);
  });
});
