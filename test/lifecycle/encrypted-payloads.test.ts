import { randomBytes } from 'node:crypto';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataConverterOf } from '../../composition/data-converter.ts';
import { fullLife } from '../scenarios/full-life.ts';
import { untilState } from '../scenarios/steps.ts';
import { historyText } from '../support/history-text.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';

const [older, newer] = ['older', 'newer'].map((id) => ({ id, key: randomBytes(32) })) as [Key, Key];
type Key = { id: string; key: Buffer };

/** The bundle that a worker with keys loads; the build makes it. */
const workflowBundle = new URL('../../dist/workflow-bundle-encoded.js', import.meta.url).pathname;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 2 }, { dataConverter: dataConverterOf([newer, older]), workflowBundle });
  await lab.load(fullLife());
}, 120_000);
afterAll(() => lab.close());

const clientWith = (...keys: Key[]): Client =>
  new Client({ connection: lab.client.connection, dataConverter: dataConverterOf(keys) });

it('X-10 nothing that an admin types, nor any email or name, is in the history of a whole run', async () => {
  const { users } = await lab.dump();
  const secrets = users.flatMap(({ email, name }) => [email, name]);
  const typed = { users: secrets.filter((secret) => secret.includes('@')), reason: 'Ada Lovelace left' };
  const asked = {
    ...typed,
    requestedBy: admin,
    includePrivateSubgroups: true,
    maxShare: 1,
    approval: 'required',
  };
  const rejected = await lab.start('deleteUsers', asked);
  await untilState(rejected, 'waiting-for-approval');
  await rejected.update('reject', { by: admin, reason: 'ask ada@example.org first' });
  await expect(rejected.result()).rejects.toMatchObject({
    type: 'ApprovalRejected',
    message: expect.stringContaining('ask ada@example.org first'),
  });
  const done = await lab.start('deleteUsers', asked);
  const { planHash } = await untilState(done, 'waiting-for-approval');
  await done.update('approve', { by: admin, planHash });
  expect(await done.result()).toMatchObject({ state: 'done' });
  const histories = await Promise.all(
    [rejected, done, { workflowId: `${done.workflowId}/chunk-1` }].map((run) =>
      historyText(lab.client, run.workflowId),
    ),
  );
  for (const history of histories) {
    expect(history).toContain('encryption-key-id');
    expect(secrets.filter((secret) => secret !== '' && history.includes(secret))).toEqual([]);
    expect(history).not.toMatch(/Lovelace|requestedBy/);
  }
});

it('X-10 what the first key of before has encrypted is read after the keys were changed', async () => {
  const workflowId = `deleteUser-${newer.id}-${randomBytes(8).toString('hex')}`;
  const args = [{ user: 'nobody', requestedBy: admin }];
  const before = clientWith(older);
  const handle = await before.workflow.start('deleteUser', { workflowId, taskQueue: lab.taskQueue, args });
  const failed = clientWith(newer, older).workflow.getHandle(handle.workflowId).result();
  await expect(failed).rejects.toMatchObject({
    cause: { type: 'NotFound', message: 'input.user: there is no such user' },
  });
});

it('X-10 a client with another key, or with none, is told what is wrong', async () => {
  const { workflowId } = await lab.start('deleteUser', { user: 'ada', requestedBy: admin, mode: 'preview' });
  const stranger = clientWith({ id: 'mine', key: randomBytes(32) });
  const told = "encrypted with the key 'newer', which LMS_CODEC_KEYS does not name: it names mine";
  await expect(stranger.workflow.getHandle(workflowId).result()).rejects.toThrow(told);
  await expect(clientWith().workflow.getHandle(workflowId).result()).rejects.toThrow('it names none');
});
