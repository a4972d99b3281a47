import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { admin } from '../support/world-builder.ts';
import { lifeOf, tokenOf } from './support/cohorts.ts';
import { startCuttingProxy } from './support/cutting-proxy.ts';
import type { Cut } from './support/cutting-proxy.ts';
import { eventually } from './support/eventually.ts';
import { startInnerWorker } from './support/inner-worker.ts';
import { answerOf, recordOf } from './support/record.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { fullLives } from './support/wave.ts';

/** In each run, one in so many of the statements that there are loses its connection, the first time that it is sent. */
const runs = 12;
const lives = fullLives(runs);

/** What is asked for in a life; `undo` takes back what was asked for just before. */
type Asked = 'undo' | { workflow: string; input: (token: string) => object };

const stories: Record<string, readonly Asked[]> = {
  'a deletion and its undo': [
    {
      workflow: 'deleteUser',
      input: (token) => ({ user: `ada${token}`, includePrivateSubgroups: true }),
    },
    'undo',
  ],
  'content taken from groups and paths, and given back': [
    {
      workflow: 'removeCoursesFromGroup',
      input: (token) => ({ group: `g-sales${token}`, courses: [`c-co${token}`] }),
    },
    'undo',
    {
      workflow: 'removePathsFromGroup',
      input: (token) => ({ group: `g-closed${token}`, paths: [`p-main${token}`] }),
    },
    'undo',
    {
      workflow: 'removeCoursesFromPath',
      input: (token) => ({ path: `p-main${token}`, courses: [`c-group${token}`, `c-co${token}`] }),
    },
    'undo',
  ],
  'a group that is deleted with those below it, and put back': [
    { workflow: 'deleteGroup', input: (token) => ({ group: `g-closed${token}`, subgroups: 'delete' }) },
    'undo',
  ],
  'registrations that end, come back, and go for good': [
    {
      workflow: 'unenrolUsers',
      input: (token) => ({
        users: [`ada${token}`, `bob${token}`],
        activities: [`c-co${token}`, `p-main${token}`],
      }),
    },
    'undo',
    {
      workflow: 'removeRegistrations',
      input: (token) => ({ users: [`ada${token}`], activities: [`c-co${token}`, `c-group${token}`] }),
    },
  ],
};

let site: Site;
let drop: () => Promise<void>;
let before: World;

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  site = await openSite(database.url, inject('temporalAddress'));
});
afterAll(async () => {
  await site.close();
  await drop();
});

/** Every way to cut that there is for the statements of a run that nothing happens to, and all that were made. */
interface Cuts {
  possible: Set<string>;
  made: Set<string>;
}

/** Lives a story, through a connection that is cut as the run's number says; what came of each part. */
async function live(story: readonly Asked[], run: number, { possible, made }: Cuts) {
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
  const parts = [];
  let last = '';
  for (const asked of story) {
    const { workflow, input } =
      asked === 'undo' ? { workflow: 'undoOperation', input: () => ({ operation: last }) } : asked;
    const part = await outcome(workplace, workflow, { ...input(tokenOf(life)), requestedBy: admin }, life);
    last = part.operation;
    parts.push({ ...part, operation: '' });
  }
  await worker.stop();
  await proxy.close();
  return parts;
}

async function outcome({ client, taskQueue }: Site, workflow: string, input: object, life: string) {
  const workflowId = `${workflow}-${randomUUID()}`;
  const handle = await client.workflow.start(workflow, { workflowId, taskQueue, args: [input] });
  if (workflow === 'removeRegistrations') await approve(handle);
  const answer = answerOf((await handle.result()) as OperationResult, life);
  const operation = handle.firstExecutionRunId;
  const record = await recordOf(site.sql, operation, life);
  return { operation, answer, record, life: lifeOf(await site.dump(), life) };
}

/** What is gone for good always waits for it. */
async function approve(handle: WorkflowHandle): Promise<void> {
  const progress = () => handle.query<{ state: string; planHash: string }>('progress');
  const waits = async (): Promise<boolean> => (await progress()).state === 'waiting-for-approval';
  await eventually(waits, () => 'nothing waits for an approval', 120_000);
  const { planHash } = await progress();
  await handle.executeUpdate('approve', { args: [{ by: admin, planHash }] });
}

/** Whether a commit that was not answered has happened nobody can tell; all else has surely not. */
function mannersOf(statement: string): Cut[] {
  return statement === 'commit' ? ['unsent', 'unanswered'] : ['half-answered'];
}

function hash(text: string): number {
  return Array.from(text).reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 2_147_483_647, 7);
}

describe.each(Object.entries(stories))('a database connection that is cut in %s', (_, story) => {
  const cuts: Cuts = { possible: new Set(), made: new Set() };
  let model: Awaited<ReturnType<typeof live>>;
  let others: (typeof model)[];
  beforeAll(async () => {
    await site.load(lives.world);
    before = await site.dump();
    model = await live(story, 0, cuts);
    others = await Promise.all(Array.from({ length: runs }, (_, i) => live(story, i + 1, cuts)));
  });

  it.each(Array.from({ length: runs }, (_, i) => i + 1))(
    'X-05 at any statement (part %i of all of them) changes nothing',
    (run) => {
      expect(others[run - 1]).toEqual(model);
    },
  );

  it('X-05 was cut at every statement of it, and what was taken back is as it was', async () => {
    expect(cuts.possible.size).toBeGreaterThan(50);
    expect([...cuts.possible].filter((name) => !cuts.made.has(name))).toEqual([]);
    if (story.at(-1) !== 'undo') return;
    expect(model.at(-1)?.life).toEqual(lifeOf(before, lives.names[0] ?? ''));
    expect(await site.dump()).toEqual(before);
  });
});
