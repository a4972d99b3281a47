import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { parseSourceKeys } from '../../../webhooks/source-secrets.ts';
import type { SourceKeys } from '../../../webhooks/source-secrets.ts';

/** A fresh shared secret. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** The headers of a delivery as the reference library signs it, with one secret or several. */
export function signed(
  secrets: string | readonly string[],
  id: string,
  body: string,
  at: Date = new Date(),
): Record<string, string> {
  const signatures = [secrets].flat().map((secret) => new Webhook(secret).sign(id, at, body));
  return headers(id, at, signatures.join(' '));
}

/** An Ed25519 pair: the public key as a setting names it, and what signs with the private one. */
export function keyPair(): {
  publicKey: string;
  signed: (id: string, body: string, at?: Date) => Record<string, string>;
} {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    publicKey: `whpk_${raw.toString('base64')}`,
    signed: (id, body, at = new Date()) => {
      const text = `${id}.${Math.floor(at.getTime() / 1000)}.${body}`;
      const signature = sign(null, Buffer.from(text), privateKey).toString('base64');
      return headers(id, at, `v1a,${signature}`);
    },
  };
}

/** The keys that a setting names. @throws when there is a mistake in it */
export function keysOf(setting: string): SourceKeys {
  return parseSourceKeys(setting, (message) => {
    throw new Error(message);
  });
}

function headers(id: string, at: Date, signature: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signature,
  };
}
