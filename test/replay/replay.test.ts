import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry';
import proto from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { expect, inject, it } from 'vitest';
import { untraced } from '../../composition/switch-tracing.ts';
import { openMailer } from '../../reports/mailer.ts';
import { startMailServer } from '../reports/support/mail-server.ts';
import { fullLife } from '../scenarios/full-life.ts';
import { openLab, running } from '../support/lab.ts';
import type { Lab, Running } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';

/** Histories of operations as earlier releases ran them: a workflow that is under way must survive the next release. */
const saved = join(import.meta.dirname, 'histories');
// The packages' own JSON form needs all of them to share one copy of protobufjs, which npm does not promise.
const { History } = proto.temporal.api.history.v1;
const deletion = { user: 'ada', requestedBy: admin, includePrivateSubgroups: true };

it.runIf(process.env['UPDATE_HISTORIES'])('histories are recorded', async () => {
  const lab = await openLab({ chunkUsers: 1, window: 2 });
  await lab.load(fullLife());
  const preview = await ended(lab, 'deleteUser', { ...deletion, mode: 'preview' });
  const refused = await lab.start('deleteUser', { ...deletion, user: 'nobody' });
  await refused.result().catch(() => undefined);
  const approved = await lab.start('deleteUser', { ...deletion, approval: 'required' });
  await approve(approved);
  const { operation } = await approved.result();
  const undone = await ended(lab, 'undoOperation', { operation, requestedBy: admin });
  await record(lab, { preview, refused, approved, undone, ...(await lists(lab)) });
  await lab.close();
  await recordReport();
  await recordNotices();
  await recordTraced();
});

/** A report that is written and mailed. */
async function recordReport(): Promise<void> {
  const mails = await startMailServer();
  const directory = await mkdtemp(join(tmpdir(), 'lms-lifecycle-replay-'));
  const mailer = openMailer({ url: mails.url, from: 'lms@example.org' });
  const link = { secret: 'a secret for a test', publicUrl: 'https://lms.example.org' };
  const lab = await openLab({}, { reports: { directory, link, expiryMs: 60_000, mailer } });
  await lab.load(fullLife());
  await record(lab, { report: await ended(lab, 'runReport', { requestedBy: admin }) });
  await lab.close();
  await mails.close();
  await rm(directory, { recursive: true });
}

/** An operation of which people are told, and how they are. */
async function recordNotices(): Promise<void> {
  const lab = await openLab({}, { recipients: new Map([['ops', () => Promise.resolve()]]) });
  await lab.load(fullLife());
  const noticed = await lab.start('deleteUser', { ...deletion, approval: 'required' });
  await approve(noticed);
  const { operation } = await noticed.result();
  const workflowId = `notify-${operation}_approval_requested_1`;
  await lab.client.workflow.getHandle(workflowId).result();
  await record(lab, { noticed, notice: { workflowId } });
  await lab.close();
}

/** What was started with a trace has its spans in its history: in their order, which goes on in workers without tracing too. */
async function recordTraced(): Promise<void> {
  const lab = await openLab({ chunkUsers: 1, window: 2 });
  const { connection } = lab.client;
  const interceptors = { workflow: [new OpenTelemetryWorkflowClientInterceptor()] };
  const client = new Client({ connection, interceptors });
  await lab.load(fullLife());
  const users = ['bob', 'cem', 'dan', 'gus'].map((id) => ({ id }));
  const input = {
    requestedBy: admin,
    users,
    maxShare: 1,
    includePrivateSubgroups: true,
    approval: 'required',
  };
  const options = { workflowId: `traced-${randomUUID()}`, taskQueue: lab.taskQueue, args: [input] };
  const traced = running(await client.workflow.start('deleteUsers', options));
  await approve(traced);
  await traced.result();
  await record(lab, { traced, tracedChunk: { workflowId: `${traced.workflowId}/chunk-1` } });
  await lab.close();
}

/** Operations of several chunks, with a pause, and what follows them. */
async function lists(lab: Lab): Promise<Record<string, { workflowId: string }>> {
  await lab.load(fullLife());
  const living = (await lab.dump()).users.filter(({ id, status }) => status === 'active' && id !== admin);
  const users = living.slice(0, 4).map(({ id }) => ({ id }));
  const list = { requestedBy: admin, users, maxShare: 1, includePrivateSubgroups: true };
  const removed = await ended(lab, 'removeFromGroup', { ...list, group: 'g-root', mode: 'preview' });
  const [held] = (await lab.dump()).groupCourses;
  const links = { group: held?.group, courses: held?.course, requestedBy: admin };
  const unlinked = held ? { unlinked: await ended(lab, 'removeCoursesFromGroup', links) } : {};
  const batch = await lab.start('deleteUsers', { ...list, approval: 'required' });
  await approve(batch, () => batch.update('pause'));
  await expect.poll(() => batch.query('progress'), { timeout: 20_000 }).toMatchObject({ state: 'paused' });
  await batch.update('resume');
  await batch.result();
  const reinstated = await ended(lab, 'reinstateUser', { user: { id: 'ada' }, requestedBy: admin });
  const due = await ended(lab, 'deleteDueUsers', {});
  return {
    ...unlinked,
    removed,
    batch,
    chunk: { workflowId: `${batch.workflowId}/chunk-1` },
    reinstated,
    due,
  };
}

async function ended(lab: Lab, workflow: string, input: object): Promise<Running> {
  const running = await lab.start(workflow, input);
  await running.result();
  return running;
}

async function approve(running: Running, before: () => Promise<unknown> = async () => {}): Promise<void> {
  await expect
    .poll(() => running.query('progress'), { timeout: 20_000 })
    .toMatchObject({ state: 'waiting-for-approval' });
  const { planHash } = await running.query<{ planHash: string }>('progress');
  await before();
  await running.update('approve', { by: admin, planHash });
}

async function record(lab: Lab, operations: Record<string, { workflowId: string }>): Promise<void> {
  for (const [name, { workflowId }] of Object.entries(operations)) {
    const history = await lab.client.workflow.getHandle(workflowId).fetchHistory();
    await writeFile(join(saved, `${name}.history`), History.encode(impersonal(history)).finish());
  }
}

/** Without what only tells on which machine it was recorded. */
function impersonal<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  for (const [key, member] of Object.entries(value)) {
    if (key === 'identity' || key === 'stackTrace') Reflect.set(value, key, '');
    else impersonal(member);
  }
  return value;
}

it('X-05 every saved history replays on the workflows of today', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const workflowBundle = { codePath: inject('workflowBundle') };
  const names = await readdir(saved);
  expect(names.length).toBeGreaterThanOrEqual(9);
  for (const name of names) {
    const history = History.decode(await readFile(join(saved, name)));
    // Chunks have their ids from the workflow that they belong to.
    const id = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? name;
    await Worker.runReplayHistory({ workflowBundle, sinks: untraced }, history, id);
  }
});
