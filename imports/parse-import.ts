import { Worker } from 'node:worker_threads';
import type { Bounded, ParsedImport, SheetProblem } from '../contracts/imports.ts';
import { importLimits } from './import-limits.ts';
import type { ImportLimits } from './import-limits.ts';
import { ImportRefused, refuseFile } from './import-refused.ts';
import { openArchive } from './xlsx-archive.ts';

/** What the thread answers. */
export type ParseAnswer = { parsed: ParsedImport } | { refused: Bounded<SheetProblem> };

/** How files are read. */
export interface ParseSettings {
  limits: ImportLimits;
  /** The compiled `parse-thread.ts`. */
  thread: URL;
}

export const parseSettings: ParseSettings = {
  limits: importLimits,
  thread: new URL('./parse-thread.js', import.meta.url),
};

/**
 * What a file holds. Its size and that of all that it packs are bounded before anything is unpacked; it is then read in a thread
 * of its own, with limits on time and memory, so that no file can take the process with it (I-05).
 *
 * @throws ImportRefused when nothing of it can be imported
 */
export async function parseImport(bytes: Buffer, { limits, thread }: ParseSettings): Promise<ParsedImport> {
  await openArchive(bytes, limits);
  const worker = new Worker(thread, {
    workerData: { bytes: new Uint8Array(bytes), limits },
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb, maxYoungGenerationSizeMb: 32 },
    env: {},
    execArgv: [],
  });
  const answer = await answerOf(worker, limits).finally(() => worker.terminate());
  if ('refused' in answer) throw new ImportRefused(answer.refused);
  return answer.parsed;
}

function answerOf(worker: Worker, { timeoutMs, memoryMb }: ImportLimits): Promise<ParseAnswer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(refuseFile(`reading the file took longer than ${timeoutMs / 1000} seconds`));
    }, timeoutMs);
    worker.once('message', resolve);
    worker.once('error', (error: NodeJS.ErrnoException) => {
      const tooLarge = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      reject(tooLarge ? refuseFile(`reading the file took more than ${memoryMb} MB of memory`) : error);
    });
    worker.once('exit', (code) => {
      reject(new Error(`the thread that reads the file ended with ${code}`));
    });
    worker.once('message', () => clearTimeout(timer));
    worker.once('exit', () => clearTimeout(timer));
  });
}
