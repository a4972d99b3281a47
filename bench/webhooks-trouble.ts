/** Root: what a server must bear with while it takes deliveries in, in a process of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { answering, settingsOfParent } from './forked.ts';
import { HttpConnection } from './http-connection.ts';
import { signedDeliveries } from './signed-deliveries.ts';
import type { Source } from './signed-deliveries.ts';

/** How much trouble there is. */
export interface Trouble {
  seconds: number;
  /** Connections that send a byte a second, half of them of their headers, half of a body; the next one when the server hangs up. */
  slow: number;
  /** Deliveries of 8 MiB a second, every other one without saying so before. */
  hugePerSecond: number;
  /** Deliveries with a bad signature, over all the time. */
  bad: number;
}

/** How the server has answered, by what and status; 0 is a connection that it has closed. */
export type Borne = Record<string, number>;

const mebibyte = 1024 * 1024;
const hugeBytes = 8 * mebibyte;

const source = settingsOfParent() as Source;
answering((trouble) => cause(source, trouble as Trouble));

async function cause(source: Source, { seconds, slow, hugePerSecond, bad }: Trouble): Promise<Borne> {
  const borne: Borne = {};
  const until = performance.now() + seconds * 1000;
  const repeat = async (
    name: string,
    everyMs: number,
    once: (turn: number) => Promise<number>,
  ): Promise<void> => {
    const began = performance.now();
    for (let turn = 0; performance.now() < until && began + turn * everyMs < until; turn++) {
      await sleep(Math.max(0, began + turn * everyMs - performance.now()));
      const status = await once(turn).catch(() => 0);
      borne[`${name} ${status}`] = (borne[`${name} ${status}`] ?? 0) + 1;
    }
  };
  const forged = signedDeliveries({ ...source, secret: 'bm90IHRoZSBzZWNyZXQ=' }, 'forged', bad);
  const forger = await HttpConnection.open(source.url);
  await Promise.all([
    ...Array.from({ length: slow }, (_, i) =>
      repeat('slow', 0, () => dawdle(source.url, i % 2 === 0, until)),
    ),
    repeat('huge', 1000 / hugePerSecond, (turn) => sendHuge(source.url, turn % 2 === 0)),
    repeat('bad', (seconds * 1000) / bad, (turn) => forger.send(forged[turn % bad] ?? '')),
  ]);
  return borne;
}

/** A request that does not get on. */
async function dawdle(url: string, inHeaders: boolean, until: number): Promise<number> {
  const connection = await HttpConnection.open(url);
  const ended = connection.answer();
  ended.catch(() => undefined);
  connection.write('POST /webhooks/lms HTTP/1.1\r\nHost: slow\r\nX-Slow: ');
  if (!inHeaders) connection.write('x\r\nContent-Length: 100000\r\n\r\n');
  while (connection.isOpen && performance.now() < until) {
    connection.write('x');
    await Promise.race([sleep(1000), ended.catch(() => undefined)]);
  }
  connection.close();
  return ended;
}

/** Sends until it is refused. */
async function sendHuge(url: string, announced: boolean): Promise<number> {
  const connection = await HttpConnection.open(url);
  const ended = connection.answer();
  ended.catch(() => undefined);
  const length = announced ? `Content-Length: ${hugeBytes}` : 'Transfer-Encoding: chunked';
  connection.write(`POST /webhooks/lms HTTP/1.1\r\nHost: huge\r\n${length}\r\n\r\n`);
  const piece = 'x'.repeat(mebibyte / 16);
  const chunk = announced ? piece : `${piece.length.toString(16)}\r\n${piece}\r\n`;
  for (let sent = 0; sent < hugeBytes && connection.isOpen; sent += piece.length) {
    connection.write(chunk);
    await sleep(1);
  }
  connection.close();
  return ended;
}
