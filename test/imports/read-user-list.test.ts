import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ListRefused, readUserList } from '../../imports/read-user-list.ts';
import type { ListedUser } from '../../imports/read-user-list.ts';

let directory: string;
let file: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'user-list-'));
  file = join(directory, 'list');
});
afterAll(() => rm(directory, { recursive: true }));

async function entries(path: string): Promise<ListedUser[]> {
  const all: ListedUser[] = [];
  for await (const entry of readUserList(path)) all.push(entry);
  return all;
}

/** What a file of that content lists. */
async function listed(content: string | Buffer): Promise<ListedUser[]> {
  await writeFile(file, content);
  return entries(file);
}

/** What it lists, shortly: line and whom, or line and problem. */
async function shortly(content: string | Buffer): Promise<string[]> {
  return (await listed(content)).map(({ line, id, email, problem }) =>
    problem === undefined
      ? `${line} ${[...new Set([id, email])].filter(Boolean).join('|')}`
      : `${line}! ${problem}`,
  );
}

async function refusalOf(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    (value) => JSON.stringify(value),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ListRefused)) throw new Error('was not refused', { cause: error });
  expect(error.type).toBe('InvalidInput');
  expect(error.message).toContain(directory);
  return error.message;
}

function who(line: number, text: string): ListedUser {
  return { line, id: text, email: text, ref: text };
}

const severalValues = 'more than one value: give a header line with `email` or `id`';

describe('a plain list', () => {
  it('D-17 is one user per line, each of which may be an id or an email', async () => {
    expect(await listed('u-1\nada@example.org\nbob\n')).toEqual([
      who(1, 'u-1'),
      who(2, 'ada@example.org'),
      who(3, 'bob'),
    ]);
  });

  it('D-17 needs no line break at its end', async () => {
    expect(await shortly('u-1\nu-2')).toEqual(['1 u-1', '2 u-2']);
    expect(await shortly('u-1')).toEqual(['1 u-1']);
  });

  it('D-17 may end its lines in LF, CR LF or CR, also in one file', async () => {
    expect(await shortly('a\nb\nc\n')).toEqual(['1 a', '2 b', '3 c']);
    expect(await shortly('a\r\nb\r\nc\r\n')).toEqual(['1 a', '2 b', '3 c']);
    expect(await shortly('a\rb\rc\r')).toEqual(['1 a', '2 b', '3 c']);
    expect(await shortly('a\r\nb\nc\rd')).toEqual(['1 a', '2 b', '3 c', '4 d']);
  });

  it('D-17 skips blank lines, and counts them', async () => {
    expect(await shortly('\n\nu-1\n \t \n\r\nu-2\n\n')).toEqual(['3 u-1', '6 u-2']);
    expect(await shortly('u-1\n,;,\nu-2')).toEqual(['1 u-1', '3 u-2']);
  });

  it('D-17 trims outer spaces, and keeps inner ones', async () => {
    expect(await listed('  u 1\t\n\u00a0ada@example.org \u3000\n')).toEqual([
      who(1, 'u 1'),
      who(2, 'ada@example.org'),
    ]);
  });

  it('D-17 may be one line of emails, separated by commas or semicolons', async () => {
    expect(await listed('ada@example.org, bob@example.org;cem@example.org')).toEqual([
      who(1, 'ada@example.org'),
      who(2, 'bob@example.org'),
      who(3, 'cem@example.org'),
    ]);
  });

  it('D-17 may be several such lines, and lines of one', async () => {
    const content = 'ada@x.org,bob@x.org\ncem@x.org\ndan@x.org;eve@x.org;\n';
    expect(await shortly(content)).toEqual([
      '1 ada@x.org',
      '2 bob@x.org',
      '3 cem@x.org',
      '4 dan@x.org',
      '5 eve@x.org',
    ]);
  });

  it('D-17 gives each entry a line of its own, which is that of the file again where it can be', async () => {
    expect(await shortly('a@x,b@x,c@x\nd@x\n\n\ne@x\nf@x')).toEqual([
      '1 a@x',
      '2 b@x',
      '3 c@x',
      '4 d@x',
      '5 e@x',
      '6 f@x',
    ]);
    expect(await shortly('a@x,b@x\n\n\n\nc@x')).toEqual(['1 a@x', '2 b@x', '5 c@x']);
  });

  it('D-17 ignores blank values of a line, so that a separator too many does no harm', async () => {
    expect(await shortly('u-1,\n;u-2\n, a@x ,, b@x ,')).toEqual(['1 u-1', '2 u-2', '3 a@x', '4 b@x']);
  });

  it.each(['u-1,u-2', 'u-1;Ada Byron', 'ada@example.org,Ada Byron', 'Ada,ada@example.org,u-7'])(
    'D-17 does not guess which column of %s is meant: one entry, with a problem',
    async (content) => {
      expect(await listed(`${content}\nu-9`)).toEqual([
        { line: 1, problem: severalValues, ref: content },
        who(2, 'u-9'),
      ]);
    },
  );

  it('D-17 takes tabs for columns of a sheet, even where all of them are emails', async () => {
    const content = 'ada@example.org\tboss@example.org';
    expect(await listed(content)).toEqual([{ line: 1, problem: severalValues, ref: content }]);
  });

  it('D-17 reads quotes as CSV does', async () => {
    expect(await listed('"u,1"\n"say ""hi"""\n"a@x" , "b;b@x"\n')).toEqual([
      who(1, 'u,1'),
      who(2, 'say "hi"'),
      who(3, 'a@x'),
      who(4, 'b;b@x'),
    ]);
  });

  it('D-17 counts the lines within quotes, whatever their ends', async () => {
    expect(await shortly('"\nu-1"\n"u-2\r\n\r\n"\nu-3\n"\ru-4"\nu-5')).toEqual([
      '1 u-1',
      '3 u-2',
      '6 u-3',
      '7 u-4',
      '9 u-5',
    ]);
  });

  it('D-17 means nobody by a value with a line break, which a stray quote makes', async () => {
    const [first, second] = await listed('"u-1\nu-2"\nu-3\n');
    expect(first).toEqual({ line: 1, problem: expect.stringContaining('line break'), ref: 'u-1\nu-2' });
    expect(second).toEqual(who(3, 'u-3'));
  });

  it('D-17 does not take a header word for a header when it comes later', async () => {
    expect(await shortly('u-1\nemail\n')).toEqual(['1 u-1', '2 email']);
  });
});

describe('a file with a header', () => {
  it.each(['email', 'e-mail', 'mail', 'E-Mail', ' EMAIL ', '"email"'])(
    'D-17 knows the column %j for one of emails',
    async (header) => {
      const content = `name,${header}\nAda,ada@example.org\n`;
      expect(await listed(content)).toEqual([{ line: 2, email: 'ada@example.org', ref: 'ada@example.org' }]);
    },
  );

  it.each(['id', 'ID', 'userid', 'UserId', 'user id', ' User ID '])(
    'D-17 knows the column %j for one of ids',
    async (header) => {
      expect(await listed(`name,${header}\nAda,u-1\n`)).toEqual([{ line: 2, id: 'u-1', ref: 'u-1' }]);
    },
  );

  it('D-17 takes what a column user holds for either', async () => {
    expect(await listed('User,name\nu-1,Ada\nbob@example.org,Bob\n')).toEqual([
      who(2, 'u-1'),
      who(3, 'bob@example.org'),
    ]);
  });

  it('D-17 goes by the id where a row has both, by the email where it has no id, by user last', async () => {
    const content = 'user,email,id\nx,ada@example.org,u-1\nx,bob@example.org, \nx,,\n';
    expect(await listed(content)).toEqual([
      { line: 2, id: 'u-1', ref: 'u-1' },
      { line: 3, email: 'bob@example.org', ref: 'bob@example.org' },
      who(4, 'x'),
    ]);
  });

  it('D-17 ignores all other columns, whatever they hold', async () => {
    const manager = 'boss@example.org';
    const content = `manager,email,manager id,notes\n${manager},ada@example.org,u-9,"one\ntwo, three"\n`;
    expect(await listed(content)).toEqual([{ line: 2, email: 'ada@example.org', ref: 'ada@example.org' }]);
  });

  it.each([',', ';', '\t'])('D-17 may be separated by %j', async (separator) => {
    const content = ['name', 'email', 'id'].join(separator) + '\n' + ['Ada', 'a@x', 'u-1'].join(separator);
    expect(await listed(content)).toEqual([{ line: 2, id: 'u-1', ref: 'u-1' }]);
  });

  it('D-17 has the separator of its header, and the others are text', async () => {
    expect(await shortly('name;email\nByron, Ada;ada@x\nBob\tB.;bob@x')).toEqual(['2 ada@x', '3 bob@x']);
    expect(await shortly('name\temail\nByron, Ada; née\tada@x')).toEqual(['2 ada@x']);
  });

  it('D-17 may be of one column only', async () => {
    expect(await shortly('email\nada@x\n"b,b@x"\n')).toEqual(['2 ada@x', '3 b,b@x']);
  });

  it('D-17 may come after blank lines', async () => {
    expect(await shortly('\n , \nemail,name\nada@x,Ada')).toEqual(['4 ada@x']);
  });

  it('D-17 a row that names nobody is an entry with a problem', async () => {
    expect(await listed('id,email,name\n,,Ada\n" ",\t,Bob\nu-1,,Cem\nonly\n')).toEqual([
      { line: 2, problem: 'names nobody', ref: '' },
      { line: 3, problem: 'names nobody', ref: '' },
      { line: 4, id: 'u-1', ref: 'u-1' },
      { line: 5, id: 'only', ref: 'only' },
    ]);
  });

  it('D-17 a row that is too short for its column names nobody', async () => {
    expect(await shortly('name,email\nAda\nBob,bob@x')).toEqual(['2! names nobody', '3 bob@x']);
  });

  it('D-17 rows without anything are blank lines, as spreadsheets write them', async () => {
    expect(await shortly('email,name\nada@x,Ada\n,\n,,,\n\nbob@x,Bob\n,\n')).toEqual(['2 ada@x', '6 bob@x']);
  });

  it('D-17 a row with more values than columns may have shifted: one entry, with a problem', async () => {
    expect(await shortly('name,email\nByron, Ada,ada@x\nBob,bob@x,,\n')).toEqual([
      expect.stringMatching(/^2! has more values than the header/),
      '3 bob@x',
    ]);
    expect(await shortly('email\nada@x,bob@x')).toEqual([expect.stringMatching(/^2! has more values/)]);
  });

  it('D-17 with two columns that could be meant is refused', async () => {
    expect(await refusalOf(listed('email,mail\na@x,b@x'))).toContain('two columns for the email');
    expect(await refusalOf(listed('id,name,User ID\n1,Ada,2'))).toContain('two columns for the id');
  });

  it('D-17 that can be read with two separators is refused', async () => {
    expect(await refusalOf(listed('id,name;email\nu-1,Ada;ada@x'))).toContain('mixes separators');
  });

  it('D-17 with one separator in earnest is read by that one', async () => {
    expect(await shortly('email;first, last;id\nada@x;Ada, Byron;u-1')).toEqual(['2 u-1']);
  });

  it('D-17 counts the lines within quotes', async () => {
    const content = 'email,"no\r\ntes"\r\nada@x,"1\r\n2\r\n3"\r\nbob@x,\r\n"c\rem@x",\n';
    expect((await listed(content)).map(({ line }) => line)).toEqual([3, 6, 7]);
  });
});

describe('long entries', () => {
  it('D-17 an entry of 500 characters is one, of 501 has a problem, and is cut', async () => {
    const [fits, long] = await listed(`${'a'.repeat(500)}\n${'b'.repeat(501)}\n`);
    expect(fits).toEqual(who(1, 'a'.repeat(500)));
    expect(long).toEqual({ line: 2, problem: 'longer than 500 characters', ref: 'b'.repeat(500) });
  });

  it('D-17 likewise in a column, and among several on a line', async () => {
    const long = 'c'.repeat(501);
    expect(await shortly(`name,id\nAda,${long}\n${long},u-1`)).toEqual([
      '2! longer than 500 characters',
      '3 u-1',
    ]);
    expect(await shortly(`a@x,${long}@x,b@x`)).toEqual(['1 a@x', '2! longer than 500 characters', '3 b@x']);
  });

  it('D-17 what was given is not cut within a character', async () => {
    const [entry] = await listed(`${'a'.repeat(499)}\u{1f600}`);
    expect(entry?.ref).toBe('a'.repeat(499));
    expect((await listed(`u-1,${'\u{1f600}'.repeat(300)}`))[0]?.ref).toMatch(/^u-1,(\u{1f600}){248}$/u);
  });

  it('D-17 a line of 5 MB of emails is as many entries', async () => {
    const emails = Array.from({ length: 250_000 }, (_, i) => `user-${i}@example.org`);
    const content = emails.join(',');
    expect(content.length).toBeGreaterThan(5_000_000);
    const all = await listed(content);
    expect(all.map(({ email }) => email)).toEqual(emails);
    expect(all.at(-1)?.line).toBe(250_000);
  });

  it('D-17 a line of 5 MB without any separator is one entry, with a problem', async () => {
    expect(await listed(`u-1\n${'x'.repeat(5_000_000)}\nu-2`)).toEqual([
      who(1, 'u-1'),
      { line: 2, problem: 'longer than 500 characters', ref: 'x'.repeat(500) },
      who(3, 'u-2'),
    ]);
  });

  it.each([
    ['without separators', Buffer.alloc(17_000_000, 'x')],
    ['of nothing but separators', Buffer.alloc(17_000_000, ',')],
    ['within quotes', Buffer.concat([Buffer.from('"'), Buffer.alloc(17_000_000, 'x\n'), Buffer.from('"')])],
  ])('D-17 a record of more than 16 MiB is refused: %s', async (_what, record) => {
    const content = Buffer.concat([Buffer.from('u-1\n\n'), record, Buffer.from('\nu-2\n')]);
    const message = await refusalOf(listed(content));
    expect(message).toContain('line 3 is larger than 16 MiB');
  });

  it('D-17 the limit is for each record: 16 MiB to the byte, and any number of them', async () => {
    const most = `${'x'.repeat(16 * 1024 * 1024 - 1)}\n`;
    expect(await listed(most + most)).toHaveLength(2);
    expect(await refusalOf(listed(`${most}y${most}`))).toContain('line 2 is larger than 16 MiB');
  });
});

describe('what is no list', () => {
  it('D-17 a byte order mark of UTF-8 is not part of the first entry, nor of the header', async () => {
    expect(await listed('\ufeffu-1\nu-2')).toEqual([who(1, 'u-1'), who(2, 'u-2')]);
    expect(await shortly('\ufeffemail,name\nada@x,Ada')).toEqual(['2 ada@x']);
    expect(await shortly('\ufeff"id";x\nu-1;')).toEqual(['2 u-1']);
  });

  it.each([
    ['a\u0308-\u00e9\u{1f600}\u4e2d', 'a\u0308-\u00e9\u{1f600}\u4e2d'],
    ['\ufffd-1', '\ufffd-1'],
  ])('D-17 the letters of all languages are text: %s', async (content, id) => {
    expect(await shortly(content)).toEqual([`1 ${id}`]);
  });

  it.each([1, 2, 3, 4, 5])('D-17 a character may lie across two chunks, %d bytes in', async (bytes) => {
    const content = `${'x\n'.repeat(32_768).slice(0, 65_536 - bytes)}\u{1f600}\u00e9\u4e2d\n`;
    const last = (await listed(content)).at(-1);
    expect(last?.id?.replace(/^x/, '')).toBe('\u{1f600}\u00e9\u4e2d');
  });

  it.each([
    ['a NUL byte', Buffer.from('u-1\nu\0-2'), 5, 2],
    ['an escape', Buffer.from('u-1\n\u001b[0m'), 4, 2],
    ['a form feed', Buffer.from('u-1\f'), 3, 1],
    ['a delete', Buffer.from('u-1\n\nu\u007f'), 6, 3],
    ['a lone byte of Latin-1', Buffer.from('u-1\nRen\xe9\nu-3', 'latin1'), 7, 2],
    ['a lone continuation', Buffer.from([0x61, 0x0a, 0x80, 0x62]), 2, 2],
    ['an overlong form', Buffer.from([0x61, 0xc0, 0xaf]), 1, 1],
    ['half a surrogate pair', Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x62]), 1, 1],
    ['U+FFFD, which is text, and then what is not', Buffer.from([0xef, 0xbf, 0xbd, 0xff]), 3, 1],
    ['a character that the end cuts off', Buffer.from([0x61, 0x0a, 0xe4, 0xb8]), 2, 2],
    ['UTF-16, little end first', Buffer.from('\ufeffu-1\n', 'utf16le'), 0, 1],
    ['UTF-16, big end first', Buffer.from([0xfe, 0xff, 0x00, 0x75]), 0, 1],
    ['UTF-16 without a mark', Buffer.from('u-1\n', 'utf16le'), 1, 1],
    ['a gzip file', Buffer.from([0x1f, 0x8b, 0x08, 0x00]), 0, 1],
    ['an xlsx file', Buffer.from('PK\u0003\u0004'), 2, 1],
  ])('D-17 %s is no text, and the place is told', async (_what, content, byte, line) => {
    const message = await refusalOf(listed(content));
    expect(message).toContain('is not a text file (UTF-8)');
    expect(message).toContain(`(byte ${byte}, line ${line})`);
  });

  it('D-17 UTF-16 is called by its name', async () => {
    expect(await refusalOf(listed(Buffer.from('\ufeffu-1\n', 'utf16le')))).toContain('UTF-16');
  });

  it('D-17 the place is right in later chunks too', async () => {
    const before = 'u-1\n'.repeat(50_000);
    const message = await refusalOf(listed(Buffer.concat([Buffer.from(before), Buffer.from([0x75, 0xff])])));
    expect(message).toContain('(byte 200001, line 50001)');
  });

  it('D-17 a quote that is never closed is refused, with the line that opens it', async () => {
    const message = await refusalOf(listed('u-1\n\nu-2\n"u-3\nu-4\nu-5\n'));
    expect(message).toContain('line 4 opens a quote that is never closed');
    expect(await refusalOf(listed('email,name\na@x,"A\r\nda"\r\nb@x,"B'))).toContain('line 4 opens a quote');
  });

  it.each(['u-1\n"u-2" x\nu-3', 'u-1\nu"2"\n', 'u-1\n"u-2\n"u-3"\n'])(
    'D-17 a quote in the wrong place is refused, with the line: %j',
    async (content) => {
      expect(await refusalOf(listed(content))).toContain('line 2 has a quote in the wrong place');
    },
  );

  it('X-10 a refusal does not repeat what the file holds', async () => {
    const message = await refusalOf(listed('ada.private@example.org "x"\n'));
    expect(message).not.toMatch(/ada|private/);
  });

  it.each(['', '\ufeff', '\n \r\n\t\n', ',;,\n', '""\n', 'email,name\n', 'id\n\n,\n'])(
    'D-17 a file without any entry is refused: %j',
    async (content) => {
      expect(await refusalOf(listed(content))).toContain('is empty');
    },
  );

  it('D-17 a missing file, a directory and a socket are refused, each by what it is', async () => {
    expect(await refusalOf(entries(join(directory, 'none')))).toContain('does not exist');
    expect(await refusalOf(entries(join(directory, 'none', 'none')))).toContain('does not exist');
    await mkdir(join(directory, 'folder'), { recursive: true });
    expect(await refusalOf(entries(join(directory, 'folder')))).toContain('is a directory');
    const socket = join(directory, 'socket');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    expect(await refusalOf(entries(socket))).toContain('is not an ordinary file');
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a file that changes while it is read', () => {
  const lines = 'u-1\n'.repeat(100_000);

  /** Reads, and after the first entry that happens. */
  async function readWhile(meanwhile: () => Promise<unknown>): Promise<void> {
    await writeFile(file, lines);
    let isFirst = true;
    for await (const _entry of readUserList(file)) {
      if (isFirst) await meanwhile();
      isFirst = false;
    }
  }

  it.each<[string, () => Promise<unknown>]>([
    ['grows', () => appendFile(file, 'u-2\n')],
    ['shrinks', () => writeFile(file, 'u-1\n')],
    ['is written anew with the same size', () => writeFile(file, 'u-2\n'.repeat(100_000))],
    ['has another time', () => utimes(file, 1, 1)],
    ['is deleted', () => rm(file)],
    [
      'is replaced by another',
      async () => {
        await writeFile(`${file}.new`, lines);
        await rename(`${file}.new`, file);
      },
    ],
  ])('D-17 is refused when it %s', async (_what, meanwhile) => {
    expect(await refusalOf(readWhile(meanwhile))).toContain('changed while it was read');
  });

  it('D-17 is read when only others have changed', async () => {
    await expect(readWhile(() => writeFile(`${file}.other`, 'u-2'))).resolves.toBeUndefined();
  });
});

describe('large files', () => {
  it('D-17 a million lines take no more memory than a few, and little time', async () => {
    const path = join(directory, 'million');
    await pipeline(Readable.from(manyRows(1_000_000)), createWriteStream(path));
    const before = process.memoryUsage().rss;
    const began = Date.now();
    let count = 0;
    let growth = 0;
    let last: ListedUser | undefined;
    for await (const entry of readUserList(path)) {
      last = entry;
      if (++count % 10_000 === 0) growth = Math.max(growth, process.memoryUsage().rss - before);
    }
    expect(count).toBe(1_000_000);
    expect(last).toEqual({
      line: 1_000_001,
      email: 'user-999999@example.org',
      ref: 'user-999999@example.org',
    });
    expect(growth).toBeLessThan(150_000_000);
    expect(Date.now() - began).toBeLessThan(15_000);
  });

  it('D-17 reading may stop anywhere, and leaves no file open', async () => {
    await writeFile(file, 'u-1\n'.repeat(100_000));
    for await (const entry of readUserList(file)) if (entry.line === 3) break;
    expect(await openFiles()).not.toContain(file);
    await refusalOf(listed(Buffer.from('u-1\n\0')));
    expect(await openFiles()).not.toContain(file);
  });

  it('D-17 whatever the values, what was written is read again', async () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .map((text) => text.replaceAll(/[\p{Cc}\ufeff]/gu, '').trim())
      .filter((text) => text !== '');
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 30 }), async (ids) => {
        const rows = ids.map((id) => `${quoted(`x,"${id}`)};${quoted(id)}`);
        const all = await listed(['name;id', ...rows].join('\r\n'));
        expect(all).toEqual(ids.map((id, i) => ({ line: i + 2, id, ref: id })));
      }),
      { numRuns: 50 },
    );
  });
});

function* manyRows(count: number): Generator<string> {
  yield 'name;email\n';
  for (let at = 0; at < count; at += 1_000) {
    const rows = Array.from({ length: 1_000 }, (_, i) => `User ${at + i};user-${at + i}@example.org\n`);
    yield rows.join('');
  }
}

async function openFiles(): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd').catch(() => []);
  return Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
}
