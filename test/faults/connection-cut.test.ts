import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { admin } from '../support/world-builder.ts';
import { lifeOf } from './support/cohorts.ts';
import { startCuttingProxy } from './support/cutting-proxy.ts';
import type { Cut } from './support/cutting-proxy.ts';
import { startInnerWorker } from './support/inner-worker.ts';
import { answerOf, recordOf } from './support/record.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { adaOf, fullLives } from './support/wave.ts';

/** In each run, one in so many of the statements that there are loses its connection, the first time that it is sent. */
const runs = 12;
const lives = fullLives(runs);

let site: Site;
let drop: () => Promise<void>;
let before: World;
/** Every way to cut that there is for the statements of a run that nothing happens to, and all that were made. */
const possible = new Set<string>();
const made = new Set<string>();

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  site = await openSite(database.url, inject('temporalAddress'));
  await site.load(lives.world);
  before = await site.dump();
});
afterAll(async () => {
  await site.close();
  await drop();
});

/** Deletes the Ada of a life and takes it back, through a connection that is cut as the run's number says. */
async function lifeAndBack(run: number) {
  const life = lives.names[run] ?? '';
  const cut = new Set<string>();
  const proxy = await startCuttingProxy(site.databaseUrl, (statement, previous) => {
    for (const manner of mannersOf(statement)) {
      const name = `${manner} ${statement} after ${previous}`;
      if (run === 0) possible.add(name);
      else if (1 + (hash(name) % runs) === run && !cut.has(name)) {
        cut.add(name);
        made.add(name);
        return manner;
      }
    }
    return null;
  });
  const taskQueue = `cut-${randomUUID()}`;
  const worker = await startInnerWorker(site, { databaseUrl: proxy.url, taskQueue });
  const workplace = { ...site, taskQueue };
  const ada = { user: adaOf(life), requestedBy: admin, includePrivateSubgroups: true };
  const deleted = await outcome(workplace, 'deleteUser', ada, life);
  const undone = await outcome(
    workplace,
    'undoOperation',
    { operation: deleted.operation, requestedBy: admin },
    life,
  );
  await worker.stop();
  await proxy.close();
  return { deleted: { ...deleted, operation: '' }, undone: { ...undone, operation: '' } };
}

async function outcome({ client, taskQueue }: Site, workflow: string, input: object, life: string) {
  const workflowId = `${workflow}-${randomUUID()}`;
  const handle = await client.workflow.start(workflow, { workflowId, taskQueue, args: [input] });
  const answer = answerOf((await handle.result()) as OperationResult, life);
  const operation = handle.firstExecutionRunId;
  const record = await recordOf(site.sql, operation, life);
  return { operation, answer, record, life: lifeOf(await site.dump(), life) };
}

/** Whether a commit that was not answered has happened nobody can tell; all else has surely not. */
function mannersOf(statement: string): Cut[] {
  return statement === 'commit' ? ['unsent', 'unanswered'] : ['half-answered'];
}

function hash(text: string): number {
  return Array.from(text).reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 2_147_483_647, 7);
}

describe('a database connection that is cut', () => {
  let model: Awaited<ReturnType<typeof lifeAndBack>>;
  let others: (typeof model)[];
  beforeAll(async () => {
    model = await lifeAndBack(0);
    others = await Promise.all(Array.from({ length: runs }, (_, i) => lifeAndBack(i + 1)));
  });

  it.each(Array.from({ length: runs }, (_, i) => i + 1))(
    'X-05 at any statement (part %i of all of them) changes nothing about a deletion and its undo',
    (run) => {
      expect(others[run - 1]).toEqual(model);
    },
  );

  it('X-05 was cut at every statement of both', async () => {
    expect(possible.size).toBeGreaterThan(50);
    expect([...possible].filter((name) => !made.has(name))).toEqual([]);
    expect(model.undone.life).toEqual(lifeOf(before, lives.names[0] ?? ''));
    expect(await site.dump()).toEqual(before);
  });
});
