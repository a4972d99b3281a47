import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { WorkflowFailedError } from '@temporalio/client';
import type { HostLms } from '../../adapters/host-lms.ts';
import { referenceHost } from '../../adapters/reference/reference-host.ts';
import { findOperation } from '../../ledger/operations.ts';
import type { Mail } from '../../reports/mailer.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, world } from '../support/world-builder.ts';

/** What happens when users are read: by default what always happens. */
let beforeReading: () => Promise<void> = () => Promise.resolve();
const host: HostLms = {
  ...referenceHost,
  reports: {
    ...referenceHost.reports,
    users: async (...asked) => {
      await beforeReading();
      return referenceHost.reports.users(...asked);
    },
  },
};

let directory: string;
let lab: Lab;
const mailed: Mail[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lms-lifecycle-broken-off-'));
  const mailer = {
    send: async (mail: Mail) => void mailed.push(await Promise.resolve(mail)),
    close: () => undefined,
  };
  const link = { secret: 'a secret', publicUrl: 'https://lms.example.org' };
  lab = await openLab({}, { host, reports: { directory, link, expiryMs: 60_000, mailer } });
  await lab.load(world());
}, 120_000);
afterAll(async () => {
  await lab.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  mailed.length = 0;
});

/** Holds the next report up in the middle of reading; resolves when it is there. */
function holdUp(): { there: Promise<void>; goOn: () => void } {
  let goOn = (): void => undefined;
  const released = new Promise<void>((resolve) => (goOn = resolve));
  const there = new Promise<void>((resolve) => {
    beforeReading = () => {
      beforeReading = () => Promise.resolve();
      resolve();
      return released;
    };
  });
  return { there, goOn };
}

it('P-03 a report that is broken off by the database is written again, once and whole', async () => {
  beforeReading = () => {
    beforeReading = () => Promise.resolve();
    return Promise.reject(Object.assign(new Error('the connection is gone'), { code: 'ECONNRESET' }));
  };
  const { report } = await lab.run('runReport', { requestedBy: admin });
  expect(report?.users).toBe(2);
  expect((await readdir(directory)).map((name) => name.replace(/^\d+-/, ''))).toEqual([report?.file]);
  expect(mailed).toHaveLength(1);
  await rm(directory, { recursive: true });
});

it('X-15 a report that is cancelled leaves no file and mails nothing', async () => {
  for (const how of ['ours', "Temporal's"]) {
    const { there, goOn } = holdUp();
    const running = await lab.start('runReport', { requestedBy: admin });
    await there;
    if (how === 'ours') await running.update('cancelAfterChunk');
    else await lab.client.workflow.getHandle(running.workflowId).cancel();
    goOn();
    if (how === 'ours') expect(await running.result()).toMatchObject({ state: 'cancelled' });
    else await expect(running.result()).rejects.toThrow(WorkflowFailedError);
    expect(await findOperation(lab.sql, running.workflowId)).toMatchObject({ state: 'cancelled' });
    expect(await readdir(directory)).toEqual([]);
    expect(mailed).toEqual([]);
  }
});
