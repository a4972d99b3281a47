import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Registry } from 'prom-client';
import { temporalLogger } from '../../composition/log.ts';
import { openRegistry, workerMetrics } from '../../composition/metrics.ts';
import { openDatabase } from '../../database/pool.ts';
import type { Database } from '../../database/pool.ts';
import { openMailer } from '../../reports/mailer.ts';
import { startMailServer } from '../reports/support/mail-server.ts';
import type { MailServer } from '../reports/support/mail-server.ts';
import { fullLife } from '../scenarios/full-life.ts';
import { untilState } from '../scenarios/steps.ts';
import { historyText } from '../support/history-text.ts';
import { openLab } from '../support/lab.ts';
import type { Lab, Running } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';

const secret = 'a secret of thirty-two characters or more';

let lab: Lab;
let database: Database;
let registry: Registry;
let mails: MailServer;
let directory: string;
const logged: string[] = [];
beforeAll(async () => {
  const log = pino({ level: 'trace' }, { write: (line) => void logged.push(line) });
  mails = await startMailServer();
  directory = await mkdtemp(join(tmpdir(), 'lms-lifecycle-personal-'));
  // The registry is there before the lab's database is.
  registry = openRegistry({ transaction: (work) => database.transaction(work) });
  const mailer = openMailer({ url: mails.url, from: 'lms@lms.invalid' });
  const reports = { directory, link: { secret, publicUrl: 'https://lms.invalid' }, expiryMs: 60_000, mailer };
  lab = await openLab({}, { logger: temporalLogger(log), metrics: workerMetrics(registry), reports });
  database = openDatabase(lab.databaseUrl, {
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 5_000,
    maxConnections: 1,
  });
}, 120_000);
afterAll(async () => {
  await lab.close();
  await database.close();
  await mails.close();
  await rm(directory, { recursive: true });
});

/** A deletion with all that can befall it, an undo, a list of emails, a report that is mailed and one that cannot be. */
async function wholeRun(emails: readonly string[]): Promise<Running[]> {
  const deletion = { user: { id: 'ada' }, requestedBy: admin, includePrivateSubgroups: true };
  const refused = await lab.start('deleteUser', { ...deletion, includePrivateSubgroups: false });
  await refused.result().catch(() => undefined);
  const deleted = await lab.start('deleteUser', deletion);
  const { operation } = await deleted.result();
  const undone = await lab.start('undoOperation', { operation, requestedBy: admin });
  await undone.result();
  // PostgreSQL quotes the row in what it says about it.
  await lab.sql.query(
    `alter table lms.account add constraint no_gus check (id <> 'gus' or status = 'active')`,
  );
  const list = await lab.storeList([...emails, 'nobody@lms.invalid']);
  const listed = await lab.start('deleteUsers', {
    list,
    requestedBy: admin,
    includePrivateSubgroups: true,
    maxShare: 1,
  });
  await expect
    .poll(() => listed.query('progress'), { timeout: 30_000 })
    .toMatchObject({ state: 'needs-attention' });
  await listed.update('skipAttention');
  await listed.result();
  const report = await lab.start('runReport', { requestedBy: admin });
  await report.result();
  mails.refuseWith(550);
  const unmailed = await lab.start('runReport', { requestedBy: admin });
  await unmailed.result().catch(() => undefined);
  return [refused, deleted, undone, listed, report, unmailed];
}

it('X-10 neither an email nor a name is in the histories, logs and metrics of a whole run', async () => {
  const world = fullLife();
  await lab.load(world);
  const emails = world.users.map(({ email }) => email);
  const secrets = [
    ...emails,
    ...world.users.map(({ name }) => name),
    'nobody@lms.invalid',
    secret,
    'signature=',
  ];
  const told = (text: string): string[] =>
    secrets.filter((one) => text.toLowerCase().includes(one.toLowerCase()));

  for (const { workflowId } of await wholeRun(emails.filter((email) => !email.includes(admin)))) {
    const history = await historyText(lab.client, workflowId);
    expect(history).toContain(`"requestedBy":"${admin}"`);
    expect(told(history)).toEqual([]);
  }

  const log = logged.join('');
  expect(log).toContain('activity failed');
  expect(told(log)).toEqual([]);

  const metrics = await registry.metrics();
  expect(told(metrics)).toEqual([]);
  expect(metrics).toContain('lms_operations_ended_total{kind="deleteUser",state="done"} 1');
  expect(metrics).toContain('lms_operations_ended_total{kind="runReport",state="failed"} 1');
  expect(metrics).toContain('lms_changes_applied_total{change="account.retire"}');
  expect(metrics).toMatch(/lms_operation_users_total\{kind="deleteUsers",outcome="attention"\} [1-9]/);
  expect(metrics).toMatch(/lms_activity_seconds_count\{activity="retireAccounts",outcome="ok"\} [1-9]/);
  expect(metrics).toContain('lms_activity_seconds_count{activity="mailReport",outcome="failed"} 1');
});

it('X-10 the labels of the metrics are bounded: a hundred other users and reasons make no more of them', async () => {
  const labels = async (): Promise<number> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('lms_')).length;
  const before = await labels();
  const users = Array.from({ length: 100 }, (_, i) => ({ id: `nobody-${i}` }));
  await lab.run('deleteUsers', { users, requestedBy: admin, reason: 'because' });
  await lab.run('deleteUsers', { users, requestedBy: admin, reason: 'why not' });
  expect(await labels()).toBe(before);
});

it('metrics tell which operations wait', async () => {
  await lab.load(fullLife());
  const waiting = await lab.start('unenrolUsers', {
    ...{ users: [{ id: 'bob' }], activities: ['c-co'], requestedBy: admin, approval: 'required' },
  });
  const line = 'lms_operations_open{kind="unenrolUsers",state="waiting-for-approval"} 1';
  await expect.poll(() => registry.metrics(), { timeout: 20_000 }).toContain(line);
  // The ledger knows a moment before the workflow does.
  await untilState(waiting, 'waiting-for-approval');
  await waiting.update('reject', { by: admin, reason: 'no' });
  await waiting.result().catch(() => undefined);
  expect(await registry.metrics()).not.toContain('lms_operations_open{');
});
