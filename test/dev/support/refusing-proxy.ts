import { connect, constants, createServer } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** gRPC methods by how they are refused: a status code and what the server says. */
export type Refused = Readonly<Record<string, { code: number; message: string }>>;

/**
 * A way to a Temporal server on which some methods are refused, as servers do where roles are told apart; all others reach the
 * real server.
 */
export async function refusingProxy(
  upstream: string,
  refused: Refused,
): Promise<{ address: string; close(): void }> {
  const behind = connect(`http://${upstream}`);
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const method = String(headers[constants.HTTP2_HEADER_PATH]).split('/').pop() ?? '';
    const refusal = refused[method];
    if (refusal) refuse(stream, refusal);
    else pass(stream, behind.request(outgoing(headers)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    close: () => {
      behind.destroy();
      server.close();
    },
  };
}

function refuse(stream: ServerHttp2Stream, { code, message }: Refused[string]): void {
  const status = { 'grpc-status': String(code), 'grpc-message': encodeURIComponent(message) };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
}

function outgoing(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith(':') || name !== ':authority');
  return Object.fromEntries(kept) as Record<string, string | string[]>;
}

function pass(stream: ServerHttp2Stream, request: ReturnType<ReturnType<typeof connect>['request']>): void {
  stream.pipe(request);
  request.on('response', (headers, flags) => {
    // An error is told by headers alone.
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond(headers, { endStream, waitForTrailers: !endStream });
    if (!endStream) request.pipe(stream);
  });
  let trailers: IncomingHttpHeaders = {};
  request.on('trailers', (sent: IncomingHttpHeaders) => {
    trailers = sent;
  });
  stream.on('wantTrailers', () => {
    stream.sendTrailers(trailers);
  });
  request.on('error', () => {
    stream.destroy();
  });
  stream.on('error', () => {
    request.destroy();
  });
}
