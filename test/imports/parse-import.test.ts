import { afterAll, beforeAll, expect, it } from 'vitest';
import { ImportRefused } from '../../imports/import-refused.ts';
import type { ImportLimits } from '../../imports/import-limits.ts';
import { parseImport } from '../../imports/parse-import.ts';
import { compiledThread } from './support/thread.ts';
import { edited, filled, pack, templateOf, unpack } from './support/workbook.ts';

const template = await templateOf();

let thread: Awaited<ReturnType<typeof compiledThread>>;
beforeAll(async () => {
  thread = await compiledThread();
});
afterAll(() => thread.remove());

async function refusalOf(file: Buffer, limits: Partial<ImportLimits> = {}): Promise<string> {
  const { parse } = thread;
  const settings = { ...parse, limits: { ...parse.limits, ...limits } };
  const refused = await parseImport(file, settings).catch((error: unknown) => error);
  if (!(refused instanceof ImportRefused)) throw new Error(`was not refused: ${String(refused)}`);
  return refused.message;
}

/** Very many strings that the file says are shared: small as a file, large in memory. */
function withManyStrings(count: number): Buffer {
  const strings = Array.from({ length: count }, (_, i) => `<si><t>${i}${'a'.repeat(500)}</t></si>`).join('');
  return edited(template, 'xl/sharedStrings.xml', '</sst>', `${strings}</sst>`);
}

it('I-05 reads a file in a thread of its own', async () => {
  const file = filled(template, [['ada@example.org', 'x']]);
  expect((await parseImport(file, thread.parse)).rows).toEqual([
    { row: 2, email: 'ada@example.org', marks: [0] },
  ]);
});

it('I-05 tells why a file is refused, also from the thread', async () => {
  const file = filled(template, [['ada@example.org', 'x', '', 'x']]);
  expect(await refusalOf(file)).toBe('sheet Import, D2: the column is not one of the template: delete it');
});

it('I-05 unpacks nothing of a bomb, and starts no thread for it', async () => {
  const bomb = pack({ ...unpack(template), 'xl/media/zeros.bin': '\0'.repeat(3_000_000) });
  const { parse } = thread;
  const settings = {
    limits: { ...parse.limits, expandedBytes: 2_000_000 },
    thread: new URL('file:///no/such/thread.mjs'),
  };
  await expect(parseImport(bomb, settings)).rejects.toThrow(/unpacks to \d+ bytes, more than 2000000/);
});

it('I-05 gives up a file that takes too long', async () => {
  const began = Date.now();
  expect(await refusalOf(withManyStrings(60_000), { timeoutMs: 5 })).toBe(
    'reading the file took longer than 0.005 seconds',
  );
  expect(Date.now() - began).toBeLessThan(10_000);
});

it('I-05 gives up a file that takes too much memory, and lives on', async () => {
  expect(await refusalOf(withManyStrings(80_000), { memoryMb: 16 })).toBe(
    'reading the file took more than 16 MB of memory',
  );
  await parseImport(template, thread.parse);
});

it('a thread that cannot be started is an error of ours, not of the file', async () => {
  const settings = { ...thread.parse, thread: new URL('file:///no/such/thread.mjs') };
  const error = await parseImport(template, settings).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(ImportRefused);
});
