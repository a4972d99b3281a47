import { createHmac, timingSafeEqual } from 'node:crypto';

/** What links are made with. */
export interface LinkSettings {
  /** Whoever has it can make links. */
  secret: string;
  /** Where people reach the HTTP side, with or without a path. */
  publicUrl: string;
}

/** What a link says. */
export interface LinkClaim {
  file: string;
  /** In seconds since 1970. */
  expires: number;
}

/** A link that whoever has it may follow until it expires (P-03): a secret, never to be logged. */
export function signedLink({ secret, publicUrl }: LinkSettings, claim: LinkClaim): string {
  const link = new URL(`downloads/${claim.file}`, publicUrl.endsWith('/') ? publicUrl : `${publicUrl}/`);
  link.searchParams.set('expires', String(claim.expires));
  link.searchParams.set('signature', sign(secret, claim).toString('base64url'));
  return link.href;
}

/** Whether a signature is that of this claim; takes as long for a wrong one as for the right one. */
export function isSigned(secret: string, claim: LinkClaim, signature: string): boolean {
  const [right, given] = [sign(secret, claim), Buffer.from(signature, 'base64url')];
  return given.length === right.length && timingSafeEqual(given, right);
}

function sign(secret: string, { file, expires }: LinkClaim): Buffer {
  return createHmac('sha256', secret).update(`download\n${file}\n${expires}`).digest();
}
