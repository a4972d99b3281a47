import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    await expect
      .poll(async () => (await instance.run('ops', 'approve', workflowId, '--yes')).code, { timeout: 30_000 })
      .toBe(0);
    await expect
      .poll(async () => (await instance.json('ops', 'show', workflowId))['state'], { timeout: 30_000 })
      .toBe('done');
    const late = await instance.run('ops', 'pause', workflowId);
    expect(late.code).toBe(1);
    await instance.run('ops', 'undo', workflowId, ...owner);
  });

  it('X-15 a paused operation goes on where it was', async () => {
    const waiting = ['delete-user', 'ada@example.org', ...owner, '--approval', 'required', '--detach'];
    const { workflowId } = await instance.json<{ workflowId: string }>(...waiting);
    await expect
      .poll(async () => (await instance.json('ops', 'show', workflowId))['state'], { timeout: 30_000 })
      .toBe('waiting-for-approval');
    for (const args of [
      ['pause', workflowId],
      ['pace', workflowId, '5'],
      ['approve', workflowId, '--yes'],
    ]) {
      expect(await instance.run('ops', ...args)).toMatchObject({ code: 0 });
    }
    expect((await instance.run('ops', 'pace', workflowId, 'fast')).stderr).toContain('InvalidInput');
    expect((await instance.run('ops', 'resume', workflowId)).stdout).toContain('goes on');
    await expect
      .poll(async () => (await instance.json('ops', 'show', workflowId))['state'], { timeout: 30_000 })
      .toBe('done');
    await instance.run('ops', 'undo', workflowId, ...owner);
  });
});

describe('the schedule', () => {
  it('D-19 is installed in the time zone of the platform, and removed', async () => {
    const { platform } = await dump();
    const installed = await instance.json('schedule', 'install');
    expect(installed).toMatchObject({ installed: true, timeZone: platform.timeZone });
    expect(await instance.json('schedule', 'remove')).toEqual({ removed: true });
    expect(await instance.json('schedule', 'remove')).toEqual({ removed: false });
  });
});
