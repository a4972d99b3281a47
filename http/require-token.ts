import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpProblem } from './http-problem.ts';
import { holderOf } from './tokens.ts';
import type { HttpToken } from './tokens.ts';

const holder = 'tokenHolder';

/**
 * Lets only who holds one of these tokens at the routes of this instance; looked at before the body is. Without any token the
 * routes are closed.
 */
export function requireToken(app: FastifyInstance, tokens: readonly HttpToken[]): void {
  app.decorateRequest(holder, '');
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    if (tokens.length === 0) {
      throw new HttpProblem(403, 'These routes are closed: no token is set up (setting LMS_HTTP_TOKENS).');
    }
    const name = holderOf(tokens, request.headers.authorization);
    if (name === null) {
      void reply.header('www-authenticate', 'Bearer realm="lms-lifecycle"');
      throw new HttpProblem(401, 'The request has no bearer token, or none that is known here.');
    }
    request.setDecorator(holder, name);
    return Promise.resolve();
  });
}

/** The name of whoever asks, as the settings give it. */
export function holderOfRequest(request: FastifyRequest): string {
  return request.getDecorator<string>(holder);
}
