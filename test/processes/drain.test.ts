import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { closeGates, installGates } from '../faults/support/gates.ts';
import { fullLife, fullLifeCounts } from '../scenarios/full-life.ts';
import { admin } from '../support/world-builder.ts';
import { newSecret, signed } from '../webhooks/support/sender.ts';
import { openInstance } from './support/instance.ts';
import type { Instance } from './support/instance.ts';

/** What orchestrators give a process to end, at least. */
const graceMs = 20_000;

let instance: Instance;
beforeAll(async () => {
  instance = await openInstance();
  await installGates(instance.databaseUrl);
}, 120_000);
beforeEach(() => instance.load(fullLife()));
afterAll(() => instance.close());

async function statesOf(operation: string): Promise<Record<string, string>> {
  const { rows } = await instance.sql.query<{ step: string; states: string }>(
    `select step, string_agg(distinct state, ',') as states from lms_lifecycle.change where operation_id = $1 group by 1`,
    [operation],
  );
  return Object.fromEntries(rows.map(({ step, states }) => [step, states]));
}

it('X-05 a worker that is told to end finishes the step that runs, begins none, and another one goes on', async () => {
  const worker = await instance.run('worker');
  const gate = 'leaveSessions/within';
  const closed = await closeGates(instance.databaseUrl, [gate]);
  const input = { user: 'ada', requestedBy: admin, includePrivateSubgroups: true, reason: gate };
  const handle = await instance.start('deleteUser', input);
  await closed.reached();
  worker.signal('SIGTERM');
  await sleep(1_000);
  expect(worker.hasExited()).toBe(false);
  const toldAt = performance.now();
  await closed.open();
  expect(await worker.exited).toBe('exit code 0');
  expect(performance.now() - toldAt).toBeLessThan(graceMs);
  expect(await statesOf(handle.firstExecutionRunId)).toMatchObject({
    transferOwnership: 'applied',
    leaveSlots: 'applied',
    leaveSessions: 'applied',
    leaveGroups: 'pending',
    retireAccounts: 'pending',
  });

  await instance.run('worker');
  expect(await handle.result()).toMatchObject({ state: 'done', counts: fullLifeCounts, conflicts: 0 });
});

it('HTTP a server that is told to end answers what is under way, takes nothing new, and ends', async () => {
  const secret = newSecret();
  const server = await instance.run('server', { LMS_HTTP_PORT: '0', LMS_WEBHOOK_SECRETS: `lms=${secret}` });
  const started = server.lines.find((line) => line.includes('server started')) ?? '{}';
  const { addresses } = JSON.parse(started) as { addresses: { port: number }[] };
  const port = addresses[0]?.port ?? 0;
  const body = JSON.stringify({ type: 'user.deleted', data: { user: { id: 'bob' } } });
  const headers = {
    ...signed(secret, 'msg_drain', body),
    host: 'lms',
    'content-length': String(body.length),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`POST /webhooks/lms HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body.slice(0, 10)}`);
  await sleep(300);
  server.signal('SIGTERM');
  await sleep(500);
  expect(server.hasExited()).toBe(false);
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  const answered = once(socket, 'data') as Promise<[Buffer]>;
  const toldAt = performance.now();
  socket.write(body.slice(10));
  expect(String(await answered)).toMatch(/^HTTP\/1.1 202 /);
  expect(await server.exited).toBe('exit code 0');
  // Not only when it is cut off.
  expect(performance.now() - toldAt).toBeLessThan(5_000);
  const { rows } = await instance.sql.query(
    `select source, type from lms_lifecycle.inbox where message_id = 'msg_drain'`,
  );
  expect(rows).toEqual([{ source: 'lms', type: 'user.deleted' }]);
});
