import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { admin, owner } from '../support/world-builder.ts';
import { lifeOf } from './support/cohorts.ts';
import { closeGates, gatesAt, installGates } from './support/gates.ts';
import type { ClosedGates, Gate } from './support/gates.ts';
import { answerOf, recordOf } from './support/record.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { untilWaiting } from './support/until.ts';
import { adaOf, fullLives, undisturbed } from './support/wave.ts';
import { startWorker } from './support/worker.ts';
import type { WorkerProcess } from './support/worker.ts';

const gates = gatesAt(['begin'], ['within', 'committing']);
const [within = 'begin/within', committing = 'begin/committing'] = gates;
const lives = fullLives(2);
const [left = '', killed = '', told = ''] = lives.names;

let site: Site;
let worker: WorkerProcess;
let drop: () => Promise<void>;

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  await installGates(database.url);
  site = await openSite(database.url, inject('temporalAddress'));
  await site.load(lives.world);
  worker = await startWorker(site);
});
afterAll(async () => {
  await worker.stop();
  await site.close();
  await drop();
});

async function makeOwner(user: string): Promise<void> {
  await site.sql.query('update lms.platform set owner_id = $1', [user]);
}

/** Deletes the Ada of a life, who becomes the platform's owner while that waits for approval (D-14). */
async function beginWith(
  life: string,
  reason: string,
  disturb: (closed: ClosedGates) => Promise<void>,
): Promise<object> {
  const input = { user: adaOf(life), requestedBy: admin, includePrivateSubgroups: true };
  const handle = await site.start('deleteUser', { ...input, approval: 'required', reason });
  const { planHash } = await untilWaiting(handle);
  await makeOwner(adaOf(life));
  const closed = await closeGates(site.databaseUrl, gates);
  await handle.executeUpdate('approve', { args: [{ by: admin, planHash }] });
  await disturb(closed);
  await closed.open();
  const answer = answerOf((await handle.result()) as OperationResult, life);
  const record = await recordOf(site.sql, handle.firstExecutionRunId, life);
  await makeOwner(owner);
  return { answer, record, life: lifeOf(await site.dump(), life) };
}

describe('a chunk that begins with somebody who must not be deleted any more', () => {
  let model: object;
  beforeAll(async () => {
    model = await beginWith(left, undisturbed, () => Promise.resolve());
  });

  async function killAt(closed: ClosedGates, gate: Gate): Promise<void> {
    await closed.reached([gate]);
    await worker.kill();
    await closed.open();
    worker = await startWorker(site);
  }

  it('D-14 (what the others are compared with) leaves the new owner alone, and says so', () => {
    expect(model).toMatchObject({
      answer: { state: 'done', counts: {}, conflicts: 19, attention: [{ type: 'PlatformOwnerProtected' }] },
      record: { claims: [], images: [] },
    });
  });

  it('X-05 begins again after a worker that was killed amid it', async () => {
    expect(await beginWith(killed, within, (closed) => killAt(closed, within))).toEqual(model);
  });

  it('X-05 begins again after a worker that was killed before it could tell', async () => {
    expect(await beginWith(told, committing, (closed) => killAt(closed, committing))).toEqual(model);
  });
});
