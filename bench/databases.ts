import pg from 'pg';
import { generateWorld } from '../adapters/reference/generate-world.ts';
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

/** A migrated database with a generated world and an empty ledger, made once for a server and a size. */
export async function worldTemplate(server: string, users: number): Promise<string> {
  const name = `bench_world_${users}`;
  const found = await onServer(
    server,
    `select from pg_database where datname = '${name}' and datallowconn = false`,
  );
  if (found > 0) return name;
  await onServer(server, `drop database if exists ${name}`);
  await onServer(server, `create database ${name}`);
  const url = urlOf(server, name);
  await migrateReferenceHost(url);
  await migrateLedger(url);
  await fill(url, users);
  // Cloning needs a template that nobody is connected to; and only a finished one is marked so.
  await onServer(server, `alter database ${name} allow_connections false`);
  return name;
}

async function fill(url: string, users: number): Promise<void> {
  const text = new WorldText();
  await generateWorld({ users, seed: 'bench', write: (piece) => text.add(piece) });
  const world = parseWorld(text.end());
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query('begin');
    await loadWorld(client, world, { replace: false });
    await client.query('commit');
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
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

async function onServer(server: string, statement: string): Promise<number> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    return (await client.query(statement)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = database;
  return url.href;
}
