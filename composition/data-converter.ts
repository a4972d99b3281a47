import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { aesCodec } from '../client/payload-codec.ts';
import type { CodecKey } from '../client/payload-codec.ts';

/** How payloads and failures are encoded: the same in every client and worker; plain where there are no keys. */
export function dataConverterOf(keys: readonly CodecKey[]): DataConverter {
  const payloadCodecs = [aesCodec(keys)];
  if (keys.length === 0) return { payloadCodecs };
  const failureConverterPath = fileURLToPath(new URL('../client/encoded-failures.cjs', import.meta.url));
  return { payloadCodecs, failureConverterPath };
}
