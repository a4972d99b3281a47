import type { FastifyReply } from 'fastify';
import { asHttpProblem } from '../../http/http-problem.ts';

/** What an answer in SCIM is (RFC 7644 §3.1). */
export const scimType = 'application/scim+json';

/** The keywords of RFC 7644 §3.12 that are used here. */
export type ScimKeyword = 'invalidFilter' | 'invalidSyntax' | 'invalidPath' | 'invalidValue' | 'mutability';

/** A request that is answered with an error. */
export class ScimError extends Error {
  readonly statusCode: number;
  readonly scimType: ScimKeyword | undefined;

  constructor(statusCode: number, detail: string, keyword?: ScimKeyword) {
    super(detail);
    this.statusCode = statusCode;
    this.scimType = keyword;
  }
}

/** Answers with an error as RFC 7644 §3.12 has it. */
export async function sendScimError(reply: FastifyReply, error: Error): Promise<void> {
  const { statusCode, message } = error instanceof ScimError ? error : asHttpProblem(error);
  // A body that is no JSON is told by its parser, without a keyword.
  const keyword =
    error instanceof ScimError ? error.scimType : statusCode === 400 ? 'invalidSyntax' : undefined;
  if (statusCode === 503) void reply.header('retry-after', '10');
  await reply
    .code(statusCode)
    .type(scimType)
    .send(
      JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        ...(keyword === undefined ? {} : { scimType: keyword }),
        detail: message,
        status: String(statusCode),
      }),
    );
}
