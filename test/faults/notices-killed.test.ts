import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startReceiver, verified } from '../notifications/support/receiver.ts';
import type { ReceiverServer } from '../notifications/support/receiver.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { admin, world } from '../support/world-builder.ts';
import { newSecret } from '../webhooks/support/sender.ts';
import { eventually } from './support/eventually.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { startWorker } from './support/worker.ts';
import type { WorkerProcess } from './support/worker.ts';

const secret = newSecret();

let receiver: ReceiverServer;
let site: Site;
let worker: WorkerProcess;
let drop: () => Promise<void>;
const start = (): Promise<WorkerProcess> =>
  startWorker(site, { LMS_NOTIFY_WEBHOOKS: `ops=${receiver.url} ${secret}` });
beforeAll(async () => {
  receiver = await startReceiver();
  const database = await freshDatabase();
  drop = database.drop;
  site = await openSite(database.url, inject('temporalAddress'));
  await site.load(world({ users: [{ id: 'ada' }] }));
  worker = await start();
});
afterAll(async () => {
  await worker.stop();
  await site.close();
  await receiver.close();
  await drop();
});

async function untilArrived(times: number): Promise<void> {
  const have = (): number => receiver.arrived.length;
  await eventually(
    () => Promise.resolve(have() >= times),
    () => `${have()} of ${times} webhooks arrived`,
  );
}

it('X-05 a worker killed while it tells somebody is followed by one that tells the same, under the same id', async () => {
  receiver.misbehave('silent');
  const input = { user: 'ada', requestedBy: admin, approval: 'required' };
  const handle = await site.start('deleteUser', input);
  await untilArrived(1);
  await worker.kill();
  worker = await start();
  await untilArrived(2);
  const [first, second] = receiver.arrived;
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(second?.body).toBe(first?.body);
  expect(second && verified(secret, second)).toMatchObject({
    type: 'operation.approval_requested',
    data: { operation: handle.firstExecutionRunId, state: 'waiting-for-approval' },
  });
  const told = site.client.workflow.getHandle(`notify-${String(first?.headers['webhook-id'])}`);
  await told.result();
  expect(receiver.arrived).toHaveLength(2);
  await handle.terminate('the test has ended');
});
