import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../../http/http-problem.ts';
import type { ImportLimits } from '../import-limits.ts';
import { readOpened } from '../read-upload.ts';
import { withSpool } from './spool.ts';

/** A form as it was sent: one file, and who asks. */
export interface ReceivedUpload {
  bytes: Buffer;
  /** Its name, for people. */
  file: string;
  /** A user by id or email; null where the form does not say. */
  requestedBy: string | null;
}

/** The parts that the form may have. */
const filePart = 'file';
const requesterPart = 'requestedBy';
/** What the form may have around its file: boundaries and the other part. */
const formBytes = 16 * 1024;

/**
 * Takes a form in, its file by way of the disk, so that no more of it is in memory at a time than travels.
 *
 * @throws HttpProblem 400 for another form, 413 when it is too large, 415 when it is none; ImportRefused
 */
export async function receiveUpload(
  request: FastifyRequest,
  limits: ImportLimits,
  timeoutMs: number,
): Promise<ReceivedUpload> {
  if (!request.isMultipart()) throw new HttpProblem(415, 'Send the file as multipart/form-data.');
  if (Number(request.headers['content-length'] ?? 0) > limits.fileBytes + formBytes) throw tooLarge(limits);
  const deadline = deadlineOf(request, timeoutMs);
  try {
    return await withSpool(async (spool) => {
      const form = readForm(request, spool, limits).catch(asProblem);
      const { name, requestedBy } = await Promise.race([form, deadline.passed]);
      return { bytes: await readOpened(spool, limits), file: name, requestedBy };
    });
  } finally {
    deadline.cancel();
    // What is still on its way is let in and dropped: who is busy sending would not read the answer.
    request.raw.unpipe();
    request.raw.resume();
  }
}

/** Whatever keeps a form from ending, it holds its place among the uploads no longer than this. */
function deadlineOf(request: FastifyRequest, timeoutMs: number): { passed: Promise<never>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new HttpProblem(408, 'The upload took too long.'));
      request.raw.destroy();
    }, timeoutMs);
  });
  return { passed, cancel: () => clearTimeout(timer) };
}

async function readForm(
  request: FastifyRequest,
  spool: FileHandle,
  limits: ImportLimits,
): Promise<{ name: string; requestedBy: string | null }> {
  const parts = request.parts({
    limits: { files: 1, fields: 1, parts: 2, fileSize: limits.fileBytes, fieldSize: 500, headerPairs: 20 },
  });
  let name: string | null = null;
  let requestedBy: string | null = null;
  // Of a connection that is gone by now the parser would wait for the end for ever.
  if (request.raw.destroyed) throw new HttpProblem(400, 'The connection broke off.');
  for await (const part of parts) {
    if (isFile(part)) {
      await writeTo(spool, part, limits);
      name = part.filename.slice(0, 255);
    } else {
      requestedBy = requesterIn(part);
    }
  }
  if (name === null) throw new HttpProblem(400, `The form has no part "${filePart}" with a file.`);
  return { name, requestedBy };
}

/** What the parser of forms says of a form that is damaged has no code; what the disk says has. */
function asProblem(error: unknown): never {
  if (!(error instanceof Error) || error instanceof HttpProblem || 'code' in error) throw error;
  throw new HttpProblem(400, `The form cannot be read: ${error.message}.`);
}

function isFile(part: Multipart): part is MultipartFile {
  if (part.type !== 'file') return false;
  if (part.fieldname === filePart) return true;
  throw new HttpProblem(400, `The file goes into the part "${filePart}".`);
}

async function writeTo(spool: FileHandle, { file }: MultipartFile, limits: ImportLimits): Promise<void> {
  // Without this the rest would be read to its end, however long that is, before anybody is told.
  file.once('limit', () => file.destroy(tooLarge(limits)));
  await pipeline(file, async (chunks: AsyncIterable<Buffer>) => {
    // By place, so that reading begins at the beginning.
    let at = 0;
    for await (const chunk of chunks) at += await writeAll(spool, chunk, at);
  });
}

async function writeAll(spool: FileHandle, chunk: Buffer, at: number): Promise<number> {
  let done = 0;
  while (done < chunk.length)
    done += (await spool.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
  return done;
}

function requesterIn(part: Extract<Multipart, { type: 'field' }>): string {
  const { fieldname, value, valueTruncated } = part;
  if (fieldname !== requesterPart) {
    throw new HttpProblem(400, `Beside "${filePart}" the form may have "${requesterPart}" only.`);
  }
  if (typeof value === 'string' && value.trim() !== '' && !valueTruncated) return value;
  throw new HttpProblem(400, `"${requesterPart}" names a user by id or email.`);
}

function tooLarge({ fileBytes }: ImportLimits): HttpProblem {
  return new HttpProblem(413, `The file has more than ${fileBytes} bytes.`);
}
