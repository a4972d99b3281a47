import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProfiles } from '../../imports/read-profiles.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lms-profiles-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function rowsOf(text: string | Buffer): Promise<unknown[]> {
  const path = join(directory, 'profiles');
  await writeFile(path, text);
  const rows: unknown[] = [];
  for await (const row of readProfiles(path)) rows.push(row);
  return rows;
}

describe('a file of profiles', () => {
  it('C-05 in JSON is a row an element, whatever the rows hold', async () => {
    const rows = [{ user: 'ada', profile: { team: null, n: [1, { a: true }] } }, 5, null, { user: 1 }];
    expect(await rowsOf(JSON.stringify(rows, null, 2))).toEqual(rows.map((row, i) => ({ line: i + 1, row })));
  });

  it('C-05 in CSV leaves what has no value as it is, and tells the line', async () => {
    const text =
      'team;Email;city\nsales;ada@example.org;"a;\nb"\n\n;bob@example.org;\nit;;x\n1;c@example.org;2;3\n';
    expect(await rowsOf(text)).toEqual([
      { line: 2, row: { user: { email: 'ada@example.org' }, profile: { team: 'sales', city: 'a;\nb' } } },
      { line: 5, row: { user: { email: 'bob@example.org' }, profile: {} } },
      { line: 6, problem: 'names nobody' },
      { line: 7, problem: expect.stringContaining('more values than the header') as string },
    ]);
  });

  it.each([
    ['nothing', '', 'is empty'],
    ['an empty array', '[]', 'has no rows'],
    ['a header only', 'id,team\n', 'has no rows'],
    ['an object', '{"profiles": []}', 'is not a JSON array of rows'],
    ['JSON that breaks off', '[{"user":"ada","profile":{}},{"user":"b', 'after row 1'],
    ['JSON that goes on', '[{"user":"ada","profile":{}}] x', 'is not a JSON array'],
    ['no header', 'ada@example.org,sales\n', 'must be a header'],
    ['no attribute', 'id,email\nada,\n', 'names no attribute'],
    ['an attribute twice', 'id,team,team\nada,a,b\n', 'two columns for team'],
    ['a column without a name', 'id,team,\nada,a,b\n', 'column 3 of the header line has no name'],
    ['an open quote', 'id,team\nada,"a\n', 'is never closed'],
    ['no text', Buffer.from([0x5b, 0xff, 0xfe, 0x00]), 'profiles'],
  ])('C-05 X-16 with %s is refused as a whole', async (_, text, message) => {
    const read = rowsOf(text);
    await expect(read).rejects.toMatchObject({ type: 'InvalidInput' });
    await expect(read).rejects.toThrow(message);
  });

  it.each(['json', 'csv'])(
    'C-05 of 100,000 rows in %s is read as a stream',
    async (format) => {
      const users = Array.from({ length: 100_000 }, (_, n) => `user-${n}`);
      const text =
        format === 'csv'
          ? `id,team\n${users.map((id) => `${id},sales\n`).join('')}`
          : JSON.stringify(users.map((id) => ({ user: { id }, profile: { team: 'sales' } })));
      const path = join(directory, 'many');
      await writeFile(path, text);
      let rows = 0;
      let last: unknown;
      for await (const { row } of readProfiles(path)) {
        rows += 1;
        last = row;
      }
      expect(rows).toBe(100_000);
      expect(last).toEqual({ user: { id: 'user-99999' }, profile: { team: 'sales' } });
    },
    60_000,
  );
});
