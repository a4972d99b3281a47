import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What is asked all the time, and says nothing. */
const untraced = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * A span for each request, as a part of the trace that its `traceparent` names. By hand, since the instrumentations of HTTP servers
 * record addresses, which may hold signed links and emails: here it is the route.
 */
export function traceRequests(app: FastifyInstance): void {
  const tracer = trace.getTracer('lms-lifecycle');
  const contexts = new WeakMap<FastifyRequest, Context>();
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, routeOptions } = request;
    const route = routeOptions.url ?? '(none)';
    if (!untraced.has(route)) {
      const parent = propagation.extract(context.active(), headers);
      const attributes = { 'http.request.method': method, 'http.route': route };
      const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
      contexts.set(request, trace.setSpan(parent, span));
    }
    done();
  });
  // Not before: the context is lost where a body is read.
  app.addHook('preHandler', (request, _reply, done) => {
    context.with(contexts.get(request) ?? context.active(), done);
  });
  app.addHook('onResponse', (request, { statusCode }, done) => {
    const span = trace.getSpan(contexts.get(request) ?? context.active());
    span?.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    done();
  });
}
