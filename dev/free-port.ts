import { createServer } from 'node:net';
import { devError, remedyFor, systemErrorCode } from './dev-errors.ts';

const loopback = '127.0.0.1';

/** A TCP port of 127.0.0.1 that nothing listens on at this moment. */
export function freePort(): Promise<number> {
  return listenBriefly(0);
}

/**
 * Fails with a DevError (EADDRINUSE, or EACCES for a privileged port) unless `port` of 127.0.0.1 can be
 * listened on. `what` names who wants it ("PostgreSQL", "the Temporal Web UI").
 */
export async function assertPortFree(port: number, what: string): Promise<void> {
  try {
    await listenBriefly(port);
  } catch (error) {
    const code = systemErrorCode(error) ?? 'UNKNOWN';
    throw devError(code, portProblem(code, port, what), portRemedy(code), error);
  }
}

/**
 * Runs `attempt`, again where a port that was found free was taken by somebody else before the server
 * could bind it. Only for ports that were not asked for by number.
 */
export async function retryOnBusyPort<T>(attempt: () => Promise<T>, tries = 3): Promise<T> {
  for (let left = tries - 1; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left <= 0 || systemErrorCode(error) !== 'EADDRINUSE') throw error;
    }
  }
}

function portProblem(code: string, port: number, what: string): string {
  if (code === 'EADDRINUSE') return `Port ${port} of ${loopback}, wanted for ${what}, is in use.`;
  return `Port ${port} of ${loopback}, wanted for ${what}, cannot be listened on (${code}).`;
}

function portRemedy(code: string): string {
  if (code === 'EACCES') return 'Ports below 1024 need privileges: choose another, or start --ports auto.';
  return remedyFor('EADDRINUSE', '') ?? '';
}

function listenBriefly(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const address = server.address();
      const found = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(found));
    });
  });
}
