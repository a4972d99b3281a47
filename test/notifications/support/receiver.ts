import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import type { Notice } from '../../../contracts/notices.ts';

/** A webhook as it arrived. */
export interface Arrived {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a receiver does instead of taking a webhook: answers with a status, cuts the connection, or says nothing. */
type Misbehaviour = { status: number; headers?: Record<string, string> } | 'cut' | 'silent';

export interface ReceiverServer {
  url: string;
  arrived: Arrived[];
  /** What it does with the next ones. */
  misbehave(...next: Misbehaviour[]): void;
  close(): Promise<void>;
}

/** A real receiver on this machine. */
export async function startReceiver(): Promise<ReceiverServer> {
  const arrived: Arrived[] = [];
  const queue: Misbehaviour[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      arrived.push({ path: request.url ?? '', headers: request.headers, body });
      const next = queue.shift() ?? { status: 204 };
      if (next === 'cut') request.socket.destroy();
      else if (next !== 'silent') response.writeHead(next.status, next.headers).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    misbehave: (...next) => void queue.push(...next),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a webhook says, if the reference library takes it for signed by this secret. @throws otherwise */
export function verified(secret: string, { headers, body }: Arrived): Omit<Notice, 'id'> {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as Omit<Notice, 'id'>;
}
