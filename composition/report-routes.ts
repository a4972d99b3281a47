import type { FastifyPluginAsync } from 'fastify';
import type { Registry } from 'prom-client';
import { codecRoutes } from '../client/codec-routes.ts';
import { aesCodec } from '../client/payload-codec.ts';
import type { Config } from '../config.ts';
import { downloadRoutes } from '../reports/http/download-routes.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { reportsDir } from './reports.ts';

/** Of the HTTP side: metrics, and what the settings have secrets for, downloads of reports and the codec server. */
export function reportRoutes(config: Config, registry: Registry): FastifyPluginAsync[] {
  const { LMS_LINK_SECRET: secret, LMS_CODEC_KEYS: keys, LMS_CODEC_TOKEN: token } = config;
  const origins = config.LMS_CODEC_ORIGINS;
  return [
    metricsRoutes(registry),
    ...(secret === undefined ? [] : [downloadRoutes({ directory: reportsDir(config), secret })]),
    ...(keys.length === 0 || token === undefined
      ? []
      : [codecRoutes({ codec: aesCodec(keys), token, origins })]),
  ];
}
