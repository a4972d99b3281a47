import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { expect, inject, it } from 'vitest';
import { fullLife } from '../scenarios/full-life.ts';
import { openLab } from '../support/lab.ts';
import type { Lab, Running } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';

/** Histories of operations as earlier releases ran them: a workflow that is under way must survive the next release. */
const saved = join(import.meta.dirname, 'histories');
// The packages' own JSON form needs all of them to share one copy of protobufjs, which npm does not promise.
const { History } = proto.temporal.api.history.v1;
const deletion = { user: 'ada', requestedBy: admin, includePrivateSubgroups: true };

it.runIf(process.env['UPDATE_HISTORIES'])('histories are recorded', async () => {
  const lab = await openLab();
  await lab.load(fullLife());
  const preview = await lab.start('deleteUser', { ...deletion, mode: 'preview' });
  await preview.result();
  const refused = await lab.start('deleteUser', { ...deletion, user: 'nobody' });
  await refused.result().catch(() => undefined);
  const deleted = await lab.start('deleteUser', { ...deletion, approval: 'required' });
  await approve(deleted);
  const { operation } = await deleted.result();
  const undone = await lab.start('undoOperation', { operation, requestedBy: admin });
  await undone.result();
  await record(lab, { preview, refused, approved: deleted, undone });
  await lab.close();
});

async function approve(running: Running): Promise<void> {
  await expect
    .poll(() => running.query('progress'), { timeout: 20_000 })
    .toMatchObject({ state: 'waiting-for-approval' });
  const { planHash } = await running.query<{ planHash: string }>('progress');
  await running.update('approve', { by: admin, planHash });
}

async function record(lab: Lab, operations: Record<string, Running>): Promise<void> {
  for (const [name, { workflowId }] of Object.entries(operations)) {
    const history = await lab.client.workflow.getHandle(workflowId).fetchHistory();
    await writeFile(join(saved, `${name}.history`), History.encode(impersonal(history)).finish());
  }
}

/** Without what only tells on which machine it was recorded. */
function impersonal<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  for (const [key, member] of Object.entries(value)) {
    if (key === 'identity' || key === 'stackTrace') Reflect.set(value, key, '');
    else impersonal(member);
  }
  return value;
}

it('X-05 every saved history replays on the workflows of today', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const names = await readdir(saved);
  expect(names.length).toBeGreaterThanOrEqual(4);
  for (const name of names) {
    const history = History.decode(await readFile(join(saved, name)));
    const workflowBundle = { codePath: inject('workflowBundle') };
    await Worker.runReplayHistory({ workflowBundle }, history, name);
  }
});
