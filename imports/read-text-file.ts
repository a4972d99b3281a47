import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { ListRefused } from './list-refused.ts';
import { Utf8Check } from './utf8-check.ts';

const chunkBytes = 64 * 1024;

/**
 * The text of a file in chunks that end between characters, without a byte order mark. The file must stay as it is
 * meanwhile: a list that somebody is still writing is cut off anywhere, perhaps within an id.
 *
 * @throws ListRefused also at the very end, when the file was changed
 */
export async function* readTextFile(path: string): AsyncGenerator<Buffer, void, undefined> {
  // Looked at before it is opened: opening a pipe would wait for somebody to write into it.
  refuseOthers(path, await asked(path, stat(path, { bigint: true })));
  const handle = await asked(path, open(path, 'r'));
  try {
    const before = await handle.stat({ bigint: true });
    const check = new Utf8Check(path);
    let bytesRead = 0n;
    for await (const chunk of chunksOf(path, handle)) {
      bytesRead += BigInt(chunk.length);
      const text = check.take(chunk);
      if (text.length > 0) yield text;
    }
    check.end();
    if (bytesRead !== before.size || !(await isStill(path, before))) {
      throw new ListRefused(`${path} was changed while it was read`);
    }
  } finally {
    await handle.close();
  }
}

async function* chunksOf(path: string, handle: FileHandle): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const { buffer, bytesRead } = await asked(
      path,
      handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes),
    );
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

function refuseOthers(path: string, found: BigIntStats): void {
  if (found.isDirectory()) throw new ListRefused(`${path} is a directory, not a file`);
  if (!found.isFile()) throw new ListRefused(`${path} is not an ordinary file`);
}

/** Asks by the path, not the handle: a file that was put in its place counts as changed as well. */
async function isStill(path: string, before: BigIntStats): Promise<boolean> {
  const now = await stat(path, { bigint: true }).catch(() => undefined);
  return (['dev', 'ino', 'size', 'mtimeNs'] as const).every((member) => now?.[member] === before[member]);
}

/** Turns what the file system refuses into a refusal of the list. */
async function asked<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new ListRefused(`${path} does not exist`);
    throw new ListRefused(`${path} cannot be read (${code})`);
  }
}
