// The SDK loads this by its path, in workers and clients and in the bundle of the workflows, and wants a CommonJS module.
const { DefaultFailureConverter } = require('@temporalio/common');

/** Failures whose messages and stack traces are payloads, so that the codec encrypts them too: a reason may name somebody. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
