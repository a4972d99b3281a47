import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { runCli, startInstance } from './support/instance.ts';
import type { Instance } from './support/instance.ts';

const owner = ['--as', 'owner@example.org'];

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
}, 120_000);
afterAll(async () => {
  await instance.stop();
  await instance.remove();
});

async function dump(): Promise<World> {
  return JSON.parse((await instance.run('host', 'dump')).stdout) as World;
}

describe('the story of one deletion', () => {
  it('is previewed, done, told and undone from the command line', async () => {
    const before = await dump();
    const preview = await instance.json<OperationResult>(
      'delete-user',
      'ada@example.org',
      ...owner,
      '--preview',
    );
    expect(preview).toMatchObject({ state: 'previewed', users: { done: 1 } });
    expect(await dump()).toEqual(before);

    const bound = ['--plan-hash', preview.planHash];
    const done = await instance.json<OperationResult>('delete-user', 'ada@example.org', ...owner, ...bound);
    expect(done).toMatchObject({ state: 'done', counts: preview.counts, planHash: preview.planHash });

    const { stdout } = await instance.run('ops', 'show', done.operation, '--changes');
    expect(stdout).toContain('trigger       command-line');
    expect(stdout).toContain('D-05: first co-author');
    expect(stdout).toMatch(/not D-06: owner group \S+: no admin/);

    expect(await instance.json('ops', 'undo', done.operation, ...owner)).toMatchObject({ state: 'done' });
    expect(await dump()).toEqual(before);
    const { stdout: listed } = await instance.run('ops', 'list');
    expect(
      listed
        .split('\n')
        .slice(1, 4)
        .map((line) => line.split(/\s+/)[1]),
    ).toEqual(['undoOperation', 'deleteUser', 'deleteUser']);
  });

  it('waits for an approval, and is approved, rejected or cancelled by command', async () => {
    const waiting = ['delete-user', 'ada@example.org', ...owner, '--approval', 'required', '--preview'];
    const { planHash } = await instance.json<OperationResult>(...waiting);
    for (const [word, end] of [
      ['reject', 'rejected'],
      ['cancel', 'cancelled'],
      ['approve', 'done'],
    ] as const) {
      const start = ['delete-user', 'ada@example.org', ...owner, '--approval', 'required'];
      const { code, stderr } = await instance.run(...start);
      expect(code).toBe(3);
      const id = /Started (\S+)/.exec(stderr)?.[1] ?? '';
      const extra =
        word === 'reject' ? ['--reason', 'not yet'] : word === 'approve' ? ['--plan-hash', planHash] : [];
      expect(await instance.run('ops', word, id, ...extra)).toMatchObject({ code: 0 });
      await instance.untilState(id, end);
      expect(await instance.json('ops', 'show', id)).toMatchObject({ state: end });
      if (end === 'done') await instance.run('ops', 'undo', id, ...owner);
    }
  });

  it('applies at once what --yes approves', async () => {
    const input = JSON.stringify({ user: 'ada', requestedBy: 'u-owner', approval: 'required' });
    const done = await instance.json<OperationResult>('run', 'deleteUser', '--input', input, '--yes');
    expect(done.state).toBe('done');
    await instance.run('ops', 'undo', done.operation, ...owner);
  });
});

describe('failures and exit codes', () => {
  it.each([
    ['somebody unknown', ['delete-user', 'nobody@example.org', ...owner], 1, 'NotFound'],
    ['the platform owner', ['delete-user', 'owner@example.org', ...owner], 1, 'PlatformOwnerProtected'],
    ['private memberships', ['delete-user', 'grace@example.org', ...owner], 1, 'PrivateMembershipsRemain'],
    ['an incomplete input', ['run', 'deleteUser', '--input', '{}'], 1, 'InvalidInput'],
    ['an input that is not JSON', ['run', 'deleteUser', '--input', '{'], 1, 'InvalidInput'],
    ['an unknown operation', ['ops', 'show', 'nothing'], 1, 'NotFound'],
    ['an unknown command', ['remove'], 2, 'unknown command'],
    ['an unknown option', ['ops', 'list', '--all'], 2, 'unknown option'],
    ['a missing argument', ['delete-user'], 2, 'missing required argument'],
  ])('%s', async (_, args, code, told) => {
    const ended = await instance.run(...args);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(told);
  });

  it('a failure is one JSON document too', async () => {
    const { stdout } = await instance.run('delete-user', 'owner@example.org', ...owner, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ failure: { type: 'PlatformOwnerProtected' } });
  });

  it('without an instance a command says how to get one', async () => {
    const ended = await runCli(['ops', 'list'], { LMS_STATE_DIR: join(instance.stateDir, 'none') });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('npm start');
  });
});

describe('worlds', () => {
  it('a world that is dumped to a file can be loaded again, but only in place of another', async () => {
    const file = join(instance.stateDir, 'world.json');
    expect((await instance.run('host', 'dump', file)).code).toBe(0);
    expect((await instance.run('host', 'load', file)).stderr).toContain('not empty');
    expect((await instance.run('host', 'load', file, '--replace')).code).toBe(0);
    expect(JSON.stringify(await dump())).toBe(JSON.stringify(JSON.parse(await readFile(file, 'utf8'))));
  });

  it('a bad world is refused whole, with every problem and its path', async () => {
    const file = join(instance.stateDir, 'bad.json');
    const before = await dump();
    const [first] = before.memberships;
    const memberships = [
      { ...first, group: 'nowhere' },
      { ...first, user: 'nobody' },
    ];
    await writeFile(file, JSON.stringify({ ...before, memberships }));
    const ended = await instance.run('host', 'load', file, '--replace');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/\$\.memberships\[0\]\.group.*\$\.memberships\[1\]\.user/s);
    expect(await dump()).toEqual(before);
  });

  it('a generated world is the same for the same seed', async () => {
    const generate = ['world', 'generate', '--users', '30', '--seed', '7'];
    const [one, other] = [await runCli(generate), await runCli(generate)];
    expect(one).toMatchObject({ code: 0 });
    expect(one.stdout).toBe(other.stdout);
  });

  it('the schema of the reference host is the one that is known', async () => {
    expect(await instance.json('host', 'check')).toEqual({ host: 'reference', findings: [] });
  });
});

describe('database roles', () => {
  it('what `host grants` prints makes a role that finds its schema up to date', async () => {
    const { stdout } = await instance.run('host', 'grants', '--for', 'worker', '--role', 'lms_worker');
    const sql = new pg.Client(instance.addresses['databaseUrl']);
    await sql.connect();
    await sql.query(`${stdout} alter role lms_worker password 'secret'`);
    await sql.end();
    const url = new URL(instance.addresses['databaseUrl'] ?? '');
    const owns = url.username;
    [url.username, url.password] = ['lms_worker', 'secret'];
    const env = { DATABASE_URL: url.href, LMS_STATE_DIR: instance.stateDir };
    expect(await runCli(['host', 'migrate'], env)).toMatchObject({
      code: 0,
      stdout: 'The schema is up to date.\n',
    });
    const again = await runCli(['host', 'grants', '--for', 'worker', '--role', owns], env);
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/RoleRefused: .* owns the ledger/),
    });
  });
});
