import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { METADATA_ENCODING_KEY } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { packPayload, unpackPayload } from './packed-payload.ts';

/** A key by the name that payloads carry. */
export interface CodecKey {
  id: string;
  /** 32 bytes. */
  key: Buffer;
}

/** A payload that cannot be decrypted; the message says what is wrong with the keys, and holds none. */
export class CodecError extends Error {
  override name = 'CodecError';
}

const cipher = 'aes-256-gcm';
const encoding = Buffer.from('binary/encrypted');
/** Of a nonce, which is random for each payload, and of the tag that tells whether anything was changed. */
const [nonceBytes, tagBytes] = [12, 16];

/**
 * Encrypts payloads with AES-256-GCM: the first key encrypts, all decrypt, so that keys can be changed while workflows are
 * under way. The key's name is part of what the tag protects. What is not encrypted is read as it is; without a key nothing is
 * encrypted, and what is says so.
 *
 * @throws CodecError when decoding: no such key, another key of that name, or a payload that was changed
 */
export function aesCodec(keys: readonly CodecKey[]): PayloadCodec {
  const [first] = keys;
  return {
    encode: (payloads) =>
      Promise.resolve(first ? payloads.map((payload) => encrypt(first, payload)) : payloads),
    // Not at once: what is thrown is a rejection.
    decode: async (payloads) =>
      Promise.resolve().then(() => payloads.map((payload) => decrypt(keys, payload))),
  };
}

function encrypt({ id, key }: CodecKey, payload: Payload): Payload {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(id));
  const sealed = [sealing.update(packPayload(payload)), sealing.final()];
  return {
    metadata: {
      [METADATA_ENCODING_KEY]: encoding,
      'encryption-cipher': Buffer.from(cipher),
      'encryption-key-id': Buffer.from(id),
    },
    data: Buffer.concat([nonce, ...sealed, sealing.getAuthTag()]),
  };
}

function decrypt(keys: readonly CodecKey[], payload: Payload): Payload {
  const { metadata, data } = payload;
  if (!encoding.equals(metadata?.[METADATA_ENCODING_KEY] ?? Buffer.alloc(0))) return payload;
  const id = Buffer.from(metadata?.['encryption-key-id'] ?? []).toString();
  const known = keys.find((key) => key.id === id);
  if (!known) {
    const named = keys.map((key) => key.id).join(', ') || 'none';
    throw new CodecError(
      `a payload is encrypted with the key '${id}', which LMS_CODEC_KEYS does not name: it names ${named}`,
    );
  }
  return unpackPayload(unsealed(known, Buffer.from(data ?? [])));
}

function unsealed({ id, key }: CodecKey, data: Buffer): Buffer {
  try {
    const end = data.length - tagBytes;
    const opening = createDecipheriv(cipher, key, data.subarray(0, nonceBytes))
      .setAAD(Buffer.from(id))
      .setAuthTag(data.subarray(end));
    return Buffer.concat([opening.update(data.subarray(nonceBytes, end)), opening.final()]);
  } catch {
    const problem = `another key has that name here, or the payload was changed`;
    throw new CodecError(`a payload that is encrypted with the key '${id}' cannot be decrypted: ${problem}`);
  }
}
