import type { Json } from '../../contracts/changes.ts';
import { canonicalJson, worldLists } from '../../contracts/world.ts';
import type { World, WorldList, WorldRow } from '../../contracts/world.ts';
import type { Sql } from '../host-lms.ts';
import { listReaders } from './dump/list-readers.ts';
import { readRows } from './dump/read-rows.ts';
import { sortTies } from './dump/sort-ties.ts';
import { writeWorldSource } from './write-world.ts';
import type { Write } from './write-world.ts';

/**
 * Reads the reference database back into a world, in canonical form, so that equal databases have equal dumps
 * (world file). The caller sees to one snapshot: a repeatable-read transaction if others write meanwhile.
 *
 * @throws Error when the database holds no world
 */
export async function dumpWorld(sql: Sql): Promise<World> {
  const world: Record<string, unknown> = { platform: await readPlatform(sql) };
  for (const name of worldLists) world[name] = await collect(readList(sql, name));
  return world as World;
}

/** Writes the dump as JSON text, piece by piece: what `dumpWorld` returns, in no more memory than a page of rows. */
export async function dumpWorldTo(sql: Sql, write: Write): Promise<void> {
  const platform = await readPlatform(sql);
  await writeWorldSource({ platform, list: (name) => readList(sql, name) }, write);
}

async function readPlatform(sql: Sql): Promise<World['platform']> {
  const { rows } = await sql.query<World['platform']>(
    `select time_zone as "timeZone", owner_id as owner, root_group_id as "rootGroup", seats from lms.platform`,
  );
  if (rows[0] === undefined) throw new Error('the reference database holds no world');
  return { ...rows[0] };
}

/** Where entries hold JSON of the writer's own, whose keys the database keeps in an order of its own. */
const jsonMembers: Partial<Record<WorldList, string>> = {
  users: 'profile',
  groups: 'smartRule',
  history: 'result',
  qualifications: 'rule',
};

function readList(sql: Sql, name: WorldList): AsyncIterable<object> {
  const rows = readRows<Record<string, Json>>(sql, listReaders[name]);
  const member = jsonMembers[name];
  const entries = member === undefined ? rows : withSortedKeys(rows, member);
  return name === 'history'
    ? sortTies(entries as AsyncIterable<object> as AsyncIterable<WorldRow<'history'>>)
    : entries;
}

async function* withSortedKeys(
  rows: AsyncIterable<Record<string, Json>>,
  member: string,
): AsyncGenerator<Record<string, Json>, void> {
  for await (const row of rows) yield { ...row, [member]: canonicalJson(row[member] ?? null) };
}

async function collect(entries: AsyncIterable<object>): Promise<object[]> {
  const collected: object[] = [];
  for await (const entry of entries) collected.push(entry);
  return collected;
}
