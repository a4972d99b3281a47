import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { buildServer } from '../../composition/build-server.ts';
import type { ServerParts } from '../../composition/build-server.ts';
import { healthRoutes } from '../../composition/health.ts';

let app: FastifyInstance;
afterEach(() => app.close());

async function build(parts: Partial<ServerParts>): Promise<FastifyInstance> {
  app = await buildServer({ log: pino({ level: 'silent' }), routes: [], ...parts });
  return app;
}

function routes(add: (scope: FastifyInstance) => unknown): FastifyPluginAsync {
  return (scope) => {
    add(scope);
    return Promise.resolve();
  };
}

/** Sends text as it is, and gives what comes back until the server hangs up. */
async function send(text: string): Promise<string> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (piece: string) => (answer += piece));
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('the HTTP server', () => {
  it('HTTP is alive without anything else, and ready when each check is, which it names', async () => {
    const checks = { database: () => Promise.resolve(), temporal: () => Promise.reject(new Error('away')) };
    await build({ routes: [healthRoutes(checks)] });
    expect((await app.inject('/healthz')).json()).toEqual({ ok: true });
    const unready = await app.inject('/readyz');
    expect(unready.statusCode).toBe(503);
    expect(unready.json()).toEqual({
      ready: false,
      checks: { database: { ok: true }, temporal: { ok: false, problem: 'away' } },
    });
  });

  it('HTTP asks its checks once for many who ask at the same time', async () => {
    let asked = 0;
    const counted = (): Promise<void> => {
      asked += 1;
      return Promise.resolve();
    };
    await build({ routes: [healthRoutes({ counted })] });
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.inject('/readyz')));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
    expect(asked).toBe(1);
  });

  it('HTTP hangs up on whoever sends headers or a body too slowly', async () => {
    const limits = { headersTimeoutMs: 200, requestTimeoutMs: 400, checkingIntervalMs: 50 };
    await build({ limits });
    expect(await send('GET /openapi.json HTTP/1.1\r\nHost: x\r\nX-Slow: ')).toContain(' 408 ');
    await app.close();
    await build({ limits, routes: [routes((scope) => scope.post('/slow', () => 'done'))] });
    const slow =
      'POST /slow HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{';
    expect(await send(slow)).toContain(' 408 ');
  });

  it('X-10 tells nothing of what went wrong inside, nor the address of a request', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    await build({
      log,
      routes: [
        routes((scope) =>
          scope.get('/users/:user', () => {
            throw Object.assign(new Error('row of ann@example.org'), { severity: 'ERROR', code: '23505' });
          }),
        ),
      ],
    });
    const answer = await app.inject('/users/ann@example.org?token=secret');
    expect([answer.statusCode, answer.json()]).toEqual([
      500,
      { error: 'Internal', message: 'an unexpected error' },
    ]);
    expect(lines.join('')).toContain('database error 23505');
    expect(lines.join('')).not.toMatch(/ann@|secret/);
  });

  it('HTTP says 503 and when to try again while the database is away', async () => {
    await build({
      routes: [
        routes((scope) =>
          scope.get('/away', () => {
            throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
          }),
        ),
      ],
    });
    const answer = await app.inject('/away');
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
  });
});
