import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildServer } from '../../composition/build-server.ts';
import type { Delivery } from '../../ledger/inbox.ts';
import { webhookRoutes } from '../../webhooks/webhook-routes.ts';
import { keyPair, keysOf, newSecret, signed } from './support/sender.ts';

const secret = newSecret();
const moodle = keyPair();
const deleted = (user: unknown = { id: 'ann' }): string =>
  JSON.stringify({ type: 'user.deleted', timestamp: '2026-03-01T12:00:00Z', data: { user } });

let app: FastifyInstance;
let accepted: Delivery[] = [];
let accept = (delivery: Delivery): Promise<void> => {
  accepted.push(delivery);
  return Promise.resolve();
};
beforeAll(async () => {
  const keys = keysOf(`lms=${secret};moodle=${moodle.publicKey}`);
  const routes = webhookRoutes({ keys, accept: (delivery) => accept(delivery) });
  app = await buildServer({ log: pino({ level: 'silent' }), routes: [routes] });
});
afterAll(() => app.close());
beforeEach(() => {
  accepted = [];
});

async function post(
  payload: string | Buffer,
  headers: Record<string, string> = signed(secret, 'msg_1', payload.toString()),
  source = 'lms',
): Promise<number> {
  const answer = await app.inject({ method: 'POST', url: `/webhooks/${source}`, headers, payload });
  return answer.statusCode;
}

describe('POST /webhooks/:source', () => {
  it('HTTP 202 once the delivery has been accepted, and not before', async () => {
    const before = accept;
    let release: () => void = () => undefined;
    const committed = new Promise<void>((done) => (release = done));
    const reached = new Promise<void>((done) => {
      accept = async (delivery) => {
        done();
        await committed;
        return before(delivery);
      };
    });
    let answered = false;
    const answer = post(deleted()).finally(() => (answered = true));
    await reached;
    expect([answered, accepted]).toEqual([false, []]);
    release();
    expect(await answer).toBe(202);
    accept = before;
    expect(accepted).toMatchObject([{ source: 'lms', messageId: 'msg_1', type: 'user.deleted' }]);
  });

  it('HTTP 401 for a bad signature, a stale one, none, and, just so, for a source that is not known', async () => {
    const stale = signed(secret, 'msg_1', deleted(), new Date(Date.now() - 301_000));
    const bodies = await Promise.all(
      [
        ['lms', signed(newSecret(), 'msg_1', deleted())] as const,
        ['lms', stale] as const,
        ['lms', { 'content-type': 'application/json' }] as const,
        ['other', signed(secret, 'msg_1', deleted())] as const,
        ['moodle', signed(secret, 'msg_1', deleted())] as const,
      ].map(async ([source, headers]) => {
        const url = `/webhooks/${source}`;
        const answer = await app.inject({ method: 'POST', url, headers, payload: deleted() });
        expect(answer.statusCode).toBe(401);
        return answer.body;
      }),
    );
    expect(new Set(bodies).size).toBe(1);
    expect(accepted).toEqual([]);
  });

  it.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['no object', '"user.deleted"'],
    ['no type', '{"data":{"user":{"id":"ann"}}}'],
    ['no user', '{"type":"user.deleted","data":{}}'],
    ['no data', '{"type":"user.deleted"}'],
    ['a time that is none', '{"type":"user.deleted","timestamp":"yesterday","data":{"user":"ann"}}'],
    ['an empty batch', '{"type":"batch","data":[]}'],
    [
      'one bad event in a batch',
      '{"type":"batch","data":[{"type":"user.deleted","data":{"user":"ann"}},{"type":"group.deleted","data":{}}]}',
    ],
  ])('HTTP 400 for a body with %s, well signed as it is', async (_what, body) => {
    expect(await post(body)).toBe(400);
    expect(accepted).toEqual([]);
  });

  it('HTTP 400 says where the mistake is, and repeats nothing of it (X-10)', async () => {
    const payload =
      '{"type":"group.member_removed","data":{"group":"g","users":[{"mail":"ann@example.org"}]}}';
    const answer = await app.inject({
      method: 'POST',
      url: '/webhooks/lms',
      headers: signed(secret, 'msg_1', payload),
      payload,
    });
    expect(answer.json()).toMatchObject({ error: 'Malformed', message: expect.stringContaining('data') });
    expect(answer.body).not.toContain('ann@');
  });

  it('HTTP 400 for bytes that are not UTF-8, although they are signed', async () => {
    const bytes = Buffer.concat([Buffer.from('{"type":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    const headers = signed(secret, 'msg_1', '');
    const key = Buffer.from(secret.slice(6), 'base64');
    const text = Buffer.concat([Buffer.from(`msg_1.${headers['webhook-timestamp'] ?? ''}.`), bytes]);
    headers['webhook-signature'] = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
    expect(await post(bytes, headers)).toBe(400);
  });

  it('HTTP 413 for more than 1 MiB, 202 for just that, however the length is told', async () => {
    const room = 1024 * 1024 - deleted({ id: 'ann', note: '' }).length;
    const body = deleted({ id: 'ann', note: 'x'.repeat(room) });
    expect(Buffer.byteLength(body)).toBe(1024 * 1024);
    expect(await post(body)).toBe(202);
    expect(await post(`${body} `)).toBe(413);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const status = await new Promise((resolve, reject) => {
      const headers = { ...signed(secret, 'msg_1', `${body} `), 'transfer-encoding': 'chunked' };
      const sending = request({ port, host: '127.0.0.1', path: '/webhooks/lms', method: 'POST', headers });
      sending.once('response', (response) => {
        resolve(response.statusCode);
        response.destroy();
      });
      sending.once('error', reject);
      sending.end(`${body} `);
    });
    expect(status).toBe(413);
  });

  it('HTTP a type that means nothing is 202, and nothing of it is kept but its type', async () => {
    expect(await post('{"type":"course.published","data":{"title":"Secrets"}}')).toBe(202);
    expect(accepted).toEqual([
      { source: 'lms', messageId: 'msg_1', type: 'course.published', payload: null },
    ]);
  });

  it('HTTP of an event only what its operation needs is kept', async () => {
    expect(await post(deleted({ id: 'ann', name: 'Ann', email: 'ann@example.org' }))).toBe(202);
    expect(JSON.stringify(accepted)).toContain('"ann"');
    expect(JSON.stringify(accepted)).not.toMatch(/Ann|@/);
  });

  it("HTTP Moodle's own events are read from the source that is named for it, whatever content type it says", async () => {
    const body = JSON.stringify([
      { eventname: '\\core\\event\\user_deleted', objectid: '7', relateduserid: 7, timecreated: 1767225600 },
      { eventname: '\\mod_quiz\\event\\attempt_started', objectid: 3, userid: 4 },
    ]);
    const headers = { ...moodle.signed('msg_9', body), 'content-type': 'text/plain' };
    expect(await post(body, headers, 'moodle')).toBe(202);
    expect(accepted).toMatchObject([
      {
        source: 'moodle',
        type: 'batch',
        payload: [
          { type: 'user.deleted', at: '2026-01-01T00:00:00.000Z', order: { people: { user: { id: '7' } } } },
          { type: '\\mod_quiz\\event\\attempt_started', order: null },
        ],
      },
    ]);
    expect(await post('{"eventname":"\\\\core\\\\event\\\\user_deleted"}', undefined, 'moodle')).toBe(401);
  });
});
