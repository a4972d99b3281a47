import pg from 'pg';
import { generateWorld } from '../adapters/reference/generate-world.ts';
import type { ShapeName } from '../adapters/reference/generate/shapes.ts';
import { loadWorld } from '../adapters/reference/load-world.ts';
import { migrateReferenceHost } from '../adapters/reference/migrate.ts';
import { WorldText } from '../adapters/reference/read/world-text.ts';
import { parseWorld } from '../contracts/world.ts';
import { migrateLedger } from '../ledger/migrate.ts';

/** A database of its own, equal to the template. */
export interface Clone {
  url: string;
  drop(): Promise<void>;
}

/** A world to be generated. */
export interface WorldKind {
  users: number;
  /** By default the one that so many users usually have. */
  shape?: ShapeName;
}

/** A migrated database with a generated world and an empty ledger. */
export function worldTemplate(server: string, kind: WorldKind): Promise<string> {
  return templateOf(
    server,
    `bench_world_${kind.users}_${kind.shape ?? 'usual'}`.replaceAll('-', '_'),
    async (url) => {
      await migrateReferenceHost(url);
      await fill(url, kind);
      // After the host's tables have been analyzed: on a new ledger the planner has never seen anything.
      await migrateLedger(url);
    },
  );
}

/** A database to clone, made once for a server. */
export async function templateOf(
  server: string,
  name: string,
  make: (url: string) => Promise<void>,
): Promise<string> {
  const found = await onServer(
    server,
    `select from pg_database where datname = '${name}' and datallowconn = false`,
  );
  if (found > 0) return name;
  await onServer(server, `drop database if exists ${name}`);
  await onServer(server, `create database ${name}`);
  await make(urlOf(server, name));
  // Cloning needs a template that nobody is connected to; and only a finished one is marked so.
  await onServer(server, `alter database ${name} allow_connections false`);
  return name;
}

async function fill(url: string, kind: WorldKind): Promise<void> {
  const text = new WorldText();
  await generateWorld({ ...kind, seed: 'bench', write: (piece) => text.add(piece) });
  const world = parseWorld(text.end());
  await withClient(url, async (client) => {
    await client.query('begin');
    await loadWorld(client, world, { replace: false });
    await client.query('commit');
    await client.query('vacuum analyze');
  });
}

/** A copy of the template, with everything that making it has left to write written. */
export async function cloneOf(server: string, template: string, name: string): Promise<Clone> {
  await onServer(server, `drop database if exists ${name} with (force)`);
  await onServer(server, `create database ${name} template ${template} strategy file_copy`);
  await onServer(server, 'checkpoint');
  const drop = async (): Promise<void> => {
    await onServer(server, `drop database ${name} with (force)`);
  };
  return { url: urlOf(server, name), drop };
}

/** Instants in JSON read the same as in the worker's images. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function onServer(server: string, statement: string): Promise<number> {
  return withClient(server, async (client) => (await client.query(statement)).rowCount ?? 0);
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = database;
  return url.href;
}
