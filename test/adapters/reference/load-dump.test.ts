import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { demoWorld } from '../../../adapters/reference/demo-world.ts';
import { dumpWorld, dumpWorldTo } from '../../../adapters/reference/dump-world.ts';
import { DatabaseFilled, loadWorld } from '../../../adapters/reference/load-world.ts';
import { writeWorld } from '../../../adapters/reference/write-world.ts';
import { canonicalWorld, parseWorld } from '../../../contracts/world.ts';
import type { World } from '../../../contracts/world.ts';
import { arbitraryWorld } from '../../support/arbitrary-world.ts';
import { freshDatabase } from '../../support/fresh-database.ts';
import { entry, tinyWorld } from '../../support/tiny-world.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let sql: pg.Client;

beforeAll(async () => {
  database = await freshDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

async function load(world: World, replace = true): Promise<void> {
  await sql.query('begin');
  try {
    await loadWorld(sql, world, { replace });
    await sql.query('commit');
  } catch (error) {
    await sql.query('rollback');
    throw error;
  }
}

/** The dump as text, by either way of writing it. */
async function textOf(write: (piece: (text: string) => void) => Promise<void>): Promise<string> {
  let whole = '';
  await write((text) => {
    whole += text;
  });
  return whole;
}

describe('a world that is loaded', () => {
  beforeEach(() => load(tinyWorld()));

  test('is dumped in canonical form', async () => {
    await load(demoWorld());
    expect(await dumpWorld(sql)).toEqual(canonicalWorld(demoWorld()));
  });

  test('is dumped with the members in the order of the file, whatever their order was', async () => {
    expect(JSON.stringify(await dumpWorld(sql))).toBe(
      JSON.stringify(canonicalWorld(parseWorld(tinyWorld()))),
    );
  });

  test('of random content comes back the same, and so does the dump', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryWorld(), async (world) => {
        await load(world);
        const dump = await dumpWorld(sql);
        expect(dump).toEqual(canonicalWorld(world));
        expect(parseWorld(dump)).toEqual(dump);
        await load(dump);
        expect(await dumpWorld(sql)).toEqual(dump);
      }),
      { numRuns: 40 },
    );
  });

  test('keeps what JSON and instants can hold at their edges', async () => {
    const world = tinyWorld();
    Object.assign(entry(world.users, 1), {
      name: '\u{1F600} "\\',
      profile: { b: 1e-7, a: [0.1, 1e300, null], '': { z: 'é' } },
    });
    Object.assign(entry(world.memberships, 0), { since: '0001-01-01T00:00:00-05:00' });
    Object.assign(entry(world.slots, 3), {
      startsAt: '2031-03-03T09:00:00.5Z',
      endsAt: '9999-12-31T23:59:59.000001Z',
    });
    Object.assign(entry(world.registrations, 1), { progress: 1 / 3 });
    await load(world);
    expect(await dumpWorld(sql)).toEqual(canonicalWorld(world));
  });

  test('has as many login sessions as it says, and positions from 1 without gaps', async () => {
    await load({
      ...tinyWorld(),
      users: tinyWorld().users.map((u) => (u.id === 'ann' ? { ...u, loginSessions: 3 } : u)),
    });
    const logins = await sql.query('select user_id, count(*)::int as n from lms.login_session group by 1');
    expect(logins.rows).toEqual([{ user_id: 'ann', n: 3 }]);
    const courses = await sql.query('select course_id, position from lms.path_course order by position');
    expect(courses.rows).toEqual([
      { course_id: 'c-2', position: 1 },
      { course_id: 'c-1', position: 2 },
    ]);
  });

  test('sorts ids by code point and history of one instant by result', async () => {
    const world = tinyWorld();
    const item = entry(world.items, 0);
    world.items = ['\u{1F600}', '\uFFFD', 'b', 'B', 'a-10', 'a-2'].map((id) => ({ ...item, id }));
    world.history = [3, 1, 2].map((score) => ({ ...entry(world.history, 0), result: { score } }));
    await load(world);
    const dump = await dumpWorld(sql);
    expect(dump.items.map(({ id }) => id)).toEqual(['B', 'a-10', 'a-2', 'b', '\uFFFD', '\u{1F600}']);
    expect(dump.history.map(({ result }) => result['score'])).toEqual([1, 2, 3]);
  });

  test('is not replaced unless it is said so, and then wholly', async () => {
    await expect(load(demoWorld(), false)).rejects.toThrow(DatabaseFilled);
    expect(await dumpWorld(sql)).toEqual(canonicalWorld(tinyWorld()));
    await load(demoWorld());
    expect(await dumpWorld(sql)).toEqual(canonicalWorld(demoWorld()));
  });

  test('is written piece by piece as the same text from the database and from memory', async () => {
    const dumped = await textOf((write) => dumpWorldTo(sql, write));
    expect(dumped).toBe(await textOf((write) => writeWorld(canonicalWorld(parseWorld(tinyWorld())), write)));
    expect(JSON.parse(dumped)).toEqual(await dumpWorld(sql));
  });

  test('can be dumped from a read-only snapshot', async () => {
    await sql.query('begin isolation level repeatable read read only');
    const dump = await dumpWorld(sql);
    await sql.query('commit');
    expect(dump).toEqual(canonicalWorld(tinyWorld()));
  });
});

describe('an empty reference database', () => {
  test('has no dump, and takes a world without being told to replace', async () => {
    const empty = await freshDatabase();
    const client = new pg.Client(empty.url);
    await client.connect();
    try {
      await expect(dumpWorld(client)).rejects.toThrow('holds no world');
      await loadWorld(client, tinyWorld(), { replace: false });
      expect(await dumpWorld(client)).toEqual(canonicalWorld(tinyWorld()));
    } finally {
      await client.end();
      await empty.drop();
    }
  });
});
