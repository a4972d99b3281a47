/** Run as a thread of its own by parse-import.ts: one file in, what it holds or why it is refused out. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ImportLimits } from './import-limits.ts';
import { ImportRefused } from './import-refused.ts';
import type { ParseAnswer } from './parse-import.ts';
import { readImport } from './read-import.ts';

const { bytes, limits } = workerData as { bytes: Uint8Array; limits: ImportLimits };
const answer = await readImport(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), limits).then(
  (parsed): ParseAnswer => ({ parsed }),
  (error: unknown): ParseAnswer => {
    if (error instanceof ImportRefused) return { refused: error.problems };
    throw error;
  },
);
parentPort?.postMessage(answer);
