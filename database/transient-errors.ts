/**
 * SQLSTATE classes and codes after which the same work may succeed: lost connections, a server that stops,
 * starts or is full, serialization failures, deadlocks and timeouts. Source: PostgreSQL manual, appendix A.
 */
const transientStates = [/^08/, /^25P03$/, /^40001$/, /^40P01$/, /^53/, /^55P03$/, /^57/, /^58/];

const transientNetworkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Messages by which the driver reports a broken connection without a code. */
const transientMessages = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed',
  'timeout exceeded when trying to connect',
];

/** Whether an error may go away by itself, so that the work is worth another try. */
export function isTransient(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isTransient);
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    transientNetworkCodes.has(code) ||
    transientStates.some((state) => state.test(code)) ||
    transientMessages.some((message) => error.message.startsWith(message))
  );
}
