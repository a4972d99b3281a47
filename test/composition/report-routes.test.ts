import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { serveMetrics } from '../../composition/metrics-routes.ts';
import { reportRoutes } from '../../composition/report-routes.ts';
import { readConfig } from '../../config.ts';
import { freePort } from '../../dev/free-port.ts';

const secret = 'a secret of thirty-two characters or more';
const key = Buffer.alloc(32, 'k').toString('base64');

/** What the HTTP side answers with these settings: the status of metrics, a download, the codec. */
async function answers(settings: Record<string, string>): Promise<number[]> {
  const app = Fastify();
  for (const plugin of reportRoutes(readConfig(settings), new Registry())) await app.register(plugin);
  const asked = [
    { url: '/metrics' },
    { url: '/downloads/x' },
    { url: '/codec/decode', method: 'POST' as const },
  ];
  const statuses = [];
  for (const request of asked) statuses.push((await app.inject(request)).statusCode);
  await app.close();
  return statuses;
}

it('P-03 X-10 downloads and the codec server are there when the settings have secrets for them', async () => {
  expect(await answers({})).toEqual([200, 404, 404]);
  expect(await answers({ LMS_LINK_SECRET: secret })).toEqual([200, 403, 404]);
  expect(await answers({ LMS_CODEC_KEYS: `a:${key}` })).toEqual([200, 404, 404]);
  expect(await answers({ LMS_CODEC_KEYS: `a:${key}`, LMS_CODEC_TOKEN: secret })).toEqual([200, 404, 401]);
});

it('metrics are shown to this machine, where a port is set', async () => {
  expect(await serveMetrics(new Registry(), undefined)).toBeUndefined();
  const port = await freePort();
  const shown = await serveMetrics(new Registry(), port);
  expect(shown?.address).toBe(`http://127.0.0.1:${port}`);
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
  await shown?.close();
});
