import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Lets `work` write text to a file, or to stdout without one; returns when all of it has been taken. */
export async function writeText(
  file: string | undefined,
  work: (write: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const target: Writable = file === undefined ? process.stdout : createWriteStream(file);
  await work(async (text) => {
    if (!target.write(text)) await once(target, 'drain');
  });
  if (file !== undefined) await finished(target.end());
}
