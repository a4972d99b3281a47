import { namedEntries, readKey } from '../webhooks/source-secrets.ts';

/** Who is told by webhook. */
export interface Receiver {
  /** How Temporal and logs name it: addresses may hold keys. */
  name: string;
  url: string;
  /** Each signs what is sent: several while they are rotated. */
  secrets: readonly Buffer[];
}

/**
 * Reads `name=https://… whsec_… whsec_…;name=…`, the form of the webhooks that come in, with an address before the secrets. A comma
 * or semicolon of an address is written as `%2C` or `%3B`.
 *
 * @param problem told of each mistake, in words that hold neither an address nor a secret
 */
export function parseReceivers(text: string, problem: (message: string) => void): Receiver[] {
  const entries = namedEntries(text, 'a receiver', problem);
  return entries.map(({ name, words: [url = '', ...keys] }, i) => {
    if (entries.findIndex((other) => other.name === name) < i) problem(`${name} is named twice`);
    const mistake = mistakeOfAddress(url);
    if (mistake) problem(`${name}: ${mistake}`);
    if (keys.length === 0) problem(`${name} has no secret`);
    return {
      name,
      url,
      secrets: keys.flatMap((key, k) => secretOf(key, `${name}, secret ${k + 1}`, problem)),
    };
  });
}

function mistakeOfAddress(url: string): string | null {
  if (!URL.canParse(url)) return 'what follows = is no address';
  const { protocol, username, password } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return 'the address begins with https:// or http://';
  return username + password === '' ? null : 'the address holds neither a user nor a password';
}

function secretOf(key: string, which: string, problem: (message: string) => void): Buffer[] {
  const read = readKey(key, which);
  if (typeof read === 'string') problem(read);
  else if (read.scheme === 'v1') return [read.secret];
  else problem(`${which} is a public key: what is sent is signed with whsec_`);
  return [];
}
