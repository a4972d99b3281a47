import { randomUUID } from 'node:crypto';
import { openDatabase } from '../database/pool.ts';
import { deletionByHand } from './by-hand.sql.ts';
import { cloneOf, withClient } from './databases.ts';
import { deleteByActivities, openDeletion, someUsers } from './deletion.ts';
import { hashesOf, requireSame } from './same-outcome.ts';
import { median } from './statistics.ts';

/** How long deleting a chunk takes by our activities and by the hand-written script, in milliseconds. */
export interface Comparison {
  users: number;
  activities: number;
  hand: number;
  /** The median of the rounds' ratios: each is of two runs that followed each other. */
  ratio: number;
  parts: Map<string, number>;
}

type Run = (url: string, users: readonly string[]) => Promise<{ took: number; parts: Map<string, number> }>;

/** Deletes the same users in both ways, each on a fresh copy of the same database, in turns. */
export async function compareChunks(
  server: string,
  template: string,
  { users: count, rounds }: { users: number; rounds: number },
): Promise<Comparison> {
  const taken = { activities: [] as number[], hand: [] as number[], ratios: [] as number[] };
  const parts: Map<string, number>[] = [];
  for (let round = 0; round < rounds; round++) {
    const ways = [byActivities, byHand];
    if (round % 2 === 1) ways.reverse();
    const results = new Map<Run, Awaited<ReturnType<typeof onCopy>>>();
    for (const way of ways) results.set(way, await onCopy(server, template, count, way, round === 0));
    const [ours, theirs] = [results.get(byActivities), results.get(byHand)];
    if (!ours || !theirs) throw new Error('a way was not run');
    requireSame(ours.hashes, theirs.hashes);
    taken.activities.push(ours.took);
    taken.hand.push(theirs.took);
    taken.ratios.push(ours.took / theirs.took);
    parts.push(ours.parts);
  }
  const names = [...(parts[0]?.keys() ?? [])];
  return {
    users: count,
    activities: median(taken.activities),
    hand: median(taken.hand),
    ratio: median(taken.ratios),
    parts: new Map(names.map((name) => [name, median(parts.map((part) => part.get(name) ?? 0))])),
  };
}

async function onCopy(server: string, template: string, count: number, run: Run, hashed: boolean) {
  const copy = await cloneOf(server, template, 'bench_copy');
  try {
    const users = await readThrough(copy.url, count + 1);
    const result = await run(copy.url, users);
    return { ...result, hashes: hashed ? await hashesOf(copy.url) : new Map<string, string>() };
  } finally {
    await copy.drop();
  }
}

/** The users to delete; every table is read once, so that neither way finds a colder cache than the other. */
async function readThrough(url: string, count: number): Promise<string[]> {
  await hashesOf(url);
  return withClient(url, (client) => someUsers(client, count));
}

/** The first user is deleted before the clock starts: connections, caches and code are warm, as in a worker that runs. */
const byActivities: Run = async (url, [first = '', ...users]) => {
  const database = openDatabase(url, {
    statementTimeoutMs: 300_000,
    lockTimeoutMs: 30_000,
    maxConnections: 5,
  });
  try {
    const [warmUp, operation] = [randomUUID(), randomUUID()];
    await database.transaction((sql) => openDeletion(sql, warmUp, [first]));
    await deleteByActivities(database, warmUp);
    await database.transaction((sql) => openDeletion(sql, operation, users));
    const since = performance.now();
    const parts = await deleteByActivities(database, operation);
    return { took: performance.now() - since, parts };
  } finally {
    await database.close();
  }
};

const byHand: Run = (url, [first = '', ...users]) =>
  withClient(url, async (client) => {
    const [warmUp, operation] = [randomUUID(), randomUUID()];
    await openDeletion(client, warmUp, [first]);
    await client.query(deletionByHand(warmUp));
    await openDeletion(client, operation, users);
    const since = performance.now();
    await client.query(deletionByHand(operation));
    return { took: performance.now() - since, parts: new Map() };
  });
