import Fastify from 'fastify';
import type { FastifyPluginAsync } from 'fastify';
import type { Registry } from 'prom-client';

const openapi = {
  summary: 'Metrics for Prometheus',
  responses: { '200': { description: 'Counts and times, without anything personal' } },
};

/** `GET /metrics`, for Prometheus. */
export function metricsRoutes(registry: Registry): FastifyPluginAsync {
  return (app) => {
    app.get('/metrics', { logLevel: 'error', config: { openapi } }, async (_, reply) =>
      reply.type(registry.contentType).send(await registry.metrics()),
    );
    return Promise.resolve();
  };
}

/** Shows a registry to this machine only; undefined without a port. */
export async function serveMetrics(
  registry: Registry,
  port: number | undefined,
): Promise<{ address: string; close(): Promise<void> } | undefined> {
  if (port === undefined) return undefined;
  const app = Fastify();
  await app.register(metricsRoutes(registry));
  const address = await app.listen({ host: '127.0.0.1', port });
  return { address, close: () => app.close() };
}
