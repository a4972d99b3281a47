import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HostLms } from '../../adapters/host-lms.ts';
import { referenceHost } from '../../adapters/reference/reference-host.ts';
import { startOnce } from '../../client/start-once.ts';
import { startOperation } from '../../client/start-operation.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, world } from '../support/world-builder.ts';

/** Each plan takes a while, as of a chunk of many users. */
const slowly: HostLms = {
  ...referenceHost,
  deletionFacts: async (sql, ...asked) => {
    await sql.query('select pg_sleep(0.05)');
    return referenceHost.deletionFacts(sql, ...asked);
  },
};

const crew = Array.from({ length: 70 }, (_, i) => ({ id: `u-${i}` }));

/** One step at a time, and batches of a chunk for each user, of which twenty want it at the same time. */
let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 1, window: 20 }, { host: slowly, slots: 1 });
  await lab.load(world({ members: crew.map(({ id }) => [id, 'learner', 'g-crew']) }));
}, 120_000);
afterAll(() => lab.close());

/** A batch that is planned, chunk by chunk, and no more. */
function startBatch(users: typeof crew) {
  return startOperation(lab.client, {
    workflow: 'deleteUsers',
    input: { users, requestedBy: admin, maxShare: 1, mode: 'preview' },
    trigger: 'command-line',
    through: 'a batch',
    taskQueue: lab.taskQueue,
  });
}

/** When each step of an operation was to be done, and when a worker took it: nanoseconds. */
async function stepsOf(workflowId: string): Promise<{ due: bigint; taken: bigint }[]> {
  const { events } = await lab.client.workflow.getHandle(workflowId).fetchHistory();
  const timeOf = (id: unknown): bigint => {
    const time = events?.find(({ eventId }) => String(eventId) === String(id))?.eventTime;
    return BigInt(String(time?.seconds ?? 0)) * 1_000_000_000n + BigInt(time?.nanos ?? 0);
  };
  return (events ?? []).flatMap(({ eventId, activityTaskStartedEventAttributes: started }) =>
    started ? [{ due: timeOf(started.scheduledEventId), taken: timeOf(eventId) }] : [],
  );
}

/** How many steps of others were taken before each of these, once it was due. */
function overtakenBy(steps: { due: bigint; taken: bigint }[], others: { taken: bigint }[]): number[] {
  return steps.map(
    ({ due, taken }) => others.filter((other) => other.taken > due && other.taken < taken).length,
  );
}

it('a webhook about one user does not wait for the chunks of a batch, and a second batch gets its share', async () => {
  const batch = await startBatch(crew.slice(0, 60));
  const planned = async (): Promise<string | undefined> =>
    (await batch.query<{ step: string }>('progress')).step;
  await expect.poll(planned, { timeout: 30_000, interval: 20 }).toBe('plan');

  const workflowId = `webhook:test:${randomUUID()}:0`;
  const deletion = { user: { id: 'u-65' }, requestedBy: 'system' };
  const told = { workflow: 'deleteUser', input: deletion, trigger: 'webhook', through: 'told' } as const;
  await startOnce(lab.client, { ...told, workflowId, taskQueue: lab.taskQueue });
  const small = await startBatch(crew.slice(66, 69));
  const results = [lab.client.workflow.getHandle(workflowId), small, batch].map((handle) => handle.result());
  expect(await Promise.all(results)).toMatchObject([
    { state: 'done' },
    { state: 'previewed' },
    { state: 'previewed', users: { done: 60 } },
  ]);

  const others = await stepsOf(batch.workflowId);
  const one = overtakenBy(await stepsOf(workflowId), others);
  const second = overtakenBy(await stepsOf(small.workflowId), others);
  expect(one).toHaveLength(8);
  // Without priorities each waits for the twenty chunks that are waiting; without shares so do those of the second batch.
  expect(Math.max(...one)).toBeLessThanOrEqual(3);
  expect(Math.max(...second)).toBeLessThanOrEqual(7);
});
