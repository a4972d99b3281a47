import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { storeList } from '../ledger/lists.ts';
import { deleteByHand } from './batch-by-hand.ts';
import { deleteByWorkflow } from './batch-workflow.ts';
import type { BatchRun, StoredLists } from './batch-workflow.ts';
import { cloneOf, withClient } from './databases.ts';
import { profiled } from './profile.ts';
import { hashesOf, requireSame } from './same-outcome.ts';
import type { Servers } from './servers.ts';
import { workTime } from './spans.ts';
import { median } from './statistics.ts';

/** What a batch is deleted with. */
export interface BatchOptions {
  users: number;
  rounds: number;
  chunkUsers: number;
  window: number;
}

/** How deleting so many users goes, by our workflow and by hand: the middle values of the rounds. */
export interface BatchSize {
  users: number;
  took: number;
  hand: number;
  /** Of the whole operation, from its start to its result, to the work by hand. */
  ratio: number;
  /** Of the work on the users alone, as bench:delete measures it. */
  workRatio: number;
  /** The highest of all rounds. */
  maxRssMb: number;
  runs: BatchRun[];
}

type Bench = Servers & { bundle: string };

/** So many are deleted before the clock starts: code and connections are warm then, as in a worker that runs. */
const warmUpUsers = 300;

/** Deletes the same users in both ways, each on a fresh copy of the same database, in turns. */
export async function measureBatch(
  bench: Bench,
  template: string,
  options: BatchOptions,
): Promise<BatchSize> {
  const runs: BatchRun[] = [];
  const hands: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const ours = await byWorkflow(bench, template, options);
    const theirs = await byHand(bench, template, options);
    requireSame(ours.hashes, theirs.hashes);
    runs.push(ours.result);
    hands.push(theirs.result);
  }
  return {
    users: options.users,
    took: median(runs.map((run) => run.took)),
    hand: median(hands),
    ratio: median(runs.map((run, i) => run.took / (hands[i] ?? NaN))),
    workRatio: median(runs.map((run, i) => workTime(run.histories.spans) / (hands[i] ?? NaN))),
    maxRssMb: Math.max(...runs.map((run) => run.maxRssMb)),
    runs,
  };
}

function byWorkflow(bench: Bench, template: string, options: BatchOptions): Promise<Outcome<BatchRun>> {
  const settings = { ...bench, ...options, host: 'reference' as const };
  return onCopy(bench, template, options, (databaseUrl, lists) =>
    profiled(bench.postgresUrl, bench.profile, () => deleteByWorkflow({ ...settings, databaseUrl }, lists)),
  );
}

function byHand(bench: Bench, template: string, options: BatchOptions): Promise<Outcome<number>> {
  return onCopy(bench, template, options, (databaseUrl, { warmUp, list }) =>
    withClient(databaseUrl, async (client) => {
      await deleteByHand(client, { list: warmUp, ...options });
      return deleteByHand(client, { list, ...options });
    }),
  );
}

interface Outcome<T> {
  result: T;
  hashes: Map<string, string>;
}

/** Every table is read once before, so that neither way finds a colder cache than the other. */
async function onCopy<T>(
  { postgresUrl }: Servers,
  template: string,
  { users }: BatchOptions,
  work: (url: string, lists: StoredLists) => Promise<T>,
): Promise<Outcome<T>> {
  const copy = await cloneOf(postgresUrl, template, 'bench_copy');
  try {
    await hashesOf(copy.url);
    const lists = await withClient(copy.url, (client) => storeUsers(client, users));
    const result = await work(copy.url, lists);
    return { result, hashes: await hashesOf(copy.url) };
  } finally {
    await copy.drop();
  }
}

/** Living users by email, in an order that has nothing to do with the world's. */
export async function storeUsers(client: pg.Client, count: number): Promise<StoredLists> {
  const { rows } = await client.query<{ email: string }>(
    `select email from lms.account where status = 'active' and id not in (select owner_id from lms.platform)
      order by md5(id) limit $1`,
    [warmUpUsers + count],
  );
  const { rows: platform } = await client.query<{ owner: string }>(
    'select owner_id as owner from lms.platform',
  );
  const entries = rows.map(({ email }, i) => ({ line: i + 1, email, ref: email }));
  const [warmUp, list] = [randomUUID(), randomUUID()];
  await storeList(client, warmUp, 'bench', entries.slice(0, warmUpUsers));
  await storeList(client, list, 'bench', entries.slice(warmUpUsers));
  return { warmUp, list, requestedBy: platform[0]?.owner ?? '' };
}
