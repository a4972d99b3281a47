import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/**
 * How a connection is cut: `unsent` before the statement gets to the server, `unanswered` when it has been carried out
 * and nothing of the answer has come back, `half-answered` amid the answer.
 */
export type Cut = 'unsent' | 'unanswered' | 'half-answered';

/** Asked for each statement, with the one before it on the same connection. */
export type Cutter = (statement: string, previous: string) => Cut | null;

export interface CuttingProxy {
  /** Like the database's own URL, through the proxy. */
  url: string;
  close(): Promise<void>;
}

/** Stands between a client and PostgreSQL, understands as much of what the client sends as it takes to cut it off. */
export async function startCuttingProxy(databaseUrl: string, cutter: Cutter): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => sockets.delete(socket));
    }
    join(client, upstream, cutter);
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return { url: url.href, close: () => close(server, sockets) };
}

function join(client: Socket, upstream: Socket, cutter: Cutter): void {
  let answer: Cut | null = null;
  const cut = (): void => {
    client.destroy();
    upstream.destroy();
  };
  const statements = statementReader();
  let previous = '';
  client.on('data', (chunk: Buffer) => {
    for (const statement of statements(chunk)) {
      answer ??= cutter(statement, previous);
      previous = statement;
    }
    if (answer === 'unsent') cut();
    else upstream.write(chunk);
  });
  upstream.on('data', (chunk: Buffer) => {
    if (answer === null) client.write(chunk);
    else if (answer === 'unanswered') cut();
    else client.write(chunk.subarray(0, Math.floor(chunk.length / 2)), cut);
  });
  for (const socket of [client, upstream]) {
    socket.on('error', cut);
    socket.on('close', cut);
  }
}

/** Takes the bytes as they come, and gives the texts of the statements that are complete in them. */
function statementReader(): (chunk: Buffer) => string[] {
  let rest: Buffer = Buffer.alloc(0);
  let started = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const found: string[] = [];
    for (;;) {
      // The first message has a length and no type; every other one a type and a length.
      const head = started ? 1 : 0;
      if (rest.length < head + 4) return found;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) return found;
      if (started) found.push(...statementIn(rest.subarray(0, length)));
      started = true;
      rest = rest.subarray(length);
    }
  };
}

/** `Q` is a statement by itself; `P` (parse) has a name before it. */
function statementIn(message: Buffer): string[] {
  const type = String.fromCharCode(message[0] ?? 0);
  const [first = '', second = ''] = message.toString('utf8', 5).split('\0');
  if (type === 'Q') return [first];
  return type === 'P' ? [second] : [];
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise((settle) => server.close(settle));
}
