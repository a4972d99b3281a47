import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** A token and the name of the program that holds it; the name may be logged, the token never. */
export interface HttpToken {
  name: string;
  token: string;
}

/** What RFC 6750 lets a bearer token be made of; shorter ones can be guessed. */
const pair = /^(?<name>[A-Za-z0-9._-]{1,50})=(?<token>[A-Za-z0-9._~+/-]{16,500}=*)$/;

/** The setting `LMS_HTTP_TOKENS`: `name=token`, comma-separated. What is wrong is told by its place, never by its text. */
export const httpTokensSchema = z.string().transform((text, context): HttpToken[] => {
  const given = text.split(',').map((part) => part.trim());
  const tokens = given.flatMap((part, i) => {
    const { name, token } = pair.exec(part)?.groups ?? {};
    if (name !== undefined && token !== undefined) return [{ name, token }];
    const message = `entry ${i + 1} is not name=token with a token of at least 16 letters, digits and ._~+/-`;
    context.addIssue({ code: 'custom', message });
    return [];
  });
  if (new Set(tokens.map(({ name }) => name)).size < tokens.length) {
    context.addIssue({ code: 'custom', message: 'has a name twice' });
  }
  return tokens;
});

/**
 * The name of whoever holds the token of an `Authorization` header; null for none. Takes as long for a token that is nearly
 * right as for one that is not.
 */
export function holderOf(tokens: readonly HttpToken[], authorization: string | undefined): string | null {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const digest = digestOf(given);
  const holders = tokens.filter(({ token }) => timingSafeEqual(digestOf(token), digest));
  return holders[0]?.name ?? null;
}

/** All of one length, as the comparison needs them. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
