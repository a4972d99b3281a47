// Bundled with the workflows. CommonJS, so that nothing is loaded for workflows that are not traced: each has modules of its own.

/** What OpenTelemetry's interceptors pass a trace on by. */
const header = '_tracer-data';

/**
 * Spans of the workflows that were started with a trace. What they add to the order of things is a part of their history: whether a
 * workflow is traced is told by how it began, and never by the settings of the worker that goes on with it.
 */
exports.interceptors = () => {
  let otel;
  const handOn = (side, method) => (input, next) =>
    otel === undefined ? next(input) : otel[side][0][method](input, next);
  const execute = (input, next) => {
    if (header in input.headers)
      otel = require('@temporalio/interceptors-opentelemetry/lib/workflow-interceptors').interceptors();
    return handOn('inbound', 'execute')(input, next);
  };
  const outbound = ['scheduleActivity', 'startChildWorkflowExecution', 'continueAsNew', 'getLogAttributes'];
  return {
    inbound: [{ execute, handleUpdate: handOn('inbound', 'handleUpdate') }],
    outbound: [Object.fromEntries(outbound.map((method) => [method, handOn('outbound', method)]))],
    internals: [{ dispose: handOn('internals', 'dispose') }],
  };
};
