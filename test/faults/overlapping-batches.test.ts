import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { runs } from '../support/runs.ts';
import { admin, world } from '../support/world-builder.ts';
import { startInnerWorker } from './support/inner-worker.ts';
import type { InnerWorker } from './support/inner-worker.ts';
import { openSite } from './support/site.ts';
import type { Handle, Site } from './support/site.ts';

const pairs = Array.from({ length: runs(100) }, (_, i) => `p${String(i).padStart(3, '0')}`);
/** How many pairs are under way at a time. */
const atOnce = 25;
const queues = [`one-${randomUUID()}`, `other-${randomUUID()}`];

let site: Site;
let workers: InnerWorker[];
let drop: () => Promise<void>;
let after: World;
let results: Map<string, OperationResult[]>;

/** Of the twelve users of a pair one batch has the first nine, the other one the last nine, from last to first. */
function usersOf(pair: string): string[] {
  return Array.from({ length: 12 }, (_, i) => `${pair}-u${String(i + 1).padStart(2, '0')}`);
}

function listsOf(pair: string): string[][] {
  const users = usersOf(pair);
  return [users.slice(0, 9), users.slice(3).toReversed()];
}

/** Of each course of a pair the main author and the co-authors. */
const owned = [
  [2, 10, 6],
  [6, 1, 9],
  [10, 8, 1],
];

/** What the users of a pair hold is handed to whom the other batch is about to delete, as long as there is anybody. */
function given(): World {
  return world({
    members: pairs.flatMap((pair) => usersOf(pair).map((user) => [user, 'learner', `g-${pair}`] as const)),
    courses: pairs.flatMap((pair) => {
      const users = usersOf(pair);
      return owned.map((holders, i) => {
        const [mainAuthor = '', ...coAuthors] = holders.map((n) => users[n] ?? '');
        return { id: `c-${pair}-${i}`, mainAuthor, coAuthors };
      });
    }),
  });
}

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  site = await openSite(database.url, inject('temporalAddress'));
  await site.load(given());
  const settings = { chunkUsers: 3 };
  workers = await Promise.all(queues.map((taskQueue) => startInnerWorker(site, { taskQueue, settings })));
  results = new Map();
  const waiting = [...pairs];
  const lane = async (): Promise<void> => {
    for (let pair = waiting.shift(); pair !== undefined; pair = waiting.shift()) {
      const handles = await Promise.all(listsOf(pair).map((users, i) => start(users, queues[i] ?? '')));
      results.set(pair, (await Promise.all(handles.map((one) => one.result()))) as OperationResult[]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  after = await site.dump();
}, 170_000);
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await site.close();
  await drop();
});

function start(users: readonly string[], taskQueue: string): Promise<Handle> {
  const workflowId = `deleteUsers-${randomUUID()}`;
  const args = [{ users, requestedBy: admin }];
  return site.client.workflow.start('deleteUsers', { workflowId, taskQueue, args });
}

/** Each row of a query on the ledger. */
async function ledger(query: string): Promise<object[]> {
  return (await site.sql.query<object>(query)).rows;
}

describe('two batches over users that they partly share, at the same moment, a hundred times', () => {
  it('X-11 none fails, and each accounts for all of its lines', () => {
    for (const [one, other] of results.values()) {
      for (const result of [one, other]) {
        expect(result?.state).toBe('done');
        const { done = 0, unchanged = 0, attention = 0 } = result?.users ?? {};
        expect(done + unchanged + attention).toBe(9);
      }
    }
    expect(results.size).toBe(pairs.length);
  });

  it('X-11 every user is done by one of the two, and the other one says why it was not by that one', async () => {
    for (const [one, other] of results.values()) {
      expect((one?.users.done ?? 0) + (other?.users.done ?? 0)).toBe(12);
      const types = [one, other].flatMap((result) => result?.attention.map(({ type }) => type) ?? []);
      expect(types.filter((type) => type !== 'OperationInProgress')).toEqual([]);
    }
    const twice = `select user_id, count(*) from lms_lifecycle.change
                    where kind = 'account.retire' and state = 'applied' group by user_id having count(*) > 1`;
    expect(await ledger(twice)).toEqual([]);
    const gone = new Set(after.users.filter(({ status }) => status === 'deleted').map(({ id }) => id));
    expect(pairs.flatMap(usersOf).filter((user) => !gone.has(user))).toEqual([]);
    expect(after.memberships.filter(({ user }) => gone.has(user))).toEqual([]);
    const held = after.courses.filter(({ mainAuthor, coAuthors }) =>
      [mainAuthor, ...coAuthors].some((user) => gone.has(user)),
    );
    expect(held).toEqual([]);
  });

  it('X-11 no user is held, and nothing is pending, when all are over', async () => {
    expect(await ledger('select * from lms_lifecycle.claim')).toEqual([]);
    const left = `select operation_id from lms_lifecycle.change where state = 'pending'
                  union all select operation_id from lms_lifecycle.operation_target where state in ('open', 'accepted')`;
    expect(await ledger(left)).toEqual([]);
  });
});
