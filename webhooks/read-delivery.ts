import { z } from 'zod';
import { events, isEventType } from './events.ts';
import type { Order } from './events.ts';

/** One event of a delivery, as the inbox keeps it: without an order it is of a type that means nothing to us. */
export interface ReadEvent {
  type: string;
  /** When it happened, ISO 8601; null where the source does not say. */
  at: string | null;
  order: Order | null;
  /** The trace of the request that told of it. */
  trace?: string;
}

/** The body is not what its source sends; the message names places in it, never what stands there. */
export class Malformed extends Error {}

/** An event in the neutral form; formats of sources are brought into it. */
export interface NeutralEvent {
  type: string;
  at: string | null;
  data: unknown;
}

/** How a source writes its events: what its body means, after it has been read as JSON. */
export type Format = (body: unknown) => NeutralEvent[];

/** The most events that one delivery holds. */
const maxEvents = 500;

/** Reads the body of a delivery. @throws Malformed */
export function readDelivery(body: Buffer, format: Format): ReadEvent[] {
  const given = format(parseJson(body));
  if (given.length > maxEvents) throw new Malformed(`holds more than ${maxEvents} events`);
  return given.map(({ type, at, data }, i) => {
    const where = given.length === 1 ? 'data' : `event ${i + 1}: data`;
    return { type, at, order: isEventType(type) ? parse<Order>(events[type], data, where) : null };
  });
}

/** A value as a schema reads it. @throws Malformed, naming each place that does not fit */
export function parse<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => [name, ...issue.path].join('.'));
  throw new Malformed(`${[...new Set(places)].join(', ')}: missing or not what it must be`);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Malformed('is not JSON in UTF-8');
  }
}
