/**
 * The zip archive that an xlsx file is, with everything bounded before a byte of it is unpacked: how many files it packs, how
 * large they are, whether they lie on top of each other. What an entry unpacks to is compared with what it claims (I-05).
 */
import { fromBufferPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { Crc32 } from './crc32.ts';
import type { ImportLimits } from './import-limits.ts';
import { ImportRefused, refuseFile } from './import-refused.ts';

/** The parts of a file that has been let in. */
export interface Archive {
  has(path: string): boolean;
  /** @throws ImportRefused when there is no such part, or what it unpacks to is not what it claims */
  read(path: string): AsyncGenerator<Buffer, void, undefined>;
}

const damaged = 'the file is damaged or cut off: open it in a spreadsheet program and save it again as xlsx';

/** @throws ImportRefused for what is no xlsx file, is too large, or holds macros */
export async function openArchive(bytes: Buffer, limits: ImportLimits): Promise<Archive> {
  refuseOthers(bytes, limits);
  const zip = await orDamaged(() => fromBufferPromise(bytes, { lazyEntries: true }));
  if (zip.entryCount > limits.entries) {
    throw refuseFile(`the file packs ${zip.entryCount} files, more than ${limits.entries}`);
  }
  const entries = await orDamaged(() => entriesOf(zip));
  checkSizes(entries, bytes.length, limits);
  checkParts(entries);
  return {
    has: (path) => entries.has(keyOf(path)),
    read: (path) => readEntry(zip, entries.get(keyOf(path)), path),
  };
}

/** Refuses what does not even look like one, with what it looks like. */
function refuseOthers(bytes: Buffer, { fileBytes }: ImportLimits): void {
  if (bytes.length === 0) throw refuseFile('the file is empty');
  if (bytes.length > fileBytes) {
    throw refuseFile(`the file has ${bytes.length} bytes, more than ${fileBytes}`);
  }
  if (bytes.subarray(0, 8).equals(Buffer.from('d0cf11e0a1b11ae1', 'hex'))) {
    throw refuseFile(
      'the file is protected by a password or in the old xls format: save it as xlsx, without',
    );
  }
  if (bytes.subarray(0, 2).toString('latin1') !== 'PK') {
    throw refuseFile(
      'the file is not an xlsx file, whatever its name says: save the filled template as xlsx',
    );
  }
}

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const key = keyOf(entry.fileName);
    if (entries.has(key)) throw refuseFile(damaged);
    entries.set(key, entry);
  }
  return entries;
}

/** The names of parts are told apart without regard to case. */
function keyOf(path: string): string {
  return path.replace(/^\//, '').toLowerCase();
}

/** Entries that share bytes with others, or claim more than there is, are how small files become endless. */
function checkSizes(entries: ReadonlyMap<string, Entry>, fileBytes: number, limits: ImportLimits): void {
  let packed = 0;
  let expanded = 0;
  for (const entry of entries.values()) {
    if (entry.isEncrypted()) throw refuseFile('the file is protected by a password: save it without');
    if (!entry.canDecodeFileData()) throw refuseFile(damaged);
    packed += entry.compressedSize;
    expanded += entry.uncompressedSize;
  }
  if (packed > fileBytes) throw refuseFile(damaged);
  if (expanded > limits.expandedBytes) {
    throw refuseFile(`the file unpacks to ${expanded} bytes, more than ${limits.expandedBytes}`);
  }
}

function checkParts(entries: ReadonlyMap<string, Entry>): void {
  const names = [...entries.keys()];
  if (names.some((name) => /(^|\/)(vbaproject\.bin|vbadata\.xml|macrosheets\/.*)$/.test(name))) {
    throw refuseFile('the file holds macros: save it as xlsx, which has none');
  }
  if (entries.has('xl/workbook.bin')) throw refuseFile('the file is an xlsb file: save it as xlsx');
  if (entries.has('mimetype') || !entries.has('[content_types].xml')) {
    throw refuseFile(
      'the file is not an xlsx file, whatever its name says: save the filled template as xlsx',
    );
  }
}

async function* readEntry(
  zip: ZipFile,
  entry: Entry | undefined,
  path: string,
): AsyncGenerator<Buffer, void, undefined> {
  if (!entry) throw refuseFile(`the file is damaged: ${path} is missing in it`);
  const stream = await orDamaged(() => zip.openReadStreamPromise(entry));
  try {
    const sum = new Crc32();
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sum.add(chunk);
      yield chunk;
    }
    if (sum.value !== entry.crc32) throw refuseFile(damaged);
  } catch (error) {
    throw error instanceof ImportRefused ? error : refuseFile(damaged);
  } finally {
    stream.destroy();
  }
}

/** Whatever the library refuses is the file's fault: it reads from memory. */
async function orDamaged<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ImportRefused ? error : refuseFile(damaged);
  }
}
