import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What a token may be limited to. */
const scopes = ['imports', 'scim'] as const;
export type TokenScope = (typeof scopes)[number];

/** A token and the name of the program that holds it; the name may be logged, the token never. */
export interface HttpToken {
  name: string;
  token: string;
  /** The routes that it opens; null: all that ask for a token. */
  scope: TokenScope | null;
}

/** What RFC 6750 lets a bearer token be made of; shorter ones can be guessed. */
const entry = /^(?<name>[A-Za-z0-9._-]{1,50})(?::(?<scope>[^=]*))?=(?<token>[A-Za-z0-9._~+/-]{16,500}=*)$/;

/** The setting `LMS_HTTP_TOKENS`: `name=token` or `name:scope=token`, comma-separated. What is wrong is told by its place, never by its text. */
export const httpTokensSchema = z.string().transform((text, context): HttpToken[] => {
  const given = text.split(',').map((part) => part.trim());
  const tokens = given.flatMap((part, i) => {
    const { name, scope, token } = entry.exec(part)?.groups ?? {};
    const limit = scope === undefined ? null : scopes.find((one) => one === scope);
    if (name !== undefined && token !== undefined && limit !== undefined)
      return [{ name, token, scope: limit }];
    const form = `name=token, or name:scope=token with ${scopes.join(' or ')} as its scope`;
    const message = `entry ${i + 1} is not ${form}; a token is at least 16 letters, digits and ._~+/-`;
    context.addIssue({ code: 'custom', message });
    return [];
  });
  if (new Set(tokens.map(({ name }) => name)).size < tokens.length) {
    context.addIssue({ code: 'custom', message: 'has a name twice' });
  }
  return tokens;
});

/**
 * Whose token an `Authorization` header holds; null for nobody's. Takes as long for a token that is nearly right as for one
 * that is not.
 */
export function holderOf(tokens: readonly HttpToken[], authorization: string | undefined): HttpToken | null {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const holders = tokens.filter(({ token }) => isSame(token, given));
  return holders[0] ?? null;
}

/** Whether somebody gave what was expected; takes as long for what is nearly right. */
export function isSame(expected: string, given: string): boolean {
  return timingSafeEqual(digestOf(expected), digestOf(given));
}

/** All of one length, as the comparison needs them. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
