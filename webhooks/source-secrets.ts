import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** What a signature of a source may be checked with: a shared secret (v1), or the public key of an Ed25519 pair (v1a). */
export type SourceKey = { scheme: 'v1'; secret: Buffer } | { scheme: 'v1a'; publicKey: KeyObject };

/** The keys of each source, several while they are rotated. */
export type SourceKeys = ReadonlyMap<string, readonly SourceKey[]>;

/** Names a source in URLs, workflow ids and the inbox, and a receiver in Temporal. */
const plainName = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** What Standard Webhooks demands of a shared secret. */
const secretBytes = { least: 24, most: 64 };

/** What stands before the 32 bytes of an Ed25519 public key in its DER form (RFC 8410). */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Reads `source=key key;source=key`: sources separated by semicolons, the keys of one by spaces or commas; `whsec_…` is a shared
 * secret and `whpk_…` an Ed25519 public key, both in Base64.
 *
 * @param problem told of each mistake, in words that never hold a key
 */
export function parseSourceKeys(text: string, problem: (message: string) => void): SourceKeys {
  const sources = new Map<string, SourceKey[]>();
  for (const { name, words } of namedEntries(text, 'a source', problem)) {
    const keys = words.map((key, i) => readKey(key, `${name}, key ${i + 1}`));
    for (const key of keys) if (typeof key === 'string') problem(key);
    if (keys.length === 0) problem(`${name} has no key`);
    const good = keys.filter((key) => typeof key !== 'string');
    sources.set(name, [...(sources.get(name) ?? []), ...good]);
  }
  return sources;
}

/** Reads `name=word word;name=word`: entries separated by semicolons or lines, the words of one by spaces or commas. */
export function namedEntries(
  text: string,
  what: string,
  problem: (message: string) => void,
): { name: string; words: string[] }[] {
  const entries = text.split(/[;\n]/).map((entry) => entry.trim());
  return entries.flatMap((entry, index) => {
    if (entry === '') return [];
    const name = entry.slice(0, Math.max(0, entry.indexOf('='))).trim();
    if (!plainName.test(name)) {
      problem(`entry ${index + 1} does not begin with the name of ${what} (a-z, 0-9, -) and =`);
      return [];
    }
    const words = entry.slice(entry.indexOf('=') + 1).split(/[\s,]+/);
    return [{ name, words: words.filter((word) => word !== '') }];
  });
}

/** A key, or what is wrong with it. */
export function readKey(text: string, which: string): SourceKey | string {
  const [, kind, base64 = ''] = /^(whsec_|whpk_)([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (kind === 'whsec_') {
    const fits = bytes.length >= secretBytes.least && bytes.length <= secretBytes.most;
    return fits
      ? { scheme: 'v1', secret: bytes }
      : `${which}: a secret has ${secretBytes.least} to ${secretBytes.most} bytes`;
  }
  if (kind !== 'whpk_') return `${which} is neither whsec_ nor whpk_ and Base64`;
  if (bytes.length !== 32) return `${which}: an Ed25519 public key has 32 bytes`;
  const key = Buffer.concat([ed25519Prefix, bytes]);
  return { scheme: 'v1a', publicKey: createPublicKey({ key, format: 'der', type: 'spki' }) };
}
