import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { refuseFile } from './import-refused.ts';
import type { ImportLimits } from './import-limits.ts';

/**
 * The bytes of a file that somebody names, no more than may be.
 *
 * @throws ImportRefused for what is no file, cannot be read or is too large
 */
export async function readUpload(path: string, limits: ImportLimits): Promise<Buffer> {
  try {
    const handle = await open(path, 'r');
    try {
      if (!(await handle.stat()).isFile()) throw refuseFile(`${path} is not an ordinary file`);
      return await readOpened(handle, limits);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : refuseFile(`${path} cannot be read (${code})`);
  }
}

/**
 * The bytes of an open file from where it stands, no more than may be.
 *
 * @throws ImportRefused when it is too large
 */
export async function readOpened(handle: FileHandle, { fileBytes }: ImportLimits): Promise<Buffer> {
  const { size } = await handle.stat();
  if (size > fileBytes) throw refuseFile(`the file has ${size} bytes, more than ${fileBytes}`);
  return handle.readFile();
}
