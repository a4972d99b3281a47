import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyPluginAsync } from 'fastify';
import { describeError } from '../database/describe-error.ts';

/** Something that the server needs; resolves when it is there, and otherwise says what is wrong. */
export type Check = () => Promise<void>;

/** How long one check may take before it counts as failed. */
const checkTimeoutMs = 3_000;
/** Answers are given again for so long, so that whoever asks often costs nothing. */
const freshMs = 1_000;

interface Readiness {
  ready: boolean;
  checks: Record<string, { ok: boolean; problem?: string }>;
}

/** `GET /healthz`: the process answers. `GET /readyz`: what it needs is there, each by name; 503 when something is not. */
export function healthRoutes(checks: Readonly<Record<string, Check>>): FastifyPluginAsync {
  let latest: { at: number; answer: Promise<Readiness> } | null = null;
  const readiness = (): Promise<Readiness> => {
    if (latest === null || performance.now() - latest.at > freshMs) {
      latest = { at: performance.now(), answer: checkAll(checks) };
    }
    return latest.answer;
  };
  return (app) => {
    const ok = { description: 'It is' };
    const healthz = { summary: 'Whether the process answers', responses: { '200': ok } };
    app.get('/healthz', { config: { openapi: healthz } }, () => ({ ok: true }));
    const readyz = {
      summary: 'Whether everything that the server needs is there, each by its name',
      responses: { '200': ok, '503': { description: 'Something is not; `checks` says what' } },
    };
    app.get('/readyz', { config: { openapi: readyz } }, async (_request, reply) => {
      const answer = await readiness();
      return reply.code(answer.ready ? 200 : 503).send(answer);
    });
    return Promise.resolve();
  };
}

async function checkAll(checks: Readonly<Record<string, Check>>): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await outcome(check)] as const),
  );
  return { ready: results.every(([, { ok }]) => ok), checks: Object.fromEntries(results) };
}

async function outcome(check: Check): Promise<{ ok: boolean; problem?: string }> {
  const timeout = new AbortController();
  const late = sleep(checkTimeoutMs, null, { signal: timeout.signal }).then(() => {
    throw new Error(`no answer within ${checkTimeoutMs / 1000} s`);
  });
  try {
    await Promise.race([check(), late]);
    return { ok: true };
  } catch (error) {
    return { ok: false, problem: describeError(error) };
  } finally {
    late.catch(() => undefined);
    timeout.abort();
  }
}
