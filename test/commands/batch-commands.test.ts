import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { startInstance } from './support/instance.ts';
import type { Instance } from './support/instance.ts';

const owner = ['--as', 'owner@example.org'];
const wide = ['--max-share', '1'];

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

async function listOf(name: string, text: string): Promise<string> {
  const file = join(instance.stateDir, name);
  await writeFile(file, text);
  return file;
}

describe('many users from a file', () => {
  it('D-17 are deleted, each line accounted for with what it says, and taken back together or one by one', async () => {
    const before = await dump();
    const text = 'Name,E-mail\nAda,ADA@example.org\nNobody,nobody@example.org\nAda again,ada@example.org\n';
    const file = await listOf('people.csv', text);
    const ended = await instance.run('run', 'deleteUsers', '--file', file, ...owner, ...wide, '--json');
    expect(ended.code).toBe(3);
    const result = JSON.parse(ended.stdout) as OperationResult;
    expect(result.users).toEqual({ done: 1, unchanged: 1, attention: 1 });
    expect(result.attention).toMatchObject([{ line: 3, ref: 'nobody@example.org', type: 'NotFound' }]);
    const shown = await instance.run('ops', 'show', result.operation);
    expect(shown.stdout).toContain('! line 3, user nobody@example.org: NotFound');

    const story = await instance.run('explain', 'user', 'ada@example.org');
    expect(story.stdout).toContain('is deleted');
    expect(story.stdout).toContain(`by deleteUsers ${result.operation}, asked for by user u-owner:`);
    expect(story.stdout).toContain('D-05: first co-author');

    const one = ['ops', 'undo', result.operation, '--user', 'ada@example.org', ...owner];
    expect(await instance.json(...one)).toMatchObject({ state: 'done', users: { done: 1 } });
    expect(await dump()).toEqual(before);
    expect((await instance.run('explain', 'user', 'ada@example.org')).stdout).toContain('taken back since');
  });

  it('D-17 a file that is no list is refused before anything starts', async () => {
    const file = await listOf('picture.png', '\u0000\u0001\u0002');
    const ended = await instance.run('run', 'deleteUsers', '--file', file, ...owner);
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.stderr).toMatch(/InvalidInput: .*is not a text file/);
    expect(ended.stderr).not.toContain('Started');
  });

  it('G-06 are removed from a group', async () => {
    const file = await listOf('list.txt', 'ada@example.org\n');
    const { memberships } = await dump();
    const held = memberships.find(({ user }) => user === 'ada');
    const input = JSON.stringify({ group: held?.group });
    const args = ['run', 'removeFromGroup', '--input', input, '--file', file, ...owner, '--preview'];
    expect(await instance.json(...args)).toMatchObject({ state: 'previewed', users: { done: 1 } });
  });
});

describe('control', () => {
  it('X-15 pauses, slows down, resumes and cancels from the command line', async () => {
    const waiting = ['delete-user', 'ada@example.org', ...owner, '--approval', 'required', '--detach'];
    const { workflowId } = await instance.json<{ workflowId: string }>(...waiting);
    await instance.untilState(workflowId, 'waiting-for-approval');
    expect(await instance.run('ops', 'approve', workflowId, '--yes')).toMatchObject({ code: 0 });
    await instance.untilState(workflowId, 'done');
    const late = await instance.run('ops', 'pause', workflowId);
    expect(late.code).toBe(1);
    await instance.run('ops', 'undo', workflowId, ...owner);
  });

  it('X-15 a paused operation goes on where it was', async () => {
    const waiting = ['delete-user', 'ada@example.org', ...owner, '--approval', 'required', '--detach'];
    const { workflowId } = await instance.json<{ workflowId: string }>(...waiting);
    await instance.untilState(workflowId, 'waiting-for-approval');
    for (const args of [
      ['pause', workflowId],
      ['pace', workflowId, '5'],
      ['approve', workflowId, '--yes'],
    ]) {
      expect(await instance.run('ops', ...args)).toMatchObject({ code: 0 });
    }
    expect((await instance.run('ops', 'pace', workflowId, 'fast')).stderr).toContain('InvalidInput');
    expect((await instance.run('ops', 'resume', workflowId)).stdout).toContain('goes on');
    await instance.untilState(workflowId, 'done');
    await instance.run('ops', 'undo', workflowId, ...owner);
  });
});

describe('a restart of everything', () => {
  it('X-15 leaves a paused operation paused and a waiting one waiting, and both go on after it', async () => {
    const before = await dump();
    const start = async (email: string): Promise<string> => {
      const args = ['delete-user', email, ...owner, '--approval', 'required', '--detach'];
      const { workflowId } = await instance.json<{ workflowId: string }>(...args);
      await instance.untilState(workflowId, 'waiting-for-approval');
      return workflowId;
    };
    const [paused, waiting] = [await start('ada@example.org'), await start('alan@example.org')];
    await instance.run('ops', 'pause', paused);
    await instance.run('ops', 'approve', paused, '--yes');
    await instance.stop();
    instance = await startInstance(instance.stateDir);
    expect(await dump()).toEqual(before);
    await instance.run('ops', 'resume', paused);
    await instance.run('ops', 'approve', waiting, '--yes');
    for (const id of [paused, waiting]) {
      await instance.untilState(id, 'done');
      await instance.run('ops', 'undo', id, ...owner);
    }
    expect(await dump()).toEqual(before);
  });
});

describe('the schedule', () => {
  it('D-19 deletes whose date has come, as the system, at 00:00 of that date', async () => {
    const before = await dump();
    const { temporalAddress = '', databaseUrl = '' } = instance.addresses;
    const database = new pg.Client(databaseUrl);
    await database.connect();
    await database.query(`update lms.account set deletion_scheduled_on = '2026-03-01' where id = 'ada'`);
    await instance.run('schedule', 'install');
    const connection = await Connection.connect({ address: temporalAddress });
    const schedule = new Client({ connection }).schedule.getHandle('lms-lifecycle-delete-due-users');
    await schedule.trigger();
    const ada = async () => (await dump()).users.find(({ id }) => id === 'ada');
    await expect.poll(ada, { timeout: 30_000, interval: 500 }).toMatchObject({ status: 'deleted' });
    expect(await ada()).toMatchObject({
      deletionKind: 'automatic',
      deletedBy: 'system',
      deletedAt: '2026-02-28T23:00:00Z',
    });
    const { stdout } = await instance.run('ops', 'list');
    const [, latest = ''] = stdout.split('\n');
    expect(latest).toMatch(/deleteDueUsers +apply +done +system/);
    const operation = latest.split(/\s+/)[0] ?? '';
    expect(await instance.json('ops', 'show', operation)).toMatchObject({ trigger: 'schedule' });
    await instance.run('ops', 'undo', operation, ...owner);
    expect(await dump()).toEqual(before);
    await instance.run('schedule', 'remove');
    await connection.close();
    await database.end();
  });

  it('D-19 R-07 is installed in the time zone of the platform, and removed', async () => {
    const { platform } = await dump();
    const installed = await instance.json('schedule', 'install');
    expect(installed).toMatchObject({ installed: true, timeZone: platform.timeZone });
    expect(installed).toMatchObject({ sweep: 'preview' });
    expect(await instance.json('schedule', 'install', '--repair')).toMatchObject({ sweep: 'apply' });
    expect(await instance.json('schedule', 'install')).toMatchObject({ sweep: 'apply' });
    expect((await instance.run('schedule', 'install', '--repair', '--report')).code).toBe(1);
    expect(await instance.json('schedule', 'remove')).toEqual({ removed: true });
    expect(await instance.json('schedule', 'remove')).toEqual({ removed: false });
  });
});
