import type { Payload } from '@temporalio/common';

/** A payload as bytes: how long its metadata are (4 bytes), they themselves as JSON with base64 values, and its data. */
export function packPayload({ metadata, data }: Payload): Buffer {
  const values = Object.entries(metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(values)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  return Buffer.concat([length, header, data ?? Buffer.alloc(0)]);
}

export function unpackPayload(packed: Buffer): Payload {
  const end = 4 + packed.readUInt32BE();
  const header = JSON.parse(packed.subarray(4, end).toString()) as Record<string, string>;
  const metadata = Object.entries(header).map(([name, value]) => [name, Buffer.from(value, 'base64')]);
  return { metadata: Object.fromEntries(metadata) as Record<string, Buffer>, data: packed.subarray(end) };
}
