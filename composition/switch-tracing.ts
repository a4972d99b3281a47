import type { InjectedSinks } from '@temporalio/worker';
import type { Sinks } from '@temporalio/workflow';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Tracing } from './tracing.ts';

/** Tracing, where the settings name a collector. Where they do not, nothing of OpenTelemetry is loaded. */
export async function tracingOf(config: Config, log: Logger): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: service } = config;
  if (endpoint === undefined) return undefined;
  const { openTracing } = await import('./tracing.ts');
  return openTracing(endpoint, service, log);
}

/** Where the spans of workflows go that were started with a trace, in a worker without tracing. */
export const untraced: InjectedSinks<Sinks> = { exporter: { export: { fn: () => undefined } } };
