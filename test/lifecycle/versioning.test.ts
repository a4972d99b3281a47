import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadWorld } from '../../adapters/reference/load-world.ts';
import { taskQueue } from '../../client/task-queue.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { running } from '../support/lab.ts';
import type { Running } from '../support/lab.ts';
import { openNamespace, startRoot } from '../support/roots.ts';
import type { OwnNamespace, Root } from '../support/roots.ts';
import { urlAs } from '../support/database-role.ts';
import { untilState } from '../scenarios/steps.ts';
import { admin, world } from '../support/world-builder.ts';

const deployment = 'lms';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let namespace: OwnNamespace;
const workers: Root[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  const sql = new pg.Client(database.url);
  await sql.connect();
  await loadWorld(sql, world({ users: [{ id: 'ada' }, { id: 'bob' }] }), { replace: true });
  await sql.end();
  namespace = await openNamespace();
}, 120_000);
afterAll(async () => {
  for (const { child } of workers) await child.end(10_000);
  await namespace.close();
  await database.drop();
});

/** A release takes up work, and becomes the one that is current. */
async function rollOut(buildId: string): Promise<Root> {
  const env = {
    DATABASE_URL: urlAs(database.url, 'worker'),
    ...{ LMS_DEPLOYMENT: deployment, LMS_BUILD_ID: buildId },
  };
  const worker = await startRoot('worker', namespace.name, env);
  workers.push(worker);
  const { workflowService } = namespace.client.connection;
  const become = () =>
    workflowService.setWorkerDeploymentCurrentVersion({
      namespace: namespace.name,
      deploymentName: deployment,
      buildId,
      identity: 'test',
    });
  // The server hears of a release by its first poll.
  await expect
    .poll(
      () =>
        become().then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true);
  return worker;
}

async function start(user: string, more: object = {}): Promise<Running> {
  const { client } = namespace;
  const args = [{ user: { id: user }, requestedBy: admin, ...more }];
  const workflowId = `deleteUser-${randomUUID()}`;
  return running(await client.workflow.start('deleteUser', { workflowId, taskQueue, args }));
}

/** By which releases the workflow's tasks were done, in order. */
async function releasesOf({ workflowId }: Running): Promise<string[]> {
  const { events } = await namespace.client.workflow.getHandle(workflowId).fetchHistory();
  const done = (events ?? []).flatMap(
    ({ workflowTaskCompletedEventAttributes: task }) => task?.deploymentVersion?.buildId ?? [],
  );
  return done.filter((release, i) => release !== done[i - 1]);
}

it('an operation that waits for an approval is finished by the release that is current then, and the old workers may go', async () => {
  const old = await rollOut('old');
  const waiting = await start('ada', { approval: 'required' });
  const { planHash } = await untilState(waiting, 'waiting-for-approval');
  await rollOut('new');
  await old.child.end(30_000);
  await waiting.update('approve', { by: admin, planHash });
  expect(await waiting.result()).toMatchObject({ state: 'done', users: { done: 1 } });
  expect(await releasesOf(waiting)).toEqual(['old', 'new']);
  const later = await start('bob');
  expect(await later.result()).toMatchObject({ state: 'done' });
  expect(await releasesOf(later)).toEqual(['new']);
});
