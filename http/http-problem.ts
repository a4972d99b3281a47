import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../contracts/failures.ts';
import type { FailureType } from '../contracts/failures.ts';
import { isDatabaseError } from '../database/describe-error.ts';
import { unreachable } from './unreachable.ts';

/** A request that is answered with an error; the message is for whoever sent it. */
export class HttpProblem extends Error {
  readonly statusCode: number;
  /** Further members of the answer. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(statusCode: number, message: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.statusCode = statusCode;
    this.extensions = extensions;
  }
}

/** A refusal that no status fits better is one of the world as it stands. */
const conflict = 409;
const statuses: Readonly<Partial<Record<FailureType, number>>> = {
  InvalidInput: 422,
  InvalidRow: 422,
  NotFound: 404,
  NotAuthorized: 403,
  PlatformOwnerProtected: 403,
};

/** An expected refusal as an answer; `failure` is its type (contracts/failures.ts). */
export function refused(
  { type, message }: Refusal,
  extensions: Readonly<Record<string, unknown>> = {},
): HttpProblem {
  const kind = { type: `urn:lms-lifecycle:failure:${type}`, title: type, failure: type };
  return new HttpProblem(statuses[type] ?? conflict, message, { ...kind, ...extensions });
}

/** A body that is not what its schema says, with every problem and its path. */
export function parsedBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {}, {
    error: (issue) => (issue.input === undefined ? 'is missing' : undefined),
  });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const text = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  throw refused(new Refusal('InvalidInput', text.join('; ')), { problems });
}

/** PostgreSQL's SQLSTATEs for text that it cannot hold: with the character zero, as it is or in JSON. */
const unstorable: ReadonlySet<string> = new Set(['22021', '22P05']);

/**
 * What went wrong, as something that may be told. An error that nobody expected keeps its words to itself: they may hold
 * what belongs to others.
 */
export function asHttpProblem(error: FastifyError | Error): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof Refusal) return refused(error);
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  if (status >= 400 && status < 500) return new HttpProblem(status, error.message);
  if (isDatabaseError(error) && unstorable.has(error.code)) {
    return new HttpProblem(400, 'The request holds a character that no text can have here.');
  }
  return unreachable(error)
    ? new HttpProblem(503, 'The database or Temporal cannot be reached: try again.')
    : new HttpProblem(500, 'The request could not be answered.');
}

/** Answers with a problem as RFC 9457 has it. */
export async function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  { statusCode, message, extensions }: HttpProblem,
): Promise<void> {
  if (statusCode === 503) void reply.header('retry-after', '10');
  await reply
    .code(statusCode)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        ...{ type: 'about:blank', title: STATUS_CODES[statusCode] ?? 'Error' },
        ...{ status: statusCode, detail: message, instance: request.url.split('?')[0] },
        ...extensions,
      }),
    );
}
