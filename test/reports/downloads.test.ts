import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { downloadRoutes } from '../../reports/http/download-routes.ts';
import { signedLink } from '../../reports/link.ts';
import { storeReport, sweepReports } from '../../reports/report-files.ts';

const secret = 'a secret of thirty-two characters or more';
const settings = { secret, publicUrl: 'https://lms.example.org/people' };
const soon = Math.floor(Date.now() / 1000) + 600;

let directory: string;
let app: FastifyInstance;
const logged: string[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lms-lifecycle-downloads-'));
  app = Fastify({ logger: { level: 'debug', stream: { write: (line: string) => void logged.push(line) } } });
  await app.register(downloadRoutes({ directory, secret }));
});
afterAll(async () => {
  await app.close();
  await rm(directory, { recursive: true });
});

async function* content(text: string): AsyncGenerator<string, void> {
  yield await Promise.resolve(text);
}

/** A stored report, and the path of a link to it as it is followed. */
async function stored(format: 'csv' | 'xlsx', expires: number): Promise<{ path: string; file: string }> {
  const file = `${randomUUID()}.${format}`;
  await storeReport(directory, { file, expires }, content('ID\nada\n'));
  const { pathname, search } = new URL(signedLink(settings, { file, expires }));
  return { file, path: pathname.replace('/people', '') + search };
}

it('P-03 a link gives the file, as something to keep and not to run', async () => {
  const { path } = await stored('csv', soon);
  const { statusCode, body, headers } = await app.inject(path);
  expect({ statusCode, body }).toEqual({ statusCode: 200, body: 'ID\nada\n' });
  expect(headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-length': '7',
    'content-disposition': 'attachment; filename="users.csv"',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
    'referrer-policy': 'no-referrer',
  });
  const xlsx = await app.inject((await stored('xlsx', soon)).path);
  expect(xlsx.headers['content-type']).toContain('spreadsheetml');
  expect(logged.filter((line) => line.includes('signature'))).toEqual([]);
});

it('P-03 a link that was changed, or made by somebody else, is refused', async () => {
  const [one, other] = [await stored('csv', soon), await stored('csv', soon)];
  const forged = new URL(
    signedLink({ ...settings, secret: 'x'.repeat(32) }, { file: one.file, expires: soon }),
  );
  for (const path of [
    one.path.replace(one.file, other.file),
    one.path.replace(String(soon), String(soon + 1)),
    one.path.replace('.csv', '.xlsx'),
    one.path.replace(/signature=.*/, 'signature='),
    one.path.replace(/&signature=.*/, ''),
    `${one.path}A`,
    `/downloads/${one.file}${forged.search}`,
    `/downloads/..%2F..%2Fetc%2Fpasswd${forged.search}`,
  ]) {
    expect(await app.inject(path), path).toMatchObject({ statusCode: 403 });
  }
});

it('P-03 a link that has expired is gone, and so is a file that was removed', async () => {
  expect(await app.inject((await stored('csv', soon - 1_200)).path)).toMatchObject({ statusCode: 410 });
  const { path } = await stored('csv', soon);
  await sweepReports(directory, (soon + 1) * 1000);
  expect(await app.inject(path)).toMatchObject({ statusCode: 404 });
});

it('P-03 a sweep removes what has expired and what was left half-written, so many at a time, and nothing else', async () => {
  await sweepReports(directory, (soon + 1) * 1000);
  const later = await stored('csv', soon + 600);
  for (let i = 0; i < 3; i++) await stored('csv', soon);
  await writeFile(join(directory, 'notes.txt'), '');
  await writeFile(join(directory, '.new.part'), '');
  await writeFile(join(directory, '.old.part'), '');
  const longAgo = new Date((soon - 2 * 24 * 60 * 60) * 1000);
  await utimes(join(directory, '.old.part'), longAgo, longAgo);
  expect(await sweepReports(directory, soon * 1000, 2)).toBe(2);
  expect(await sweepReports(directory, soon * 1000)).toBe(2);
  expect((await readdir(directory)).sort()).toEqual([
    '.new.part',
    `${soon + 600}-${later.file}`,
    'notes.txt',
  ]);
  expect(await sweepReports(join(directory, 'none'), soon)).toBe(0);
});

it('P-03 a report that breaks off leaves nothing behind', async () => {
  const before = await readdir(directory);
  async function* broken(): AsyncGenerator<string, void> {
    yield await Promise.resolve('ID\n');
    throw new Error('the database is gone');
  }
  const claim = { file: `${randomUUID()}.csv`, expires: soon };
  await expect(storeReport(directory, claim, broken())).rejects.toThrow('the database is gone');
  const cancelled = AbortSignal.abort(new Error('cancelled'));
  await expect(storeReport(directory, claim, content('ID\n'), cancelled)).rejects.toThrow();
  expect(await readdir(directory)).toEqual(before);
});
