import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import { saveReport } from '../../ledger/saved-reports.ts';
import { findOperation } from '../../ledger/operations.ts';
import { downloadRoutes } from '../../reports/http/download-routes.ts';
import { openMailer } from '../../reports/mailer.ts';
import { historyText } from '../support/history-text.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, world } from '../support/world-builder.ts';
import { startMailServer } from './support/mail-server.ts';
import type { MailServer } from './support/mail-server.ts';

const secret = 'a secret of thirty-two characters or more';
const given = world({ users: [{ id: 'ada', name: 'Ada' }], deleted: ['old'] });

let directory: string;
let mails: MailServer;
let app: FastifyInstance;
let lab: Lab;
let mailer: ReturnType<typeof openMailer>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lms-lifecycle-run-report-'));
  mails = await startMailServer();
  mailer = openMailer({ url: mails.url, from: 'LMS <lms@example.org>' });
  app = Fastify();
  await app.register(downloadRoutes({ directory, secret }));
  const link = { secret, publicUrl: 'https://lms.example.org/' };
  lab = await openLab({}, { reports: { directory, link, expiryMs: 600_000, mailer } });
  await lab.load(given);
}, 120_000);
afterAll(async () => {
  await lab.close();
  await app.close();
  mailer.close();
  await mails.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  mails.received.length = 0;
});

const asked = { requestedBy: admin, report: { columns: 'id, Learner deletion date' } };

/** What the link in a mail gives. */
async function followed(raw = ''): Promise<{ statusCode: number; body: string }> {
  const text = raw.replaceAll('=\r\n', '').replaceAll('=3D', '=');
  const link = new URL(/https:\S+/.exec(text)?.[0] ?? 'https://none');
  const { statusCode, body } = await app.inject(link.pathname + link.search);
  return { statusCode, body };
}

describe('runReport', () => {
  it('P-03 mails a link to whoever asks, by which the file can be had', async () => {
    const result = await lab.run('runReport', asked);
    expect(result).toMatchObject({
      state: 'done',
      counts: {},
      users: { done: 0, attention: 0 },
      report: { users: 4 },
    });
    const [mail] = mails.received;
    expect(mail?.to).toEqual([`${admin}@example.org`]);
    expect(mail?.raw).toContain('From: LMS <lms@example.org>');
    expect(mail?.raw).toContain(`Message-ID: <${result.operation}@lms.example.org>`);
    const { statusCode, body } = await followed(mail?.raw);
    expect(statusCode).toBe(200);
    expect(body).toMatch(
      /^ID,Learner deletion date\nada,\nold,\d{4}-\d\d-\d\d \d\d:\d\d\nu-admin,\nu-owner,\n$/,
    );
    expect(await findOperation(lab.sql, result.operation)).toMatchObject({
      kind: 'runReport',
      state: 'done',
      requestedBy: admin,
    });
  });

  it('P-02 takes saved columns, and mails the user whom it names', async () => {
    await saveReport(lab.sql, { name: 'leavers', report: 'users', columns: ['id', 'email'] });
    const asking = { requestedBy: admin, report: 'leavers', format: 'xlsx', mailTo: { id: 'ada' } };
    const { report } = await lab.run('runReport', asking);
    expect(report?.file).toMatch(/\.xlsx$/);
    expect(mails.received[0]?.to).toEqual(['ada@example.org']);
    expect((await followed(mails.received[0]?.raw)).body.slice(0, 2)).toBe('PK');
  });

  it('X-10 neither address nor link is in the history, even when the mail server quotes the address', async () => {
    mails.refuseWith(451, 550);
    const running = await lab.start('runReport', { ...asked, mailTo: 'ada' });
    await expect(running.result()).rejects.toMatchObject({
      type: 'Unexpected',
      message: 'the mail server refused with code 550',
    });
    const history = await historyText(lab.client, running.workflowId);
    expect(history).toContain('451');
    for (const secretText of ['ada@example.org', 'signature', secret])
      expect(history).not.toContain(secretText);
    expect(mails.received).toEqual([]);
  });

  it('P-03 mails an address that an admin types', async () => {
    await lab.run('runReport', { ...asked, mailTo: 'auditor@elsewhere.example' });
    expect(mails.received[0]?.to).toEqual(['auditor@elsewhere.example']);
  });

  it('P-03 a preview writes nothing and mails nothing, and says whether it could', async () => {
    const before = await readdir(directory);
    expect(await lab.run('runReport', { ...asked, mode: 'preview' })).toMatchObject({ state: 'previewed' });
    expect(await readdir(directory)).toEqual(before);
    expect(mails.received).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['somebody who is no platform admin', { requestedBy: 'ada' }, 'NotAuthorized'],
    ['the system, unless a schedule starts it', { requestedBy: 'system', mailTo: 'ada' }, 'NotAuthorized'],
    ['a column that there is not', { report: { columns: ['shoe'] } }, 'InvalidInput'],
    ['columns that nobody saved', { report: 'nothing' }, 'NotFound'],
    ['another format', { format: 'pdf' }, 'InvalidInput'],
    ['mail to somebody deleted', { mailTo: { id: 'old' } }, 'NotFound'],
    ['mail to nobody', { mailTo: 'nobody' }, 'NotFound'],
    ['mail to several at once', { mailTo: 'a@example.org, b@example.org' }, 'NotFound'],
  ])('P-03 refuses %s before anything is written', async (_, more, type) => {
    const before = await readdir(directory);
    await expect(lab.run('runReport', { ...asked, ...more })).rejects.toMatchObject({ type });
    expect(await readdir(directory)).toEqual(before);
    expect(mails.received).toEqual([]);
  });

  it('X-08 its undo has nothing to undo, and succeeds', async () => {
    const { operation } = await lab.run('runReport', asked);
    const undone: OperationResult = await lab.run('undoOperation', { operation, requestedBy: admin });
    expect(undone).toMatchObject({ state: 'done', counts: {} });
  });
});
