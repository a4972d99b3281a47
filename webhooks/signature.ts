/**
 * Standard Webhooks signatures, over the bytes as they came: `v1` (HMAC-SHA256 with a shared secret) and `v1a` (Ed25519).
 *
 * Written with node's own crypto: the reference library decodes the body to text before it signs it and does its hashing in
 * JavaScript. The tests hold the two against each other.
 */
import { createHmac, randomBytes, timingSafeEqual, verify } from 'node:crypto';
import type { SourceKey } from './source-secrets.ts';

/** The headers of a delivery, as they came. */
export interface SignedHeaders {
  id: string;
  /** Seconds since 1970. */
  timestamp: string;
  /** `v1,BASE64`, several separated by spaces while keys are rotated. */
  signature: string;
}

/** How far a sender's clock may be off, and how late a delivery may be, in seconds; both ways. */
const toleranceS = 5 * 60;
/** More signatures than a rotation needs; whatever comes after them is not looked at. */
const maxSignatures = 10;

/** What deliveries of unknown sources are checked with, so that an answer comes no sooner for them. */
export const decoyKeys: readonly SourceKey[] = [{ scheme: 'v1', secret: randomBytes(32) }];

/** Whether one of the signatures was made with one of the keys, at about this moment. */
export function isSigned(
  keys: readonly SourceKey[],
  { id, timestamp, signature }: SignedHeaders,
  body: Buffer,
  nowMs: number,
): boolean {
  const signed = signedBytes(id, timestamp, body);
  const given = signature.split(' ').slice(0, maxSignatures);
  const matches = keys.flatMap((key) => given.map((one) => matchesKey(key, one, signed)));
  return matches.includes(true) && isRecent(timestamp, nowMs);
}

/** What we send is signed with: `v1,BASE64`, of each secret, separated by spaces while they are rotated. */
export function sign(
  secrets: readonly Buffer[],
  { id, timestamp }: Pick<SignedHeaders, 'id' | 'timestamp'>,
  body: Buffer,
): string {
  const signed = signedBytes(id, timestamp, body);
  return secrets.map((secret) => `v1,${hmac(secret, signed).toString('base64')}`).join(' ');
}

function signedBytes(id: string, timestamp: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
}

function hmac(secret: Buffer, signed: Buffer): Buffer {
  return createHmac('sha256', secret).update(signed).digest();
}

function isRecent(timestamp: string, nowMs: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(nowMs / 1000 - Number(timestamp)) <= toleranceS;
}

function matchesKey(key: SourceKey, signature: string, signed: Buffer): boolean {
  const prefix = `${key.scheme},`;
  if (!signature.startsWith(prefix)) return false;
  const given = Buffer.from(signature.slice(prefix.length), 'base64');
  if (key.scheme === 'v1a') return verify(null, signed, key.publicKey, given);
  const expected = hmac(key.secret, signed);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
