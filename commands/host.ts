import { createReadStream } from 'node:fs';
import { dumpWorldTo } from '../adapters/reference/dump-world.ts';
import { loadWorld } from '../adapters/reference/load-world.ts';
import { readWorld as readWorldText } from '../adapters/reference/read-world.ts';
import { parseWorld } from '../contracts/world.ts';
import type { World } from '../contracts/world.ts';
import { grantStatements } from '../composition/grants.ts';
import { migrateHost } from '../composition/host.ts';
import type { Purpose } from '../ledger/privileges.ts';
import { CommandFailed, exitCodes } from './output.ts';
import type { Answer } from './output.ts';
import { withSession } from './session.ts';
import type { Session } from './session.ts';
import { writeText } from './text-target.ts';

/** `host load FILE`: writes a world into the reference host, whole or not at all. */
export async function load(file: string, { replace = false }: { replace?: boolean }): Promise<Answer> {
  const world = await readWorld(file);
  return withSession(async (session) => {
    onlyReference(session);
    await session.database.transaction((sql) => loadWorld(sql, world, { replace }));
    const users = world.users.length;
    return { json: { loaded: true, users }, text: `Loaded ${users} users from ${file}` };
  });
}

/** @throws WorldRefused with every problem and its path; CommandFailed when the file is not JSON */
export async function readWorld(file: string): Promise<World> {
  return parseWorld(await readJson(file));
}

async function readJson(file: string): Promise<unknown> {
  try {
    return await readWorldText(createReadStream(file));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new CommandFailed('InvalidInput', `${file} is not JSON: ${error.message}`);
  }
}

/** `host dump [FILE]`: writes the reference host's world; to stdout without a file. */
export function dump(file: string | undefined): Promise<Answer> {
  return withSession(async (session) => {
    onlyReference(session);
    await writeText(file, (write) => session.database.snapshot((sql) => dumpWorldTo(sql, write)));
    return file === undefined
      ? { json: undefined, text: '' }
      : { json: { dumped: file }, text: `Wrote ${file}` };
  });
}

/** `host migrate`: for the owner of our schema, where the worker's database role is none. */
export function migrate(): Promise<Answer> {
  return withSession(async ({ config, where }) => {
    await migrateHost(config, where.databaseUrl);
    return { json: { migrated: true }, text: 'The schema is up to date.' };
  });
}

/** `host grants`: prints SQL, for whoever owns the tables to look at and to run. */
export function grants(options: { for: Purpose; role: string }): Promise<Answer> {
  return withSession(async ({ database, host }) => {
    const given = { role: options.role, purpose: options.for };
    const statements = await database.transaction((sql) => grantStatements(sql, host, given));
    return { json: { statements }, text: statements.map((statement) => `${statement};`).join('\n') };
  });
}

/** `host check`: compares the host's schema with the one that the adapter knows. */
export function check(): Promise<Answer> {
  return withSession(async ({ database, host, config }) => {
    const findings = await database.transaction((sql) => host.preflight(sql));
    const rows = findings.map((found) => ({
      ...found,
      waived: config.LMS_WAIVED_DRIFT.includes(found.name),
    }));
    const open = rows.filter((row) => !row.waived);
    const lines = rows.map(
      ({ kind, name, detail, waived: by }) => `${by ? 'waived' : kind}  ${name}: ${detail}`,
    );
    return {
      json: { host: host.name, findings: rows },
      text: rows.length === 0 ? `The ${host.name} host's schema is the one that is known.` : lines.join('\n'),
      exitCode: open.length === 0 ? exitCodes.done : exitCodes.failed,
    };
  });
}

function onlyReference({ host }: Session): void {
  if (host.name !== 'reference')
    throw new CommandFailed('InvalidInput', 'world files are for the reference host only');
}
