import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadWorld } from '../../adapters/reference/load-world.ts';
import { startOperation } from '../../client/start-operation.ts';
import type { OperationResult } from '../../contracts/operations.ts';
import { partSuffix } from '../../reports/write-whole.ts';
import { downloadRoutes } from '../../reports/http/download-routes.ts';
import { startMailServer } from '../reports/support/mail-server.ts';
import type { MailServer } from '../reports/support/mail-server.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { openNamespace, startRoot } from '../support/roots.ts';
import type { OwnNamespace, Root } from '../support/roots.ts';
import { admin, world } from '../support/world-builder.ts';

const secret = 'a secret of thirty-two characters or more';
const given = world({ users: Array.from({ length: 50 }, (_, i) => ({ id: `u-${i}` })) });

let database: Awaited<ReturnType<typeof freshDatabase>>;
let sql: pg.Client;
let namespace: OwnNamespace;
let mails: MailServer;
let state: string;
let worker: Root;
beforeAll(async () => {
  database = await freshDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
  await loadWorld(sql, given, { replace: true });
  [namespace, mails] = await Promise.all([openNamespace(), startMailServer()]);
  state = await mkdtemp(join(tmpdir(), 'lms-lifecycle-report-killed-'));
  worker = await start();
}, 120_000);
afterAll(async () => {
  await worker.child.end(10_000);
  await Promise.all([namespace.close(), mails.close(), sql.end()]);
  await database.drop();
  await rm(state, { recursive: true });
});

function start(): Promise<Root> {
  return startRoot('worker', namespace.name, {
    ...{ DATABASE_URL: database.url, LMS_STATE_DIR: state, LMS_LINK_SECRET: secret },
    ...{ LMS_MAIL_URL: mails.url, LMS_MAIL_FROM: 'lms@lms.invalid', LMS_PUBLIC_URL: 'https://lms.invalid' },
  });
}

async function killAndReplace(): Promise<void> {
  worker.child.signal('SIGKILL');
  await worker.child.exited;
  worker = await start();
}

const files = (): Promise<string[]> => readdir(join(state, 'reports')).catch(() => []);
const halves = async (): Promise<string[]> => (await files()).filter((name) => name.endsWith(partSuffix));
const wholes = async (): Promise<string[]> => (await files()).filter((name) => !name.endsWith(partSuffix));

async function report(): Promise<{ end: () => Promise<OperationResult> }> {
  const input = { requestedBy: admin, report: { columns: 'id, openSessions' } };
  const asked = { workflow: 'runReport', input, trigger: 'command-line', through: 'a report' } as const;
  const handle = await startOperation(namespace.client, asked);
  return { end: () => handle.result() as Promise<OperationResult> };
}

it('X-05 a worker killed while it writes a report: the report comes out whole, once, and nobody is served half of it', async () => {
  // The report gets no further than this until the lock is let go.
  await sql.query('begin; lock table lms.login_session in access exclusive mode');
  const running = await report();
  await expect.poll(halves, { timeout: 20_000, interval: 20 }).toHaveLength(1);
  await killAndReplace();
  expect(await wholes()).toEqual([]);
  await sql.query('commit');
  const { state: end, report: written } = await running.end();
  expect(end).toBe('done');

  expect(await wholes()).toEqual([expect.stringMatching(`^\\d+-${written?.file}$`)]);
  const [whole = ''] = await wholes();
  const lines = (await readFile(join(state, 'reports', whole), 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(given.users.length + 1);
  expect(mails.received).toHaveLength(1);

  const app = Fastify();
  await app.register(downloadRoutes({ directory: join(state, 'reports'), secret }));
  const [half = ''] = await halves();
  expect((await app.inject(`/downloads/${half}`)).statusCode).toBeGreaterThanOrEqual(400);
  await app.close();
});

it('X-05 a worker killed while the mail server refuses: the same file is mailed, once', async () => {
  mails.received.length = 0;
  const before = await wholes();
  mails.refuseWith(...Array<number>(3).fill(451));
  const running = await report();
  const added = async (): Promise<string[]> => (await wholes()).filter((name) => !before.includes(name));
  await expect.poll(added, { timeout: 20_000, interval: 20 }).toHaveLength(1);
  const [file = ''] = await added();
  const content = await readFile(join(state, 'reports', file), 'utf8');
  await killAndReplace();
  const { report: written } = await running.end();
  expect(file).toContain(written?.file);
  expect(await readFile(join(state, 'reports', file), 'utf8')).toBe(content);
  expect(mails.received).toHaveLength(1);
});
