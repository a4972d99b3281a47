import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { aesCodec } from '../client/payload-codec.ts';
import type { CodecKey } from '../client/payload-codec.ts';
import type { Config } from '../config.ts';

/** How payloads and failures are encoded: the same in every client and worker; undefined without keys, when they are plain. */
export function dataConverterOf({ LMS_CODEC_KEYS: [first, ...rest] }: Config): DataConverter | undefined {
  return first && encrypting([first, ...rest]);
}

/** @param keys the first encrypts, all decrypt */
export function encrypting(keys: readonly [CodecKey, ...CodecKey[]]): DataConverter {
  const failureConverterPath = fileURLToPath(new URL('../client/encoded-failures.cjs', import.meta.url));
  return { payloadCodecs: [aesCodec(keys)], failureConverterPath };
}
