import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Json } from '../contracts/changes.ts';
import type { Delivery } from '../ledger/inbox.ts';
import { events } from './events.ts';
import { moodleFormat } from './moodle-format.ts';
import { Malformed, readDelivery } from './read-delivery.ts';
import type { Format } from './read-delivery.ts';
import { decoyKeys, isSigned } from './signature.ts';
import type { SourceKeys } from './source-secrets.ts';
import { standardFormat } from './standard-format.ts';

const maxBodyBytes = 1024 * 1024;

/** As long as the id of a delivery can be; whoever sends a longer one is not of the standard. */
const maxIdLength = 256;

export interface WebhookParts {
  /** Who may send, and how it is known to be them. */
  keys: SourceKeys;
  /** Puts a delivery into the inbox; resolves when it is there for good, or was there before. */
  accept: (delivery: Delivery) => Promise<void>;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/**
 * `POST /webhooks/:source` (spec: HTTP). A source that is not known is answered as one with a bad signature: nobody learns here
 * which there are.
 */
export function webhookRoutes({ keys, accept, now = Date.now }: WebhookParts): FastifyPluginAsync {
  return (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (_request, body, done) => {
      done(null, body);
    });
    const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const { source } = request.params as { source: string };
      const { body } = request;
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
      const signed = {
        id: one(request, 'id'),
        timestamp: one(request, 'timestamp'),
        signature: one(request, 'signature'),
      };
      if (!isSigned(keys.get(source) ?? decoyKeys, signed, bytes, now())) {
        return reply.code(401).send({ error: 'Unauthorized', message: 'no valid signature, or a stale one' });
      }
      const delivery = deliveryOf(source, signed.id, bytes);
      if (delivery instanceof Malformed) {
        return reply.code(400).send({ error: 'Malformed', message: delivery.message });
      }
      await accept(delivery);
      return reply.code(202).send({ accepted: true });
    };
    app.post('/webhooks/:source', { config: { openapi: operation } }, handle);
    return Promise.resolve();
  };
}

/** Moodle's own events come from a source that is named for it; all others send the standard's. */
function formatOf(source: string): Format {
  return /^moodle(-|$)/.test(source) ? moodleFormat : standardFormat;
}

function deliveryOf(source: string, messageId: string, body: Buffer): Delivery | Malformed {
  try {
    if (messageId === '' || messageId.length > maxIdLength)
      throw new Malformed('webhook-id is missing or too long');
    const told = readDelivery(body, formatOf(source));
    const type = told.length === 1 && told[0] ? told[0].type : 'batch';
    const payload = told.some(({ order }) => order !== null) ? (told as unknown as Json) : null;
    return { source, messageId, type, payload };
  } catch (error) {
    if (error instanceof Malformed) return error;
    throw error;
  }
}

function one(request: FastifyRequest, name: string): string {
  const value = request.headers[`webhook-${name}`];
  return typeof value === 'string' ? value : '';
}

const operation = {
  summary: 'An LMS tells what has happened in it (Standard Webhooks)',
  description:
    'Signed with a shared secret (v1) or an Ed25519 key (v1a) over the raw body, at most 5 minutes off. The same webhook-id again ' +
    'starts nothing. Several events in one delivery: { "type": "batch", "data": [event, …] }. Other types are recorded as ignored. ' +
    "A source named moodle, or moodle-…, sends Moodle's own events instead, one or an array.",
  parameters: [
    { name: 'source', in: 'path', required: true, schema: { type: 'string' } },
    ...['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
      name,
      in: 'header',
      required: true,
      schema: { type: 'string' },
    })),
  ],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: {
          oneOf: Object.entries(events).map(([type, data]) => ({
            type: 'object',
            required: ['type', 'data'],
            properties: {
              type: { const: type },
              timestamp: { type: 'string', format: 'date-time' },
              data: withoutDialect(z.toJSONSchema(data, { io: 'input' })),
            },
          })),
        },
      },
    },
  },
  responses: {
    '202': { description: 'It is in the inbox, or was there before' },
    '400': { description: 'Malformed: not JSON in UTF-8, or an event without what it must name' },
    '401': { description: 'No valid signature, a stale one, or an unknown source' },
    '413': { description: 'More than 1 MiB' },
    '503': { description: 'The database is away: send it again' },
  },
};

/** The document names its dialect itself. */
function withoutDialect({ $schema: _dialect, ...schema }: Record<string, unknown>): object {
  return schema;
}
