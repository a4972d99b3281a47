import { readFile } from 'node:fs/promises';
import type { FastifyPluginAsync } from 'fastify';
import pino from 'pino';
import { Registry } from 'prom-client';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { codecRoutes } from '../../client/codec-routes.ts';
import { aesCodec } from '../../client/payload-codec.ts';
import { buildServer } from '../../composition/build-server.ts';
import { healthRoutes } from '../../composition/health.ts';
import type { OpenApiDocument } from '../../composition/openapi.ts';
import { metricsRoutes } from '../../composition/metrics-routes.ts';
import { importRoutes } from '../../imports/http/import-routes.ts';
import type { ImportRoutesOptions } from '../../imports/http/import-routes.ts';
import { downloadRoutes } from '../../reports/http/download-routes.ts';
import { scimRoutes } from '../../webhooks/scim/scim-routes.ts';
import type { ScimRoutesOptions } from '../../webhooks/scim/scim-routes.ts';
import { webhookRoutes } from '../../webhooks/webhook-routes.ts';

const file = new URL('../../docs/openapi.json', import.meta.url);

it('HTTP the document is that of the routes there are; docs/openapi.json is the same (after a change: vitest -u)', async () => {
  // What answers requests is not asked for here.
  const imports: FastifyPluginAsync = (app) =>
    importRoutes(app, { tokens: [] } as unknown as ImportRoutesOptions);
  const scim: FastifyPluginAsync = (app) => scimRoutes(app, { tokens: [] } as unknown as ScimRoutesOptions);
  const routes = [
    healthRoutes({}),
    webhookRoutes({ keys: new Map(), accept: () => Promise.resolve() }),
    imports,
    scim,
    metricsRoutes(new Registry()),
    downloadRoutes({ directory: '', secret: '' }),
    codecRoutes({ codec: aesCodec([]), token: '', origins: [] }),
  ];
  const app = await buildServer({ log: pino({ level: 'silent' }), routes });
  const served = (await app.inject('/openapi.json')).json<OpenApiDocument>();
  for (const [path, methods] of Object.entries(served.paths)) {
    const url = path.replaceAll(':', '::').replaceAll(/\{(\w+)\}/g, ':$1');
    for (const method of Object.keys(methods)) {
      expect([path, app.hasRoute({ method: method.toUpperCase(), url })]).toEqual([path, true]);
    }
  }
  expect(Object.keys(served.paths)).toEqual([
    ...['/openapi.json', '/healthz', '/readyz', '/webhooks/{source}'],
    ...['/imports/activities', '/imports/templates', '/imports', '/imports/{id}', '/imports/{id}/start'],
    ...['/scim/v2/ServiceProviderConfig', '/scim/v2/ResourceTypes/User'],
    ...[
      '/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User',
      '/scim/v2/ResourceTypes',
      '/scim/v2/Schemas',
    ],
    ...['/scim/v2/Users', '/scim/v2/Users/.search', '/scim/v2/Users/{id}'],
    ...['/metrics', '/downloads/{id}', '/codec/encode', '/codec/decode'],
  ]);
  const options = JSON.parse(
    await readFile(new URL('../../.prettierrc.json', import.meta.url), 'utf8'),
  ) as object;
  const text = await format(JSON.stringify(served), { ...options, parser: 'json' });
  await expect(text).toMatchFileSnapshot(file.pathname);
  await app.close();
});
