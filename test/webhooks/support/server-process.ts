import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { spawnChild } from '../../../dev/child-process.ts';

/** `server.ts` as a process of its own. */
export interface ServerProcess {
  url: string;
  /** SIGKILL; returns when it is dead. */
  kill(): Promise<void>;
  /** SIGTERM; how it ended. */
  stop(): Promise<string>;
}

/** A port of one's own, so that a server that is started again is where the one before it was. */
export async function somePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the server; returns when it answers. */
export async function startServer(port: number, env: Record<string, string>): Promise<ServerProcess> {
  const url = `http://127.0.0.1:${port}`;
  const child = await spawnChild({
    name: 'server',
    command: process.execPath,
    args: ['--import', 'tsx', fileURLToPath(new URL('../../../server.ts', import.meta.url))],
    env: { LMS_HTTP_PORT: String(port), LMS_LOG_LEVEL: 'error', ...env },
    stopSignal: 'SIGTERM',
    log: () => undefined,
  });
  for (;;) {
    if (child.hasExited()) throw new Error(`the server did not start:\n${child.lastLines()}`);
    const answer = await fetch(new URL('/healthz', url)).catch(() => null);
    if (answer?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    kill: async () => {
      child.signal('SIGKILL');
      await child.exited;
    },
    stop: async () => {
      child.signal('SIGTERM');
      return child.exited;
    },
  };
}
