import { z } from 'zod';
import { parse } from './read-delivery.ts';
import type { NeutralEvent } from './read-delivery.ts';

const eventSchema = z.object({
  type: z.string().min(1).max(200),
  timestamp: z.iso.datetime({ offset: true }).optional(),
  data: z.unknown(),
});

const batchSchema = z.object({ type: z.literal('batch'), data: z.array(eventSchema).min(1) });

/**
 * The payload that Standard Webhooks recommends, `{ type, timestamp, data }`; several events in one delivery as
 * `{ type: "batch", data: [event, …] }`.
 */
export function standardFormat(body: unknown): NeutralEvent[] {
  const one = parse(eventSchema, body, 'body');
  const given = one.type === 'batch' ? parse(batchSchema, body, 'body').data : [one];
  return given.map(({ type, timestamp, data }) => ({
    type,
    at: timestamp === undefined ? null : new Date(timestamp).toISOString(),
    data,
  }));
}
