import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { entriesOf } from '../../activities/user-refs.ts';
import { loadWorld } from '../../adapters/reference/load-world.ts';
import { startOperation } from '../../client/start-operation.ts';
import type { OperationResult } from '../../contracts/operations.ts';
import { freePort } from '../../dev/free-port.ts';
import { storeList } from '../../ledger/lists.ts';
import { filled } from '../imports/support/workbook.ts';
import { formOf } from '../imports/http/support/import-server.ts';
import { startMailServer } from '../reports/support/mail-server.ts';
import type { MailServer } from '../reports/support/mail-server.ts';
import { fullLife } from '../scenarios/full-life.ts';
import { urlAs } from '../support/database-role.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { historyText } from '../support/history-text.ts';
import { openNamespace, startRoot } from '../support/roots.ts';
import type { OwnNamespace, Root } from '../support/roots.ts';
import { admin, owner } from '../support/world-builder.ts';
import { newSecret, signed } from '../webhooks/support/sender.ts';

const world = fullLife();
for (const user of world.users) {
  user.name = `Surname-of-${user.id}`;
  user.email = `mail.${user.id}@people.example.org`;
  user.profile = { street: `Hidden Lane ${user.id}` };
}
const told = 'visitor@elsewhere.example';
const linkSecret = 'a secret of thirty-two characters or more';
/** Whatever must be nowhere outside of the database, mails and files. */
const secrets = [
  ...world.users.flatMap(({ name, email }) => [name, email]),
  ...['Hidden Lane', 'people.example.org', told, linkSecret, 'signature=', 'Elm Street'],
];
const found = (text: string): string[] =>
  secrets.filter((secret) => text.toLowerCase().includes(secret.toLowerCase()));

const token = 'a-token-for-the-tests';
const webhookSecret = newSecret();

let database: Awaited<ReturnType<typeof freshDatabase>>;
let sql: pg.Client;
let namespace: OwnNamespace;
let directory: string;
let mails: MailServer;
let worker: Root;
let server: Root;
let url: string;
let metricsUrls: string[];
beforeAll(async () => {
  database = await freshDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
  await loadWorld(sql, world, { replace: true });
  [namespace, mails] = await Promise.all([openNamespace(), startMailServer()]);
  directory = await mkdtemp(join(tmpdir(), 'lms-lifecycle-outside-'));
  const [http, own, sdk] = await Promise.all([freePort(), freePort(), freePort()]);
  const both = { LMS_LOG_LEVEL: 'debug', LMS_STATE_DIR: directory, LMS_LINK_SECRET: linkSecret };
  [worker, server] = await Promise.all([
    startRoot('worker', namespace.name, {
      ...both,
      DATABASE_URL: urlAs(database.url, 'worker'),
      ...{ LMS_MAIL_URL: mails.url, LMS_MAIL_FROM: 'lms@lms.invalid', LMS_PUBLIC_URL: 'https://lms.invalid' },
      ...{ LMS_METRICS_PORT: String(own), LMS_TEMPORAL_METRICS_PORT: String(sdk) },
    }),
    startRoot('server', namespace.name, {
      ...both,
      DATABASE_URL: urlAs(database.url, 'server'),
      LMS_HTTP_PORT: String(http),
      ...{ LMS_WEBHOOK_SECRETS: `lms=${webhookSecret}`, LMS_HTTP_TOKENS: `portal=${token}` },
    }),
  ]);
  url = `http://127.0.0.1:${http}`;
  metricsUrls = [`${url}/metrics`, ...[own, sdk].map((port) => `http://127.0.0.1:${port}/metrics`)];
}, 180_000);
afterAll(async () => {
  await Promise.all([worker.child.end(15_000), server.child.end(15_000)]);
  await Promise.all([namespace.close(), mails.close(), sql.end()]);
  await database.drop();
  await rm(directory, { recursive: true });
});

function start(workflow: string, input: Record<string, unknown>): Promise<WorkflowHandle> {
  const asked = { workflow, input: { requestedBy: admin, ...input }, through: 'the tests' };
  return startOperation(namespace.client, { ...asked, trigger: 'command-line' });
}

async function run(workflow: string, input: Record<string, unknown>): Promise<OperationResult> {
  return (await start(workflow, input)).result() as Promise<OperationResult>;
}

async function list(rows: Parameters<typeof entriesOf>[0]): Promise<string> {
  const id = randomUUID();
  await storeList(sql, id, 'test', entriesOf(rows));
  return id;
}

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(init.headers as Record<string, string> | undefined),
  };
  return fetch(`${url}${path}`, { ...init, headers });
}

function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return ask(path, { method: 'POST', body: JSON.stringify(body), headers });
}

async function untilState(handle: WorkflowHandle, state: string): Promise<{ planHash: string }> {
  const progress = () => handle.query<{ state: string; planHash: string }>('progress');
  await expect.poll(async () => (await progress()).state, { timeout: 30_000 }).toBe(state);
  return progress();
}

/** PostgreSQL quotes rows in what it says about a constraint, and a trigger says what it likes. */
async function whatTheDatabaseRefuses(): Promise<void> {
  await sql.query(`
    alter table lms.account add constraint no_gus check (id <> 'gus' or status = 'active');
    create table lms.departed (email text primary key);
    insert into lms.departed select email from lms.account;
    create function lms.depart() returns trigger language plpgsql security definer as $$ begin
      if new.id = 'bob' then insert into lms.departed values (new.email); end if;
      if new.id = 'cem' then raise exception 'not with % of %', new.name, new.email; end if;
      return new; end $$;
    create trigger depart before update on lms.account for each row execute function lms.depart()`);
  const everybody = world.users.filter(({ id }) => id !== admin && id !== owner).map(({ email }) => email);
  const refused = await start('deleteUsers', {
    ...{ list: await list([...everybody, told]), includePrivateSubgroups: true },
    ...{ maxShare: 1, approval: 'required' },
  });
  const { planHash } = await untilState(refused, 'waiting-for-approval');
  await refused.executeUpdate('approve', { args: [{ by: admin, planHash }] });
  await untilState(refused, 'needs-attention');
  await refused.executeUpdate('skipAttention');
  expect(await refused.result()).toMatchObject({ state: 'done' });
}

async function whatComesOverHttp(): Promise<void> {
  const body = JSON.stringify({
    type: 'user.deleted',
    data: { user: { email: 'mail.ada@people.example.org' } },
  });
  const headers = signed(webhookSecret, told, body);
  expect((await fetch(`${url}/webhooks/lms`, { method: 'POST', headers, body })).status).toBe(202);
  const template = await post('/imports/templates', { action: 'unenrol-users', activities: ['c-co'] });
  const file = filled(Buffer.from(await template.arrayBuffer()), [
    ['mail.bob@people.example.org', 'x'],
    [told, 'x'],
  ]);
  const checked = await ask('/imports', { method: 'POST', body: formOf({ file }) });
  const { import: id } = (await checked.json()) as { import: string };
  const started = await post(`/imports/${id}/start`, { requestedBy: admin });
  const { workflowId } = (await started.json()) as { workflowId: string };
  expect(await namespace.client.workflow.getHandle(workflowId).result()).toMatchObject({ state: 'done' });
  const filter = encodeURIComponent('userName eq "mail.bob@people.example.org"');
  expect((await ask(`/scim/v2/Users?filter=${filter}`)).status).toBe(200);
  expect((await ask(`/downloads/${told}?signature=x`)).status).toBeGreaterThanOrEqual(400);
}

/** Everything that Temporal shows of a workflow: also what is not in its history. */
async function shownOf(workflowId: string): Promise<string> {
  const handle = namespace.client.workflow.getHandle(workflowId);
  const described = await handle.describe();
  const details = await handle.query('__temporal_workflow_metadata');
  const { memo, typedSearchAttributes, raw } = described;
  return JSON.stringify([
    workflowId,
    memo,
    typedSearchAttributes,
    await described.staticSummary(),
    raw,
    details,
  ]);
}

it('X-10 nothing personal leaves the database but in mails: neither by Temporal, nor by logs, nor by metrics', async () => {
  await whatComesOverHttp();
  const { operation } = await run('deleteUser', { user: { id: 'dan' }, includePrivateSubgroups: true });
  await run('undoOperation', { operation });
  const profiles = [{ user: 'mail.bob@people.example.org', profile: { street: 'Elm Street' } }];
  const stored = randomUUID();
  await storeList(
    sql,
    stored,
    'test',
    profiles.map(({ user, profile }) => ({ line: 1, email: user, ref: user, payload: { profile } })),
  );
  expect(await run('updateProfiles', { list: stored })).toMatchObject({ users: { done: 1 } });
  await whatTheDatabaseRefuses();
  await run('runReport', { report: 'users' });
  expect(mails.received).toHaveLength(1);
  mails.refuseWith(550);
  await expect(run('runReport', { report: 'users' })).rejects.toThrow();

  const ids: string[] = [];
  await expect
    .poll(async () => {
      ids.length = 0;
      for await (const { workflowId, status } of namespace.client.workflow.list()) {
        if (status.name !== 'RUNNING') ids.push(workflowId);
      }
      return ids.length;
    })
    .toBeGreaterThanOrEqual(8);
  for (const workflowId of ids) {
    const history = await historyText(namespace.client, workflowId);
    expect(history).toContain('requestedBy');
    expect([workflowId, ...found(history)]).toEqual([workflowId]);
    expect([workflowId, ...found(await shownOf(workflowId))]).toEqual([workflowId]);
  }

  for (const { lines } of [worker, server]) expect(found(lines.join('\n'))).toEqual([]);
  expect(worker.lines.join('\n')).toContain('activity failed');
  expect(server.lines.join('\n')).toContain('/imports/:id/start');
  for (const metrics of metricsUrls) {
    const text = await (await fetch(metrics)).text();
    expect(text.length).toBeGreaterThan(1_000);
    expect([metrics, ...found(text)]).toEqual([metrics]);
  }
});
