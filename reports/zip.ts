import { Readable } from 'node:stream';
import { createDeflateRaw } from 'node:zlib';
import { Crc32 } from '../imports/crc32.ts';

/** A file of the archive; its content is read once, when its turn comes. */
export interface ZipEntry {
  name: string;
  content: Iterable<string> | AsyncIterable<string>;
}

interface Written {
  name: Buffer;
  crc: number;
  packed: number;
  size: number;
  offset: number;
}

/** Sizes and places have 32 bits. */
const most = 0xffff_ffff;
/** Sizes follow the content, which is not known before; names are UTF-8. */
const flags = 0x0808;
const deflated = 8;
/** 1 January 1980, as archives write days: the same report gives the same bytes. */
const day = 0x21;

/**
 * A zip archive, as it is made: nothing but the piece at hand is in memory.
 *
 * @throws RangeError when a file, or the archive, becomes larger than 4 GiB
 */
export async function* zip(entries: Iterable<ZipEntry>): AsyncGenerator<Buffer, void> {
  const written: Written[] = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const entry: Written = { name: Buffer.from(name), crc: 0, packed: 0, size: 0, offset };
    const header = localHeader(entry.name);
    yield header;
    for await (const piece of pack(content, entry)) yield piece;
    const descriptor = sizes(0x0807_4b50, entry);
    yield descriptor;
    offset += header.length + entry.packed + descriptor.length;
    if (Math.max(offset, entry.size) > most) throw new RangeError('the file would be larger than 4 GiB');
    written.push(entry);
  }
  yield* directory(written, offset);
}

/** Compresses, and counts on the way. */
async function* pack(content: ZipEntry['content'], entry: Written): AsyncGenerator<Buffer, void> {
  const crc = new Crc32();
  async function* counted(): AsyncGenerator<Buffer, void> {
    for await (const text of content) {
      const bytes = Buffer.from(text);
      crc.add(bytes);
      entry.size += bytes.length;
      yield bytes;
    }
  }
  const source = Readable.from(counted());
  const packer = source.on('error', (error) => packer.destroy(error)).pipe(createDeflateRaw({ level: 4 }));
  for await (const piece of packer as AsyncIterable<Buffer>) {
    entry.packed += piece.length;
    yield piece;
  }
  entry.crc = crc.value;
}

function localHeader(name: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x0403_4b50, 0);
  common(header, 4);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function common(header: Buffer, at: number): void {
  [20, flags, deflated, 0, day].forEach((value, i) => header.writeUInt16LE(value, at + 2 * i));
}

function sizes(signature: number, { crc, packed, size }: Written): Buffer {
  const bytes = Buffer.alloc(16);
  [signature, crc, packed, size].forEach((value, i) => bytes.writeUInt32LE(value, 4 * i));
  return bytes;
}

function* directory(entries: readonly Written[], offset: number): Generator<Buffer, void> {
  let size = 0;
  for (const entry of entries) {
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x0201_4b50, 0);
    header.writeUInt16LE(20, 4);
    common(header, 6);
    sizes(0, entry).copy(header, 16, 4);
    header.writeUInt16LE(entry.name.length, 28);
    header.writeUInt32LE(entry.offset, 42);
    size += header.length + entry.name.length;
    yield Buffer.concat([header, entry.name]);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x0605_4b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  yield end;
}
