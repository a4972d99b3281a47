import { afterAll, beforeAll, expect, it } from 'vitest';
import { fullLife } from '../scenarios/full-life.ts';
import { refuse } from '../faults/support/refusing-host.ts';
import { untilState } from '../scenarios/steps.ts';
import { running } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';
import { newSecret, signed } from '../webhooks/support/sender.ts';
import { openInstance } from './support/instance.ts';
import type { Instance, Root } from './support/instance.ts';

type Line = Record<string, unknown>;

const secret = newSecret();

let instance: Instance;
let worker: Root;
let server: Root;
beforeAll(async () => {
  instance = await openInstance();
  await instance.load(fullLife());
  worker = await instance.run('worker', { LMS_LOG_LEVEL: 'debug', LMS_CHUNK_USERS: '1' });
  const settings = { LMS_HTTP_PORT: '0', LMS_WEBHOOK_SECRETS: `lms=${secret}`, LMS_LOG_LEVEL: 'debug' };
  server = await instance.run('server', settings);
}, 120_000);
afterAll(() => instance.close());

/** What a process has logged: every line must be a JSON object. */
function logOf(root: Root): Line[] {
  return root.lines.map((line) => JSON.parse(line) as Line);
}

it('every line of a whole run is JSON, and says of which operation it is, and of which chunk', async () => {
  await refuse(instance.sql, 'account', ['gus']);
  const users = ['bob', 'cem', 'gus'].map((id) => ({ id }));
  const input = {
    users,
    requestedBy: admin,
    includePrivateSubgroups: true,
    maxShare: 1,
    approval: 'required',
  };
  const handle = await instance.start('deleteUsers', input);
  const operation = handle.firstExecutionRunId;
  const { planHash } = await untilState(running(handle), 'waiting-for-approval');
  await handle.executeUpdate('approve', { args: [{ by: admin, planHash }] });
  await untilState(running(handle), 'needs-attention');
  await handle.executeUpdate('skipAttention');
  await handle.result();
  const rejected = await instance.start('deleteUser', { ...input, users: undefined, user: 'ada' });
  await untilState(running(rejected), 'waiting-for-approval');
  const reason = 'ask grace@example.org first';
  await rejected.executeUpdate('reject', { args: [{ by: admin, reason }] });
  await rejected.result().catch(() => undefined);

  worker.signal('SIGTERM');
  expect(await worker.exited).toBe('exit code 0');
  const log = logOf(worker);
  const ours = log.filter(({ workflowId }) => workflowId !== undefined);
  const operations = { [handle.workflowId]: operation, [rejected.workflowId]: rejected.firstExecutionRunId };
  // The SDK tells of an activity's start before it has read what the activity is about.
  const told = ours.filter(({ msg }) => msg !== 'Activity started');
  for (const line of told) {
    expect(line, JSON.stringify(line)).toMatchObject({
      operation: operations[String(line['workflowId']).replace(/\/chunk-\d+$/, '')],
    });
  }
  const ofChunks = told.filter(({ workflowId }) => String(workflowId).includes('/chunk-'));
  for (const line of ofChunks)
    expect(line['workflowId']).toBe(`${handle.workflowId}/chunk-${String(line['chunk'])}`);
  expect(new Set(ofChunks.map(({ chunk }) => chunk))).toEqual(new Set([1, 2, 3]));

  const said = told
    .filter(({ level }) => Number(level) > 20)
    .map(({ msg, state, failure }) => [msg, state, failure]);
  expect(said).toContainEqual(['the operation stands elsewhere', 'needs-attention', undefined]);
  expect(said).toContainEqual(['the operation stands elsewhere', 'rejected', 'ApprovalRejected']);
  const refusals = told.filter(
    ({ msg, activityType }) => msg === 'the host refuses a change' && activityType === 'retireAccounts',
  );
  expect(refusals.length).toBeGreaterThan(0);
  for (const { reason: why, chunk } of refusals)
    expect([why, chunk]).toEqual([expect.stringContaining('P0001'), 3]);
  expect(worker.lines.join('\n')).not.toMatch(/@example\.org/);
});

it('HTTP every line of the server is JSON, with the id of the request, which is another one each time', async () => {
  const { addresses } = logOf(server).find(({ msg }) => msg === 'server started') as {
    addresses: { port: number }[];
  };
  const url = `http://127.0.0.1:${addresses[0]?.port ?? 0}`;
  const body = JSON.stringify({ type: 'user.deleted', data: { user: { email: 'ada@example.org' } } });
  const sent = { method: 'POST', headers: signed(secret, 'msg_log', body), body };
  expect((await fetch(`${url}/webhooks/lms`, sent)).status).toBe(202);
  expect((await fetch(`${url}/downloads/ada@example.org?signature=1`)).status).toBe(404);
  server.signal('SIGTERM');
  expect(await server.exited).toBe('exit code 0');
  const answered = logOf(server).filter(({ msg }) => msg === 'answered');
  expect(answered.map(({ route, status }) => [route, status])).toEqual([
    ['/webhooks/:source', 202],
    ['(none)', 404],
  ]);
  const ids = answered.map(({ reqId }) => reqId);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(ids).size).toBe(ids.length);
  expect(server.lines.join('\n')).not.toContain('@example.org');
});
