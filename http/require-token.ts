import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpProblem } from './http-problem.ts';
import { holderOf } from './tokens.ts';
import type { HttpToken, TokenScope } from './tokens.ts';

const holder = 'tokenHolder';

/**
 * Lets only who holds one of these tokens at the routes of this instance, if the token is not limited to others; looked at before
 * the body is. Without any token that opens them the routes are closed.
 */
export function requireToken(app: FastifyInstance, tokens: readonly HttpToken[], scope: TokenScope): void {
  const opens = (token: HttpToken): boolean => token.scope === null || token.scope === scope;
  app.decorateRequest(holder, '');
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    if (!tokens.some(opens)) {
      throw new HttpProblem(
        403,
        'These routes are closed: no token is set up for them (setting LMS_HTTP_TOKENS).',
      );
    }
    const given = holderOf(tokens, request.headers.authorization);
    if (given === null) {
      void reply.header('www-authenticate', 'Bearer realm="lms-lifecycle"');
      throw new HttpProblem(401, 'The request has no bearer token, or none that is known here.');
    }
    if (!opens(given)) {
      void reply.header('www-authenticate', 'Bearer realm="lms-lifecycle", error="insufficient_scope"');
      throw new HttpProblem(403, 'The token is for other routes (setting LMS_HTTP_TOKENS).');
    }
    request.setDecorator(holder, given.name);
    return Promise.resolve();
  });
}

/** The name of whoever asks, as the settings give it. */
export function holderOfRequest(request: FastifyRequest): string {
  return request.getDecorator<string>(holder);
}
