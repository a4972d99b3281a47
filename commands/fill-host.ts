import pg from 'pg';
import { demoWorld } from '../adapters/reference/demo-world.ts';
import { generateWorld } from '../adapters/reference/generate-world.ts';
import { loadWorld } from '../adapters/reference/load-world.ts';
import { parseWorld } from '../contracts/world.ts';
import type { World } from '../contracts/world.ts';
import { readWorld } from './host.ts';

/** What an empty host begins with: a world file, a generated world, or else the demo world. */
export interface Beginning {
  world?: string;
  users?: number;
}

/** Loads a world into an empty reference host; one that holds something is left as it is. */
export async function fillHost(databaseUrl: string, beginning: Beginning): Promise<void> {
  const sql = new pg.Client(databaseUrl);
  await sql.connect();
  try {
    const { rows } = await sql.query('select from lms.platform');
    if (rows.length > 0) return;
    const world = await worldFor(beginning);
    await sql.query('begin');
    await loadWorld(sql, world, { replace: false });
    await sql.query('commit');
  } finally {
    await sql.end();
  }
}

async function worldFor({ world, users }: Beginning): Promise<World> {
  if (world !== undefined) return readWorld(world);
  if (users === undefined) return demoWorld();
  const parts: string[] = [];
  await generateWorld({ users, seed: '1', write: (text) => void parts.push(text) });
  return parseWorld(JSON.parse(parts.join('')));
}
