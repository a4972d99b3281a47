import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** How the name of a file that is not whole yet ends. */
export const partSuffix = '.part';

/**
 * Writes a file whole or not at all: under another name beside it first, on the disk, and then renamed. Nobody but the owner may
 * read it. What is there and is no plain file, as a terminal or a pipe, is written to directly.
 */
export async function writeWhole(
  path: string,
  content: AsyncIterable<string | Buffer>,
  signal?: AbortSignal,
): Promise<void> {
  const options = signal ? { signal } : {};
  const there = await stat(path).catch(() => null);
  if (there && !there.isFile()) {
    await pipeline(content, createWriteStream(path), options);
    return;
  }
  const part = join(dirname(path), `.${basename(path)}.${randomUUID()}${partSuffix}`);
  try {
    await pipeline(content, createWriteStream(part, { mode: 0o600, flags: 'wx', flush: true }), options);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
