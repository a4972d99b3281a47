import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How the directory of a temporary file is called, for the moment that it has a name. */
export const spoolPrefix = 'lms-lifecycle-upload-';

/**
 * Lends a temporary file that has no name any more: it is gone with its handle, whatever happens, even if this process is killed.
 * What people upload names people.
 */
export async function withSpool<T>(work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openNameless();
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

async function openNameless(): Promise<FileHandle> {
  const directory = await mkdtemp(join(tmpdir(), spoolPrefix));
  try {
    return await open(join(directory, 'upload'), 'wx+', 0o600);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
