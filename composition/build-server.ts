import { randomUUID } from 'node:crypto';
import Fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyPluginAsync } from 'fastify';
import { describeError } from '../database/describe-error.ts';
import { isTransient } from '../database/transient-errors.ts';
import { collectOpenApi } from './openapi.ts';

/** How much the server bears with from whoever connects. */
export interface HttpLimits {
  /** How long the headers of a request may take, and a whole request with its body. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  /** How often connections are looked through for those that take longer. */
  checkingIntervalMs: number;
  maxConnections: number;
}

const defaultLimits: HttpLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 120_000,
  checkingIntervalMs: 2_000,
  maxConnections: 1_000,
};

/** What a server is put together from. */
export interface ServerParts {
  log: FastifyBaseLogger;
  /**
   * The routes, each list of them a fastify plugin with a scope of its own: body parsers and error handlers that it sets hold for
   * it alone. A route says what it is for OpenAPI in `config.openapi`.
   */
  routes: readonly FastifyPluginAsync[];
  limits?: Partial<HttpLimits>;
  /** Makes a span for each request. */
  traceRequests?: ((app: FastifyInstance) => void) | undefined;
}

/** A server with all its routes, ready for `listen` or `inject`; `GET /openapi.json` describes them. */
export async function buildServer({
  log,
  routes,
  limits,
  traceRequests,
}: ServerParts): Promise<FastifyInstance> {
  const { headersTimeoutMs, requestTimeoutMs, checkingIntervalMs, maxConnections } = {
    ...defaultLimits,
    ...limits,
  };
  const app = Fastify({
    loggerInstance: log,
    // Several servers write into one log.
    genReqId: () => randomUUID(),
    // Addresses of requests may hold signed links and emails: `logRequests` logs the route instead.
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 30_000,
    forceCloseConnections: 'idle',
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: checkingIntervalMs },
  });
  app.server.maxConnections = maxConnections;
  traceRequests?.(app);
  logRequests(app);
  endConnections(app);
  answerErrors(app);
  collectOpenApi(app);
  for (const plugin of routes) await app.register(plugin);
  return app;
}

/** Whoever is answered while the server ends is told to connect anew: it would wait for the connection otherwise. */
function endConnections(app: FastifyInstance): void {
  let ends = false;
  app.addHook('preClose', (done) => {
    ends = true;
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (ends) void reply.header('connection', 'close');
    done(null, payload);
  });
}

function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions, log } = request;
    const ms = Math.round(reply.elapsedTime);
    log.debug({ method, route: routeOptions.url ?? '(none)', status: reply.statusCode, ms }, 'answered');
    done();
  });
}

function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'NotFound', message: 'there is no such route' }),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: error.code, message: error.message });
    request.log.error({ route: request.routeOptions.url, problem: describeError(error) }, 'a request failed');
    if (!isTransient(error))
      return reply.code(500).send({ error: 'Internal', message: 'an unexpected error' });
    const message = 'the database is away or busy: try again';
    return reply.code(503).header('retry-after', '5').send({ error: 'Unavailable', message });
  });
}
