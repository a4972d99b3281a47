import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadWorld } from '../../adapters/reference/load-world.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { world } from '../support/world-builder.ts';
import { runCli } from './support/instance.ts';
import type { Ended } from './support/instance.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let dir: string;
beforeAll(async () => {
  database = await freshDatabase();
  dir = await mkdtemp(join(tmpdir(), 'lms-lifecycle-report-'));
  const sql = new pg.Client(database.url);
  await sql.connect();
  await loadWorld(sql, world({ users: [{ id: 'ada', name: '=1+1' }] }), { replace: true });
  await sql.end();
});
afterAll(async () => {
  await rm(dir, { recursive: true });
  await database.drop();
});

/** No report needs Temporal: nothing listens there. */
const run = (...args: string[]): Promise<Ended> =>
  runCli(['report', 'users', ...args], { DATABASE_URL: database.url, TEMPORAL_ADDRESS: '127.0.0.1:1' });

it('P-02 P-03 writes CSV to stdout, and saves the columns for the next time', async () => {
  const csv = "ID,Name,Learner deletion date\nada,'=1+1,\n";
  const { code, stdout } = await run('--columns', 'id, NAME,Learner deletion date', '--save', 'leavers');
  expect({ code, start: stdout.slice(0, csv.length) }).toEqual({ code: 0, start: csv });
  const { stdout: json } = await run('--saved', 'leavers', '--json');
  expect(JSON.parse(json)).toMatchObject({
    columns: ['id', 'name', 'learnerDeletionDate'],
    rows: [{ id: 'ada', name: '=1+1' }, {}, {}],
  });
});

it('P-03 writes xlsx to a file whose name says so, whole', async () => {
  const out = join(dir, 'users.xlsx');
  const written = await run('--columns', 'id,name', '--out', out, '--json');
  expect(JSON.parse(written.stdout)).toEqual({ out, format: 'xlsx', columns: ['id', 'name'], users: 3 });
  expect(strFromU8(unzipSync(await readFile(out))['xl/worksheets/sheet1.xml'] ?? new Uint8Array())).toContain(
    '=1+1',
  );
  expect(await readdir(dir)).toEqual(['users.xlsx']);
});

it('P-01 refuses wrong columns, wrong usage, and who may not', async () => {
  expect(await run('--columns', 'id', '--saved', 'x')).toMatchObject({ code: 2 });
  const refused = await run('--columns', 'id,shoe');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('InvalidInput: columns: there is no "shoe"');
  expect((await run('--columns', 'id', '--as', 'ada')).stderr).toContain('NotAuthorized');
});
