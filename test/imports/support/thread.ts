import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { parseSettings } from '../../../imports/parse-import.ts';
import type { ParseSettings } from '../../../imports/parse-import.ts';

/** The thread that reads files, compiled from the sources; `remove` when done with it. */
export async function compiledThread(): Promise<{ parse: ParseSettings; remove(): Promise<void> }> {
  const outDir = await mkdtemp(join(tmpdir(), 'lms-lifecycle-thread-'));
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: resolve(import.meta.dirname, '../../../imports/parse-thread.ts'),
      target: 'node20',
      outDir,
      rollupOptions: { output: { entryFileNames: 'parse-thread.mjs' } },
    },
  });
  return {
    parse: { ...parseSettings, thread: pathToFileURL(join(outDir, 'parse-thread.mjs')) },
    remove: () => rm(outDir, { recursive: true, force: true }),
  };
}
