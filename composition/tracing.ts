import { setTimeout as sleep } from 'node:timers/promises';
import { context, diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryActivityOutboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { Sinks, WorkflowInfo } from '@temporalio/workflow';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { TraceCarrier } from '../webhooks/trace-carrier.ts';
import { aboutOf } from './activity-logs.ts';
import { impersonalSpans } from './impersonal-spans.ts';
import { traceRequests } from './trace-requests.ts';

/** Spans of requests, starts, workflows and activities, sent by OTLP over HTTP; what the roots hand on to those who make them. */
export interface Tracing {
  requests: (app: FastifyInstance) => void;
  carrier: TraceCarrier;
  client: WorkflowClientInterceptor;
  activities: ActivityInterceptorsFactory[];
  sinks: InjectedSinks<Sinks>;
  /** Sends what has not been sent, for some seconds at most. */
  close(): Promise<void>;
}

/** How long a collector that is away may hold the end of a process up. */
const lastWordsMs = 5_000;

/**
 * Switches tracing on in this process. A collector that is away costs spans, and nothing else. Headers, timeouts and sampling are
 * those of OpenTelemetry's standard variables, which its own packages read.
 *
 * @param endpoint the collector, as `http://127.0.0.1:4318`
 */
export function openTracing(endpoint: string, service: string, log: Logger): Tracing {
  const resource = new Resource({ 'service.name': service });
  const url = new URL('v1/traces', endpoint.endsWith('/') ? endpoint : `${endpoint}/`).href;
  const processor = new BatchSpanProcessor(impersonalSpans(new OTLPTraceExporter({ url })));
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
  reportProblems(log);
  return {
    requests: traceRequests,
    carrier,
    client: new OpenTelemetryWorkflowClientInterceptor(),
    activities: [
      (activity) => ({
        inbound: new OpenTelemetryActivityInboundInterceptor(activity),
        outbound: new OpenTelemetryActivityOutboundInterceptor(activity),
      }),
      aboutActivity,
    ],
    sinks: { exporter: workflowSpans(processor, resource) },
    close: async () => {
      const late = sleep(lastWordsMs, undefined, { ref: false });
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

const aboutActivity: ActivityInterceptorsFactory = () => ({
  inbound: {
    execute: (input, next) => {
      trace.getActiveSpan()?.setAttributes({ ...aboutOf(input.args[0]) });
      return next(input);
    },
  },
});

/** Spans come out of the workflows' sandbox with all that is known of the workflow, but the operation. */
function workflowSpans(processor: SpanProcessor, resource: Resource): InjectedSinks<Sinks>[string] {
  const { export: exported } = makeWorkflowExporter(processor, resource);
  return {
    export: {
      fn: (info, spans: Parameters<typeof exported.fn>[1]) => {
        const about = aboutWorkflow(info);
        const told = spans.map((span) => ({ ...span, attributes: { ...span.attributes, ...about } }));
        return exported.fn(info, told);
      },
    },
  };
}

/** As workflows/interceptors.ts says it in the log. */
function aboutWorkflow({ parent, memo, firstExecutionRunId }: WorkflowInfo): object {
  return parent ? aboutOf(memo) : { operation: firstExecutionRunId };
}

const carrier: TraceCarrier = {
  current: () => {
    const carried: Record<string, string> = {};
    propagation.inject(context.active(), carried);
    return carried['traceparent'];
  },
  within: (traceparent, work) =>
    context.with(
      propagation.extract(context.active(), traceparent === undefined ? {} : { traceparent }),
      work,
    ),
};

function reportProblems(log: Logger): void {
  const ignored = (): void => undefined;
  const error = (problem: string): void => {
    log.warn({ reason: problem.slice(0, 300) }, 'traces cannot be sent');
  };
  diag.setLogger(
    { error, warn: ignored, info: ignored, debug: ignored, verbose: ignored },
    DiagLogLevel.ERROR,
  );
}
