import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ImportReport } from '../../contracts/imports.ts';
import type { OperationResult } from '../../contracts/operations.ts';
import { filled } from '../imports/support/workbook.ts';
import { startInstance } from './support/instance.ts';
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

const fileOf = (name: string): string => join(instance.stateDir, name);
const dump = async (): Promise<string> => (await instance.run('host', 'dump')).stdout;

/** A template with these emails, as a file. */
async function filledTemplate(name: string, emails: readonly string[], ...args: string[]): Promise<string> {
  const out = fileOf(name);
  const made = await instance.run('import', 'template', ...args, '--out', out);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  await writeFile(
    out,
    filled(
      await readFile(out),
      emails.map((email) => [email]),
    ),
  );
  return out;
}

it('I-02 finds courses and paths by title or id', async () => {
  const all = await instance.json<{ id: string; type: string; title: string }[]>('import', 'find', '');
  const [some] = all;
  expect(new Set(all.map(({ type }) => type))).toEqual(new Set(['course', 'path']));
  const byTitle = await instance.json('import', 'find', some?.title.toUpperCase() ?? '');
  expect(byTitle).toContainEqual(some);
  expect((await instance.json<object[]>('import', 'find', some?.id ?? ''))[0]).toEqual(some);
  expect(await instance.json('import', 'find', '%')).toEqual([]);
  expect(await instance.json('import', 'find', '', '--limit', '1')).toHaveLength(1);
});

it('I-06 I-07 what a check shows is started, done, and taken back', async () => {
  const before = await dump();
  const emails = ['ADA@example.org', 'nobody@example.org', 'owner@example.org'];
  const file = await filledTemplate('people.xlsx', emails, '--action', 'delete-users');
  const text = await instance.run('import', 'check', file, ...owner);
  expect(text.code).toBe(3);
  expect(text.stdout).toContain('Will be deleted: 1 users');
  expect(text.stdout).toMatch(/! line 4, owner@example.org \(user u-owner\): PlatformOwnerProtected: /);
  expect(text.stdout).toContain('! sheet Import, A3: there is no user with this email');
  expect(text.stdout).toMatch(/Nothing has changed yet. Start it with: import start [0-9a-f-]{36}/);
  expect(await dump()).toEqual(before);

  const report = await instance.json<ImportReport>('import', 'check', file, ...owner);
  const started = await instance.json<OperationResult>('import', 'start', report.import, ...owner);
  expect(started).toMatchObject({ state: 'done', users: { done: 1, unchanged: 0, attention: 0 } });
  const shown = await instance.run('ops', 'show', started.operation);
  expect(shown.stdout).toMatch(new RegExp(`import +${report.import}`));
  expect(shown.stdout).toMatch(/kind +deleteUsers/);
  const again = await instance.run('import', 'start', report.import, ...owner);
  expect(again).toMatchObject({ code: 1 });
  expect(again.stderr).toContain('check the file again');
  await instance.run('ops', 'undo', started.operation, ...owner);
  expect(await dump()).toEqual(before);
});

it('I-01 removes from a group, and exits with 0 when all can be', async () => {
  const { memberships } = JSON.parse(await dump()) as { memberships: { user: string; group: string }[] };
  const group = memberships.find(({ user }) => user === 'ada')?.group ?? '';
  const made = ['--action', 'removeFromGroup', '--group', group];
  const file = await filledTemplate('group.xlsx', ['ada@example.org'], ...made);
  const ended = await instance.run('import', 'check', file);
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stdout).toContain(`Will be removed from the group ${group}: 1 users`);
});

it('I-05 a file that is refused says every problem, and is told by the exit code', async () => {
  const csv = fileOf('people.csv.xlsx');
  await writeFile(csv, 'Email\nada@example.org\n');
  const ended = await instance.run('import', 'check', csv, '--json');
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('InvalidInput: the file is not an xlsx'),
  });
  expect(JSON.parse(ended.stdout)).toMatchObject({
    failure: { type: 'InvalidInput' },
    problems: { count: 1 },
  });
  const missing = await instance.run('import', 'check', fileOf('no-such.xlsx'));
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be read (ENOENT)') });
  const directory = await instance.run('import', 'check', instance.stateDir);
  expect(directory).toMatchObject({ code: 1, stderr: expect.stringContaining('is not an ordinary file') });
});

it('I-01 no template is made for what does not go together', async () => {
  const args = ['--action', 'fire', '--out', fileOf('none.xlsx')];
  const ended = await instance.run('import', 'template', ...args);
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/^InvalidInput: action: fire is none of unenrol-users/);
});
