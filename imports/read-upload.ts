import { open } from 'node:fs/promises';
import { refuseFile } from './import-refused.ts';
import type { ImportLimits } from './import-limits.ts';

/**
 * The bytes of a file that somebody names, no more than may be.
 *
 * @throws ImportRefused for what is no file, cannot be read or is too large
 */
export async function readUpload(path: string, { fileBytes }: ImportLimits): Promise<Buffer> {
  try {
    const handle = await open(path, 'r');
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw refuseFile(`${path} is not an ordinary file`);
      if (stat.size > fileBytes) throw refuseFile(`the file has ${stat.size} bytes, more than ${fileBytes}`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : refuseFile(`${path} cannot be read (${code})`);
  }
}
