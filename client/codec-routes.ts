import type { Payload, PayloadCodec } from '@temporalio/common';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isSame } from '../http/tokens.ts';
import { CodecError } from './payload-codec.ts';

export interface CodecRoutesOptions {
  codec: PayloadCodec;
  /** Whoever has it can read every payload. */
  token: string;
  /** The addresses of the Web UIs that may ask from a browser, as `https://temporal.example.org`. */
  origins: readonly string[];
}

/** A page of events is larger than most requests. */
const bodyLimit = 16 * 1024 * 1024;

const base64 = z.base64();
const bodySchema = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), base64).optional(), data: base64.optional() })),
});

/**
 * `POST /codec/encode` and `POST /codec/decode`: Temporal's codec server, by which its Web UI and command line read and write
 * encrypted payloads. Asks for `Authorization: Bearer …`; payloads are never logged.
 */
export function codecRoutes({ codec, token, origins }: CodecRoutesOptions): FastifyPluginAsync {
  return (app) => {
    app.addHook('onRequest', (request, reply, done) => {
      allowOrigin(request, reply, origins);
      done();
    });
    for (const verb of ['encode', 'decode'] as const) {
      const url = `/codec/${verb}`;
      app.options(url, (_, reply) => reply.code(204).send());
      app.post(
        url,
        { bodyLimit, logLevel: 'error', config: { openapi: describing(verb) } },
        async ({ headers, body }, reply) => {
          if (!isSame(`Bearer ${token}`, headers.authorization ?? '')) {
            return reply
              .code(401)
              .header('www-authenticate', 'Bearer')
              .send({ message: 'give the token of LMS_CODEC_TOKEN' });
          }
          const parsed = bodySchema.safeParse(body);
          if (!parsed.success)
            return reply.code(400).send({ message: 'the body is { payloads: [{ metadata, data }] }' });
          try {
            const payloads = await codec[verb](parsed.data.payloads.map(fromJson));
            return await reply.send({ payloads: payloads.map(toJson) });
          } catch (error) {
            if (!(error instanceof CodecError)) throw error;
            return reply.code(422).send({ message: error.message });
          }
        },
      );
    }
    return Promise.resolve();
  };
}

function describing(verb: string): {
  summary: string;
  responses: Record<string, { description: string }>;
} {
  return {
    summary: `${verb}s payloads, for Temporal's Web UI and command line`,
    responses: {
      '200': { description: 'The payloads, in the order given' },
      '400': { description: 'Not { payloads: [{ metadata, data }] }' },
      '401': { description: 'The token is missing or another one' },
      '422': { description: 'A payload cannot be read; the message says why' },
    },
  };
}

/** What the Web UI sends: the token, and which namespace it shows. */
const allowedHeaders = 'authorization, authorization-extras, content-type, x-namespace';

function allowOrigin({ headers }: FastifyRequest, reply: FastifyReply, origins: readonly string[]): void {
  void reply.headers({ vary: 'origin', 'cache-control': 'no-store' });
  const { origin } = headers;
  if (origin === undefined || !origins.includes(origin)) return;
  void reply.headers({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': allowedHeaders,
    'access-control-max-age': '600',
  });
}

type JsonPayload = z.infer<typeof bodySchema>['payloads'][number];

function fromJson({ metadata, data }: JsonPayload): Payload {
  const values = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')]);
  return {
    metadata: Object.fromEntries(values) as Record<string, Buffer>,
    ...(data !== undefined && { data: Buffer.from(data, 'base64') }),
  };
}

function toJson({ metadata, data }: Payload): JsonPayload {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const values = Object.entries(metadata ?? {}).map(([name, value]) => [name, text(value)]);
  return {
    metadata: Object.fromEntries(values) as Record<string, string>,
    ...(data && { data: text(data) }),
  };
}
