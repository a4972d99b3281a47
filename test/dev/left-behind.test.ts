import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embeddedDataPaths, removeEmbeddedData } from '../../dev/embedded-data.ts';
import { startPostgres } from '../../dev/embedded-postgres.ts';
import { startTemporal } from '../../dev/embedded-temporal.ts';
import { parentDeathPrefix } from '../../dev/parent-death.ts';
import { markProcess } from '../../dev/process-mark.ts';
import { superviseChild } from '../../dev/supervise.ts';
import { otherProcess } from './support/other-process.ts';
import { eventually, isRoot, onlyPrograms, scratchDir, writeScript } from './support/scratch.ts';
import { temporalForTests } from './support/temporal-for-tests.ts';

// What happens to the servers when the `start` that owns them is killed: where the system can do it they
// end with it; elsewhere the next start ends them. Without setpriv in the PATH we are "elsewhere".
const elsewhere = { PATH: onlyPrograms('id') };
let hold: Awaited<ReturnType<typeof otherProcess>>;
let binary = '';

beforeAll(async () => {
  hold = await otherProcess('hold.ts');
  binary = await temporalForTests();
}, 30 * 60_000);
afterAll(() => hold.remove());

function pidOf(told: Record<string, unknown>, part: string): number {
  return (told[part] as { pid: number }).pid;
}

function openDir(): string {
  const dir = scratchDir();
  chmodSync(dir, 0o755);
  return dir;
}

describe('when a start is killed', { timeout: 90_000 }, () => {
  test('its PostgreSQL and Temporal end with it, where the system can do that', async ({ skip }) => {
    if ((await parentDeathPrefix('SIGTERM')).length === 0) skip();
    const dir = scratchDir();
    const temporal = { binary, dbFile: join(dir, 'temporal.db') };
    const { told, kill } = await hold.start({ dataDir: join(dir, 'postgres'), temporal });
    await kill();
    await eventually(() => markProcess(pidOf(told, 'postgres')) === undefined);
    await eventually(() => markProcess(pidOf(told, 'temporal')) === undefined);
  });

  test('or exits without stopping them, they end too', async () => {
    const dataDir = join(openDir(), 'postgres');
    const temporal = { binary, dbFile: join(scratchDir(), 'temporal.db') };
    const { told } = await hold.start({ dataDir, temporal, exitAtOnce: true }, { env: elsewhere });
    await eventually(() => markProcess(pidOf(told, 'postgres')) === undefined);
    await eventually(() => markProcess(pidOf(told, 'temporal')) === undefined);
  });

  test('its PostgreSQL, left behind, is ended by the next start, and the data are there', async () => {
    const dataDir = join(openDir(), 'postgres');
    const { told, kill } = await hold.start({ dataDir }, { env: elsewhere });
    await expect(startPostgres({ dataDir })).rejects.toThrow(/already running/);
    const { url } = told['postgres'] as { url: string };
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    await client.connect();
    await client.query('create table kept as select 1 as n');
    await kill();
    expect(markProcess(pidOf(told, 'postgres'))).toBeDefined();
    const next = await startPostgres({ dataDir, durable: false });
    expect(markProcess(pidOf(told, 'postgres'))).toBeUndefined();
    const again = new pg.Client(next.url);
    await again.connect();
    expect((await again.query('select n from kept')).rowCount).toBe(1);
    await again.end();
    await next.stop();
  });

  test('its Temporal, left behind, is ended by the next start', async () => {
    const dbFile = join(scratchDir(), 'temporal.db');
    const { told, kill } = await hold.start({ temporal: { binary, dbFile } }, { env: elsewhere });
    const options = { binary, dbFile, headless: true, searchAttributes: {} };
    await expect(startTemporal(options)).rejects.toThrow(/already running/);
    await kill();
    expect(markProcess(pidOf(told, 'temporal'))).toBeDefined();
    const next = await startTemporal(options);
    expect(markProcess(pidOf(told, 'temporal'))).toBeUndefined();
    await next.stop();
  });

  test('start --fresh ends what it left, and deletes its data and nothing else', async () => {
    const stateDir = openDir();
    const { dataDir, dbFile } = embeddedDataPaths(stateDir);
    const { told, kill } = await hold.start({ dataDir, temporal: { binary, dbFile } }, { env: elsewhere });
    writeFileSync(join(stateDir, 'notes.txt'), 'mine');
    await expect(removeEmbeddedData(stateDir, () => {})).rejects.toThrow(/already running/);
    await kill();
    await removeEmbeddedData(stateDir, () => {});
    expect(markProcess(pidOf(told, 'postgres'))).toBeUndefined();
    expect(markProcess(pidOf(told, 'temporal'))).toBeUndefined();
    expect(readdirSync(stateDir)).toEqual(['notes.txt']);
  });

  test('its worker, left behind, is ended by the next start', async () => {
    const dir = scratchDir();
    const command = writeScript(join(dir, 'worker'), 'while :; do /bin/sleep 0.1; done');
    const worker = { command, args: ['--flag'], recordFile: join(dir, 'worker.process.json') };
    const { told, kill } = await hold.start({ supervise: worker }, { env: elsewhere });
    await expect(superviseChild({ ...worker, name: 'worker', log: () => {} })).rejects.toThrow(
      /already running/,
    );
    await kill();
    expect(markProcess(pidOf(told, 'worker'))).toBeDefined();
    const next = await superviseChild({ ...worker, name: 'worker', log: () => {} });
    expect(markProcess(pidOf(told, 'worker'))).toBeUndefined();
    await next.stop();
  });
});

describe('PostgreSQL and its user', { timeout: 60_000 }, () => {
  test.skipIf(!isRoot)('root runs it below a directory that only root may enter', async () => {
    const dir = scratchDir();
    chmodSync(dir, 0o700);
    const postgres = await startPostgres({ dataDir: join(dir, 'state', 'postgres'), durable: false });
    expect(process.platform === 'linux' ? markProcess(postgres.pid) : {}).toBeDefined();
    await postgres.stop();
  });

  test.skipIf(!isRoot)('root runs it by a plain change of user where that user can reach it', async () => {
    const dataDir = join(openDir(), 'postgres');
    const { kill } = await hold.start({ dataDir }, { env: elsewhere });
    await kill();
    await (await startPostgres({ dataDir, durable: false })).stop();
  });

  test.skipIf(!isRoot)('root without setpriv hears which directory is closed, and what to do', async () => {
    const dir = scratchDir();
    const attempt = hold.start({ dataDir: join(dir, 'postgres') }, { env: elsewhere });
    await expect(attempt).rejects.toThrow(`cannot pass the directory ${dir}`);
    await expect(attempt).rejects.toThrow('set LMS_STATE_DIR to a directory that others may pass');
  });

  test.skipIf(!isRoot)('an ordinary user runs it as itself', async () => {
    const dir = scratchDir();
    chmodSync(dir, 0o777);
    const nobody = { uid: 65534, gid: 65534 };
    const { told, kill } = await hold.start({ dataDir: join(dir, 'state', 'postgres') }, nobody);
    await kill();
    await eventually(() => markProcess(pidOf(told, 'postgres')) === undefined);
    // Root, who comes upon these data later, leaves them to that user.
    await (await startPostgres({ dataDir: join(dir, 'state', 'postgres'), durable: false })).stop();
    const again = await hold.start({ dataDir: join(dir, 'state', 'postgres') }, nobody);
    await again.kill();
    await eventually(() => markProcess(pidOf(again.told, 'postgres')) === undefined);
  });
});
