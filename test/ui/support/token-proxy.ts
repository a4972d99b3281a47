import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The proxy that stands in front of the codec server where the Web UI has no token of its own to send (docs/operations.md):
 * it puts the bearer token in.
 */
export async function tokenProxy(target: string, token: string): Promise<{ url: string; close(): void }> {
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${token}` };
    const asked = request(new URL(incoming.url ?? '/', target), { method: incoming.method, headers });
    asked.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    asked.on('error', () => outgoing.destroy());
    incoming.pipe(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
