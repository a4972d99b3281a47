import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

/** What is known of a span, by attributes that hold ids, routes and numbers only. */
const kept = new Set([
  ...[
    'operation',
    'chunk',
    'workflowType',
    'workflowId',
    'runId',
    'temporalWorkflowId',
    'run_id',
    'temporalActivityId',
    'temporalUpdateId',
  ],
  ...['http.request.method', 'http.route', 'http.response.status_code'],
]);

/** Exports spans without whatever else has come into them: messages of errors, inputs of workflows. */
export function impersonalSpans(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => {
      exporter.export(spans.map(impersonal), done);
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

function impersonal(span: ReadableSpan): ReadableSpan {
  const attributes = Object.fromEntries(Object.entries(span.attributes).filter(([name]) => kept.has(name)));
  return Object.create(span, {
    attributes: { value: attributes },
    events: { value: [] },
    status: { value: { code: span.status.code } },
  }) as ReadableSpan;
}
