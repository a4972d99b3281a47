/** Root: sends deliveries, in a process of its own, so that measuring takes as little as can be from what is measured. */
import { setTimeout as sleep } from 'node:timers/promises';
import { answering, settingsOfParent } from './forked.ts';
import { HttpConnection } from './http-connection.ts';
import { signedDeliveries } from './signed-deliveries.ts';
import type { Source } from './signed-deliveries.ts';

/** What is to be sent. */
export interface Load {
  /** What its message ids begin with. */
  prefix: string;
  deliveries: number;
  /** How many connections there are; each has one request under way at a time. */
  connections: number;
  /** Deliveries a second, whether or not those before are answered; null: each connection as fast as it can. */
  rate: number | null;
}

/** What became of it. */
export interface Sent {
  perSecond: number;
  /** From the moment when a delivery was due, so that a stall counts for all that it has kept waiting. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** How many were answered with anything but 202, by status. */
  refused: Record<string, number>;
}

const source = settingsOfParent() as Source;
answering((load) => send(source, load as Load));

async function send(source: Source, { prefix, deliveries, connections, rate }: Load): Promise<Sent> {
  const requests = signedDeliveries(source, prefix, deliveries);
  const idle = await Promise.all(Array.from({ length: connections }, () => HttpConnection.open(source.url)));
  const all = [...idle];
  const began = performance.now();
  const took: number[] = [];
  const refused: Record<string, number> = {};
  const under = new Set<Promise<void>>();
  const transmit = async (connection: HttpConnection, i: number): Promise<void> => {
    const due = rate === null ? performance.now() : began + (i * 1000) / rate;
    const status = await connection.send(requests[i] ?? '').catch(() => 0);
    took.push(performance.now() - due);
    if (status !== 202) refused[status] = (refused[status] ?? 0) + 1;
    idle.push(connection);
  };
  for (let next = 0; next < deliveries;) {
    const due = rate === null ? deliveries : Math.ceil(((performance.now() - began) * rate) / 1000);
    for (; next < Math.min(due, deliveries); next++) {
      // In turn, so that none is idle for so long that the server hangs up.
      const connection = idle.shift();
      if (!connection) break;
      const one = transmit(connection, next).finally(() => under.delete(one));
      under.add(one);
    }
    // Where every connection is busy the next answer is waited for, otherwise the next that is due.
    await (idle.length === 0 ? Promise.race(under) : sleep(1));
  }
  await Promise.all(under);
  const seconds = (performance.now() - began) / 1000;
  for (const connection of all) connection.close();
  return { perSecond: Math.round(deliveries / seconds), ...quantiles(took), refused };
}

function quantiles(took: number[]): Pick<Sent, 'p50Ms' | 'p99Ms' | 'maxMs'> {
  took.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((took[Math.floor((took.length - 1) * share)] ?? NaN) * 10) / 10;
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
