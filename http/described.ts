import type { FastifyContextConfig } from 'fastify';

/** A route as OpenAPI 3.1 describes it: an Operation Object. */
export interface OpenApiOperation {
  summary: string;
  description?: string;
  parameters?: readonly object[];
  requestBody?: object;
  responses: Readonly<Record<string, { description: string; content?: object }>>;
}

/** What a route is, where the server looks for it that puts all descriptions together: `config.openapi`. */
export function described(openapi: OpenApiOperation): { config: FastifyContextConfig } {
  return { config: { openapi } as FastifyContextConfig };
}
