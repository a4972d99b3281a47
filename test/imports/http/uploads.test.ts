import { request as send } from 'node:http';
import type { ClientRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importLimits } from '../../../imports/import-limits.ts';
import { parseSettings } from '../../../imports/parse-import.ts';
import { openImporter } from '../../scenarios/import-steps.ts';
import { eventually } from '../../faults/support/eventually.ts';
import { openLab } from '../../support/lab.ts';
import type { Lab } from '../../support/lab.ts';
import { world } from '../../support/world-builder.ts';
import { filled, pack, unpack } from '../support/workbook.ts';
import { formOf, leftovers, openImportServer, token } from './support/import-server.ts';
import type { ImportServer } from './support/import-server.ts';

const limits = { ...importLimits, fileBytes: 100_000, expandedBytes: 2_000_000 };

let lab: Lab;
let server: ImportServer;
let template: Buffer;
let file: Buffer;
beforeAll(async () => {
  lab = await openLab();
  await lab.load(world({ users: [{ id: 'ada' }] }));
  const importer = await openImporter(lab);
  template = await importer.template({ action: 'delete-users' });
  await importer.close();
  file = filled(template, [['ada@example.org']]);
  server = await openImportServer(lab, { uploads: { timeoutMs: 1_000, together: 1 } }, limits);
});
afterAll(async () => {
  await server.close();
  await lab.close();
});

const post = (body: FormData) => server.ask('/imports', { method: 'POST', body });

async function storedRows(): Promise<number> {
  const { rows } = await lab.sql.query<{ n: number }>(
    `select ((select count(*) from lms_lifecycle.import) + (select count(*) from lms_lifecycle.stored_list))::int as n`,
  );
  return rows[0]?.n ?? -1;
}

/** Neither a file nor a row is left. */
async function expectNothingStored(before: number): Promise<void> {
  await eventually(
    async () => (await leftovers()).length === 0,
    () => 'a file is left',
  );
  expect(await storedRows()).toBe(before);
}

/** Neither a file nor a row is left, and the next upload is let in. */
async function expectNothingLeft(before: number): Promise<void> {
  await expectNothingStored(before);
  await eventually(
    async () => (await post(formOf({ file }))).status === 201,
    () => 'an upload let in',
  );
}

/** Waits until an upload that has begun is being written. */
async function taken(): Promise<void> {
  await eventually(
    async () => (await leftovers()).length > 0,
    () => 'the upload on disk',
  );
}

/** An upload that has begun and goes on only as it is told to. */
function beginUpload(): ClientRequest {
  const type = 'multipart/form-data; boundary=cut';
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const begun = send(`${server.url}/imports`, { method: 'POST', headers });
  begun.on('error', () => undefined);
  begun.write('--cut\r\ncontent-disposition: form-data; name="file"; filename="people.xlsx"\r\n\r\n');
  begun.write(file.subarray(0, 1_000));
  return begun;
}

describe('an upload', () => {
  it('I-05 leaves nothing when the connection breaks off in the middle', async () => {
    const before = await storedRows();
    const begun = beginUpload();
    await taken();
    begun.destroy();
    await expectNothingLeft(before);
  });

  it('I-05 leaves nothing when the connection breaks off at any other moment', async () => {
    const before = await storedRows();
    for (let afterMs = 0; afterMs < 60; afterMs += 3) {
      const begun = beginUpload();
      await sleep(afterMs);
      begun.destroy();
    }
    await expectNothingLeft(before);
  });

  it('I-05 is cut off when it takes too long, and leaves nothing', async () => {
    const before = await storedRows();
    const begun = beginUpload();
    await new Promise((closed) => begun.once('close', closed));
    await expectNothingLeft(before);
  });

  it('I-05 waits its turn: only so many are taken in at a time', async () => {
    const begun = beginUpload();
    await taken();
    const { status, headers } = await post(formOf({ file }));
    expect([status, headers.get('retry-after')]).toEqual([503, '10']);
    begun.destroy();
    await expectNothingLeft(await storedRows());
  });

  it('I-05 is refused when its file is too big, whether it says so at first or not', async () => {
    const before = await storedRows();
    const big = Buffer.alloc(limits.fileBytes + 1);
    expect(await post(formOf({ file: big }))).toMatchObject({
      status: 413,
      body: { status: 413, detail: 'The file has more than 100000 bytes.' },
    });
    const form = new Response(formOf({ file: Buffer.alloc(3_000_000) }));
    const type = form.headers.get('content-type') ?? '';
    const streamed = { method: 'POST', body: form.body, duplex: 'half', headers: { 'content-type': type } };
    expect(await server.ask('/imports', streamed as RequestInit)).toMatchObject({ status: 413 });
    await expectNothingLeft(before);
  });

  it('I-05 of a bomb nothing is unpacked', async () => {
    const before = await storedRows();
    const bomb = pack({ ...unpack(template), 'xl/media/zeros.bin': '\0'.repeat(3_000_000) });
    expect(bomb.length).toBeLessThan(limits.fileBytes);
    expect(await post(formOf({ file: bomb }))).toMatchObject({
      status: 422,
      body: {
        failure: 'InvalidInput',
        detail: expect.stringMatching(/unpacks to \d+ bytes, more than 2000000/),
      },
    });
    await expectNothingLeft(before);
  });

  it.each([
    ['two files', () => formOf({ file, other: file }), 400, 413],
    ['two files of one name', twoFiles, 413, 413],
    ['a file by another name', () => formOf({ people: file }), 400, 400],
    ['no file', () => formOf({}, { requestedBy: 'ada' }), 400, 400],
    ['another field', () => formOf({ file }, { by: 'ada' }), 400, 400],
    ['more fields than one', () => formOf({ file }, { requestedBy: 'ada', by: 'ada' }), 413, 400],
    ['a name that is too long', () => formOf({ file }, { requestedBy: 'a'.repeat(1_000) }), 400, 400],
    ['a name that is empty', () => formOf({ file }, { requestedBy: ' ' }), 400, 400],
  ])('I-05 is refused with %s', async (_, form, status, or) => {
    const before = await storedRows();
    const answer = await post(form());
    expect([status, or]).toContain(answer.status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    await expectNothingStored(before);
  });

  it('I-05 is refused when it is no form', async () => {
    const before = await storedRows();
    for (const [type, body] of [
      ['application/json', '{}'],
      ['application/octet-stream', 'PK'],
      ['text/plain', 'ada@example.org'],
    ] as const) {
      const init = { method: 'POST', body, headers: { 'content-type': type } };
      expect(await server.ask('/imports', init)).toMatchObject({ status: 415, body: { status: 415 } });
    }
    const cut = {
      method: 'POST',
      body: 'nothing of the kind',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    };
    expect(await server.ask('/imports', cut)).toMatchObject({ status: 400 });
    const unbound = { ...cut, headers: { 'content-type': 'multipart/form-data' } };
    expect(await server.ask('/imports', unbound)).toMatchObject({ status: 400 });
    await expectNothingLeft(before);
  });
});

function twoFiles(): FormData {
  const form = formOf({ file });
  form.append('file', new Blob([new Uint8Array(file)]), 'more.xlsx');
  return form;
}

describe('the token', () => {
  it.each([
    ['none', {}],
    ['a wrong one', { authorization: `Bearer ${token}x` }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Basic ${token}` }],
  ])('A with %s no route is open, and no upload is read', async (_, headers) => {
    const before = await storedRows();
    for (const [method, path] of [
      ['GET', '/imports/activities'],
      ['GET', '/imports/some'],
      ['POST', '/imports/templates'],
      ['POST', '/imports'],
      ['POST', '/imports/some/start'],
    ] as const) {
      const body = path === '/imports' ? formOf({ file }) : null;
      const answer = await fetch(`${server.url}${path}`, { method, headers: { ...headers }, body });
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(await answer.json()).toMatchObject({ status: 401, title: 'Unauthorized' });
    }
    expect(await storedRows()).toBe(before);
  });

  it('A where none is set up the routes are closed, and say so', async () => {
    const closed = await openImportServer(lab, { tokens: [], parse: parseSettings });
    const answer = await closed.ask('/imports/some');
    expect(answer).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('LMS_HTTP_TOKENS') },
    });
    await closed.close();
  });
});
