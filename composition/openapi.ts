import type { FastifyInstance } from 'fastify';

/** A route as OpenAPI describes it: an Operation Object. */
export interface OpenApiOperation {
  summary: string;
  description?: string;
  parameters?: readonly object[];
  requestBody?: object;
  responses: Readonly<Record<string, { description: string; content?: object }>>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route is; one without it is not part of the document. */
    openapi?: OpenApiOperation;
  }
}

/** The document of all routes that say what they are. */
export interface OpenApiDocument {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, OpenApiOperation>>;
}

/** Collects the routes that are registered from now on, and serves the document of them. */
export function collectOpenApi(app: FastifyInstance): void {
  const document: OpenApiDocument = {
    openapi: '3.1.0',
    info: {
      title: 'lms-lifecycle',
      version: '1',
      description: 'Durable removal of people from a learning management system.',
    },
    paths: {},
  };
  app.addHook('onRoute', ({ method, url, config }) => {
    const operation = config?.openapi;
    if (operation === undefined) return;
    // fastify's `:name` and `*` are OpenAPI's `{name}`, and its `::` is a colon.
    const named = url.replaceAll(/:(:|\w+)/g, (_, name: string) => (name === ':' ? ':' : `{${name}}`));
    const path = named.replaceAll('*', '{path}');
    for (const each of [method].flat()) {
      if (each !== 'HEAD') (document.paths[path] ??= {})[each.toLowerCase()] = operation;
    }
  });
  app.get(
    '/openapi.json',
    {
      config: {
        openapi: {
          summary: 'This document',
          responses: { '200': { description: 'The routes, in OpenAPI 3.1' } },
        },
      },
    },
    () => document,
  );
}
