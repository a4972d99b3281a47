import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Attention, OperationResult } from '../../contracts/operations.ts';
import type { Progress } from '../../workflows/messages.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { admin } from '../support/world-builder.ts';
import { cohorts, lifeOf, tokenOf, withoutToken } from './support/cohorts.ts';
import { attentionOf, crewOf, crewWorld } from './support/crew.ts';
import { closeGates, gatesAt, installGates } from './support/gates.ts';
import { answerOf, recordOf } from './support/record.ts';
import { refuse, repair } from './support/refusing-host.ts';
import { openSite } from './support/site.ts';
import type { Handle, Site } from './support/site.ts';
import { untilState } from './support/until.ts';
import { undisturbed } from './support/wave.ts';
import { startWorker } from './support/worker.ts';
import type { WorkerProcess } from './support/worker.ts';

/** Four chunks, of which the second and the last hold somebody whom the host refuses. */
const size = 20;
const bad = ['u-007', 'u-020'];
const smallChunks = { LMS_CHUNK_USERS: '5', LMS_CHUNK_WINDOW: '2' };

/** The worker is killed twice: while users are put aside, and while they are tried again, or given up. */
const isolating = gatesAt(['isolate'], ['within', 'committing']);
const retrying = gatesAt(['leaveGroups', 'retireAccounts', 'settle'], ['within', 'committing']);
const givingUp = gatesAt(['close'], ['within', 'committing']);
const waiting = 'needs-attention';
const refused = [waiting, ...isolating, ...retrying, ...givingUp];

let site: Site;
let worker: WorkerProcess;
let drop: () => Promise<void>;
const handles = new Map<string, Handle>();
const listed = new Map<string, Attention[]>();
const progress = new Map<string, Progress>();
const endings = new Map<string, Awaited<ReturnType<typeof ending>>>();

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  await installGates(database.url);
  site = await openSite(database.url, inject('temporalAddress'));
  await site.load(cohorts(crewWorld(size), [undisturbed, ...refused]));
  await refuse(
    site.sql,
    'membership',
    refused.flatMap((name) => bad.map((user) => user + tokenOf(name))),
  );
  worker = await startWorker(site, smallChunks);
  await start(undisturbed);
  await killedWhileIsolating();
  await killedWhileRetrying();
  for (const name of [undisturbed, ...refused]) endings.set(name, await ending(name));
}, 180_000);
afterAll(async () => {
  await worker.stop();
  await site.close();
  await drop();
});

/** The operation on the crew of that name. */
function of(name: string): Handle {
  const handle = handles.get(name);
  if (handle === undefined) throw new Error(`no operation goes by ${name}`);
  return handle;
}

async function start(name: string): Promise<void> {
  const users = crewOf(size).map((user) => user + tokenOf(name));
  handles.set(name, await site.start('deleteUsers', { users, requestedBy: admin, reason: name }));
}

async function killedWhileIsolating(): Promise<void> {
  const closed = await closeGates(site.databaseUrl, isolating);
  for (const name of refused) await start(name);
  for (const name of [waiting, ...retrying, ...givingUp]) await untilState(of(name), 'needs-attention');
  await closed.reached();
  await worker.kill();
  await closed.open();
  worker = await startWorker(site, smallChunks);
  for (const name of refused) {
    progress.set(name, await untilState(of(name), 'needs-attention'));
    listed.set(name, withoutToken(await attentionOf(of(name)), name));
  }
}

async function killedWhileRetrying(): Promise<void> {
  const closed = await closeGates(site.databaseUrl, [...retrying, ...givingUp]);
  await repair(site.sql);
  const [given, tried] = [givingUp, [waiting, ...isolating, ...retrying]];
  for (const name of given) await of(name).executeUpdate('skipAttention');
  for (const name of tried) await of(name).executeUpdate('retryAttention');
  await closed.reached();
  await worker.kill();
  await closed.open();
  worker = await startWorker(site, smallChunks);
}

async function ending(name: string) {
  const answer = answerOf((await of(name).result()) as OperationResult, name);
  const record = await recordOf(site.sql, of(name).firstExecutionRunId, name);
  return { answer, record, life: lifeOf(await site.dump(), name) };
}

describe('a worker killed by SIGKILL, of an operation of several chunks in which the host refuses two users', () => {
  it('X-05 (what the others are compared with) an undisturbed one does all of them', () => {
    const users = { done: size, unchanged: 0, attention: 0 };
    expect(endings.get(undisturbed)?.answer).toMatchObject({ state: 'done', users, conflicts: 0 });
  });

  it.each(refused)('X-07 (%s) puts these two aside, and waits for a decision', (name) => {
    expect(listed.get(name)).toMatchObject(
      bad.map((user) => ({ line: Number(user.slice(2)), user, type: 'Unexpected' })),
    );
    expect(progress.get(name)).toMatchObject({ chunks: 4, chunksDone: 4, users: { total: size } });
  });

  it('X-07 while they wait: they still wait, and are done once when they are tried again', () => {
    expect(endings.get(waiting)).toEqual(endings.get(undisturbed));
  });

  it.each(isolating)('X-07 at %s, while they are put aside: tried again, they are done once', (gate) => {
    expect(endings.get(gate)).toEqual(endings.get(undisturbed));
  });

  it.each(retrying)('X-07 at %s, while they are tried again: they are done once', (gate) => {
    expect(endings.get(gate)).toEqual(endings.get(undisturbed));
  });

  it.each(givingUp)('X-07 at %s, when they are given up: that is all, and nobody is held', (gate) => {
    const users = { done: size - 2, unchanged: 0, attention: 2 };
    expect(endings.get(gate)).toMatchObject({ answer: { state: 'done', users }, record: { claims: [] } });
  });
});
