import { afterAll, beforeAll, expect, it } from 'vitest';
import { fullLife } from '../scenarios/full-life.ts';
import { newSecret, signed } from '../webhooks/support/sender.ts';
import { startCollector } from './support/collector.ts';
import type { Collector, Span } from './support/collector.ts';
import { openInstance } from './support/instance.ts';
import type { Instance, Root } from './support/instance.ts';

const secret = newSecret();
const [traceId, parentSpanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];

let instance: Instance;
let collector: Collector;
let worker: Root;
let server: Root;
beforeAll(async () => {
  [instance, collector] = await Promise.all([openInstance(), startCollector()]);
  await instance.load(fullLife());
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LMS_CHUNK_USERS: '1' };
  worker = await instance.run('worker', traced);
  const settings = { LMS_HTTP_PORT: '0', LMS_WEBHOOK_SECRETS: `lms=${secret}`, ...traced };
  server = await instance.run('server', settings);
}, 120_000);
afterAll(async () => {
  await instance.close();
  await collector.close();
});

/** From a span to the one that everything is a part of, by name. */
function ancestry(span: Span | undefined): string[] {
  if (!span) return [];
  return [span.name, ...ancestry(collector.spans.find(({ spanId }) => spanId === span.parentSpanId))];
}

/** The id of the workflow that the delivery has led to. */
async function startedByDelivery(): Promise<string> {
  const query = 'WorkflowId STARTS_WITH "webhook:lms:msg_traced:"';
  const find = async (): Promise<string | undefined> => {
    for await (const { workflowId } of instance.client.workflow.list({ query })) return workflowId;
    return undefined;
  };
  await expect.poll(find, { timeout: 20_000 }).toBeDefined();
  return (await find()) ?? '';
}

it('one trace goes from a webhook to the last activity of its operation, with ids only', async () => {
  const started = server.lines.find((line) => line.includes('server started')) ?? '{}';
  const { addresses } = JSON.parse(started) as { addresses: { port: number }[] };
  const users = ['ada@example.org', 'bob@example.org'].map((email) => ({ email }));
  const body = JSON.stringify({ type: 'group.member_removed', data: { group: 'g-sales', users } });
  const traceparent = `00-${traceId}-${parentSpanId}-01`;
  const answer = await fetch(`http://127.0.0.1:${addresses[0]?.port ?? 0}/webhooks/lms?who=ada@example.org`, {
    method: 'POST',
    headers: { ...signed(secret, 'msg_traced', body), traceparent },
    body,
  });
  expect(answer.status).toBe(202);
  const handle = instance.client.workflow.getHandle(await startedByDelivery());
  const result = (await handle.result()) as { operation: string };
  for (const root of [worker, server]) {
    root.signal('SIGTERM');
    expect(await root.exited).toBe('exit code 0');
  }

  const named = (name: string): Span[] => collector.spans.filter((span) => span.name === name);
  const request = 'POST /webhooks/:source';
  const [run] = named('RunWorkflow:removeFromGroup');
  expect(ancestry(run)).toEqual(['RunWorkflow:removeFromGroup', 'StartWorkflow:removeFromGroup', request]);
  const steps = named('RunActivity:leaveGroups');
  expect(steps.map(({ attributes }) => attributes['chunk']).sort()).toEqual([1, 2]);
  for (const step of steps) {
    expect(ancestry(step)).toEqual([
      ...['RunActivity:leaveGroups', 'StartActivity:leaveGroups', 'RunWorkflow:applyChunk'],
      ...['StartChildWorkflow:applyChunk', ...ancestry(run)],
    ]);
  }
  expect(named(request).map((span) => span.parentSpanId)).toEqual([parentSpanId]);
  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const ofOperation = collector.spans.filter(({ name }) => /^(Run|StartActivity|StartChild)/.test(name));
  expect(ofOperation.length).toBeGreaterThan(20);
  for (const { name, attributes } of ofOperation)
    expect([name, attributes['operation']]).toEqual([name, result.operation]);
  expect(collector.bodies.join()).not.toContain('example.org');
});
