import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Sql } from '../../../contracts/sql.ts';
import type { World } from '../../../contracts/world.ts';
import { storeList } from '../../../ledger/lists.ts';
import { admin, world } from '../../support/world-builder.ts';
import type { Handle, Site } from './site.ts';

/** `u-00001` and so on. */
export function crowdOf(size: number): string[] {
  return Array.from({ length: size }, (_, i) => `u-${String(i + 1).padStart(5, '0')}`);
}

/**
 * A crowd in forty groups. Every tenth of them is the author of a course, with a co-author who is deleted in another chunk
 * and for every second course one who stays; every fifth goes to a class.
 */
export function crowdWorld(size: number): World {
  const crowd = crowdOf(size);
  const groupOf = (i: number): string => `g-${i % 40}`;
  const courses = crowd.flatMap((mainAuthor, i) => {
    if (i % 10 !== 0) return [];
    const coAuthors = [crowd[(i + size / 2) % size] ?? '', ...(i % 20 === 0 ? ['stays'] : [])];
    return [{ id: `c-${mainAuthor}`, mainAuthor, coAuthors, ownerGroup: groupOf(i) }];
  });
  const learners = crowd.filter((_, i) => i % 5 === 0);
  return world({
    members: [
      ...crowd.map((user, i) => [user, 'learner', groupOf(i)] as const),
      ...Array.from({ length: 20 }, (_, i) => ['head', 'admin', groupOf(2 * i)] as const),
    ],
    courses,
    paths: [{ id: 'p-1', mainAuthor: 'stays' }],
    sessions: [
      {
        ...{ id: 's-1', path: 'p-1', mainInstructor: 'stays', participants: learners },
        ...{ audience: 'dynamic', audienceGroups: Array.from({ length: 40 }, (_, i) => groupOf(i)) },
      },
    ],
    slots: [{ id: 't-1', session: 's-1', attendees: learners }],
  });
}

/** Stores a list of the whole crowd, and starts its deletion. */
export async function deleteCrowd(site: Site, size: number): Promise<Handle> {
  const list = randomUUID();
  const entries = crowdOf(size).map((id, i) => ({ line: i + 1, id, ref: id }));
  await storeList(site.sql, list, 'test', entries);
  return site.start('deleteUsers', { list, requestedBy: admin, maxShare: 1 });
}

/** How much an operation has written: lines judged, changes planned, changes applied. It only ever grows. */
export async function workDone(sql: Sql, operation: string): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `select ((select count(*) from lms_lifecycle.operation_target where operation_id = $1 and state <> 'open')
           + (select count(*) from lms_lifecycle.change where operation_id = $1)
           + (select count(*) from lms_lifecycle.change where operation_id = $1 and state <> 'pending'))::int as n`,
    [operation],
  );
  return rows[0]?.n ?? 0;
}

/** A copy of a database that nobody is connected to, beside it. */
export async function copyDatabase(url: string, name: string): Promise<string> {
  const [server, copy] = [new URL(url), new URL(url)];
  const original = server.pathname.slice(1);
  server.pathname = 'postgres';
  copy.pathname = name;
  const sql = new pg.Client(server.href);
  await sql.connect();
  await sql.query(`create database ${name} template ${original}`);
  await sql.end();
  return copy.href;
}

/** The first rows that only one of the two has: short, where a comparison of ten thousand users would not be. */
export function differences(expected: object, actual: object): string[] {
  const [theirs, ours] = [rowsOf(expected), rowsOf(actual)];
  const missing = [...theirs].filter((row) => !ours.has(row)).map((row) => `- ${row}`);
  const surplus = [...ours].filter((row) => !theirs.has(row)).map((row) => `+ ${row}`);
  return [...missing.slice(0, 5), ...surplus.slice(0, 5)];
}

/** Each row of each list, with its name and how often it comes. */
function rowsOf(lists: object): Set<string> {
  const counts = new Map<string, number>();
  for (const [name, value] of Object.entries(lists) as [string, unknown][]) {
    for (const row of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const text = `${name} ${JSON.stringify(row)}`;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  return new Set([...counts].map(([row, n]) => `${n} x ${row}`));
}
