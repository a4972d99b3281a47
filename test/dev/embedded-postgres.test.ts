import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { startPostgres } from '../../dev/embedded-postgres.ts';
import type { RunningPostgres, StartPostgresOptions } from '../../dev/embedded-postgres.ts';
import { freePort } from '../../dev/free-port.ts';
import { markProcess } from '../../dev/process-mark.ts';
import { scratchDir } from './support/scratch.ts';

const scratch = scratchDir();
const dataDir = join(scratch, 'state', 'postgres');
const running: RunningPostgres[] = [];

async function start(options: Partial<StartPostgresOptions> = {}): Promise<RunningPostgres> {
  const postgres = await startPostgres({ dataDir, durable: false, ...options });
  running.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined); // a killed server also fails the query under way
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop();
});

describe('the embedded PostgreSQL', { timeout: 60_000 }, () => {
  test('keeps its data and its password from start to start', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 42 as n');
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'select n from kept')).toEqual([42]);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    expect(new URL(second.url).pathname).toBe('/lms');
  });

  test('stays safe against a crash of the machine unless told otherwise', async () => {
    const postgres = await start({ durable: true });
    expect(await query(postgres.url, 'show fsync')).toEqual(['on']);
    expect(await query(postgres.url, 'show synchronous_commit')).toEqual(['on']);
  });

  test('sorts and folds case alike on every machine', async () => {
    const { url } = await start();
    expect(await query(url, "select lower('ÄRGER') || lower('ΣΟΦΙΑ')")).toEqual(['ärgerσοφια']);
    expect(
      await query(url, "select string_agg(t, '' order by t) from unnest(array['b','ä','B','a']) t"),
    ).toEqual(['Babä']);
  });

  test('lets nobody in without the password, which only the user can read', async () => {
    const { url } = await start();
    const wrong = new URL(url);
    wrong.password = 'postgres';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
    expect(statSync(`${dataDir}.password`).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${dataDir}.password`, 'utf8')).toBe(new URL(url).password);
    expect(new URL(url).password.length).toBeGreaterThan(20);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(existsSync(`${dataDir}.init-password`)).toBe(false);
  });

  test('cannot be reached from another machine', async () => {
    const { url } = await start();
    const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    for (const { address } of addresses.filter(({ family, internal }) => family === 'IPv4' && !internal)) {
      const outside = new URL(url);
      outside.hostname = address;
      await expect(query(outside.href, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
    }
  });

  test('takes the port that it is given, or says what to do when that is taken', async () => {
    const port = await freePort();
    expect((await start({ port })).port).toBe(port);
    await running.pop()?.stop();
    const squatter = createServer().listen(port, '127.0.0.1');
    await expect(start({ port })).rejects.toThrow(
      `Port ${port} of 127.0.0.1, wanted for PostgreSQL, is in use.`,
    );
    await expect(start({ port })).rejects.toThrow('start --ports auto');
    await new Promise((resolve) => squatter.close(resolve));
  });

  test('refuses data on which a living process runs a server already', async () => {
    const { pid } = await start();
    await expect(start()).rejects.toThrow(`already running (pid ${pid}), started by pid ${process.pid}`);
  });

  test('comes back with what was committed after it was killed amid a long statement', async () => {
    const postgres = await start({ durable: true });
    await query(postgres.url, 'create table survived as select 7 as n');
    const long = query(postgres.url, "do $$ begin loop perform 1; end loop; end $$; select 'x'").catch(
      String,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    postgres.kill();
    await postgres.exited;
    const log: string[] = [];
    const again = await start({ log: (line) => log.push(line) });
    expect(await query(again.url, 'select n from survived')).toEqual([7]);
    expect(String(await long)).toMatch(/terminat|ECONNRESET|closed/i);
    expect(log.join('\n')).toContain('left by a start that was killed');
  });

  test('is gone when stop returns, and stops twice without harm', async () => {
    const postgres = await start();
    await postgres.stop();
    expect(markProcess(postgres.pid)).toBeUndefined();
    expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false);
    await postgres.stop();
  });

  test('starts although the pid in postmaster.pid belongs to another program by now', async () => {
    await (await start()).stop();
    writeFileSync(
      join(dataDir, 'postmaster.pid'),
      `${process.pid}\n${dataDir}\n1\n5432\n\n127.0.0.1\n 1 1\nready\n`,
    );
    const { url } = await start();
    expect(await query(url, 'select 1')).toEqual([1]);
  });

  test('starts anew where an initialisation was cut short', async () => {
    const other = join(scratch, 'cut-short');
    mkdirSync(`${other}.new`);
    writeFileSync(join(`${other}.new`, 'PG_VERSION'), '18');
    writeFileSync(`${other}.init-password`, 'half');
    const { url } = await start({ dataDir: other });
    expect(await query(url, 'select 1')).toEqual([1]);
    expect(existsSync(`${other}.new`)).toBe(false);
  });

  test('touches no directory that holds something else', async () => {
    const other = join(scratch, 'something-else');
    mkdirSync(other);
    writeFileSync(join(other, 'thesis.tex'), 'years of work');
    await expect(start({ dataDir: other })).rejects.toThrow(/not empty, and holds no PostgreSQL data/);
    expect(readFileSync(join(other, 'thesis.tex'), 'utf8')).toBe('years of work');
  });

  test('says what to do when the password of its data is gone, and when its data are damaged', async () => {
    const other = join(scratch, 'damaged');
    mkdirSync(other);
    writeFileSync(join(other, 'PG_VERSION'), '18\n');
    await expect(start({ dataDir: other })).rejects.toThrow(/password file .* is gone\.\n.*start --fresh/);
    writeFileSync(`${other}.password`, 'x');
    await expect(start({ dataDir: other })).rejects.toThrow(
      /did not start \(exit code \d\):\n(.|\n)*start --fresh/,
    );
  });
});
