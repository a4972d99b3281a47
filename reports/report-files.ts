import { mkdir, opendir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportFormat } from '../contracts/reports.ts';
import type { LinkClaim } from './link.ts';
import { partSuffix, writeWhole } from './write-whole.ts';

/** What a link names: an operation's id, and the format. */
const fileName = /^[0-9a-f-]{36}\.(csv|xlsx)$/;

/** The name that a report of an operation has in links. */
export function reportFileName(operation: string, format: ReportFormat): string {
  return `${operation}.${format}`;
}

/** The format of a file that a link names; null when no report is called so. */
export function formatOfFile(file: string): ReportFormat | null {
  const format = fileName.exec(file)?.[1];
  return format === 'csv' || format === 'xlsx' ? format : null;
}

/** Where a report lies: its name says when it ends, so that nothing else needs to be known to remove it. */
export function reportPath(directory: string, { file, expires }: LinkClaim): string {
  return join(directory, `${expires}-${file}`);
}

/** Writes a report whole or not at all; one of the same claim is replaced. Its size in bytes. */
export async function storeReport(
  directory: string,
  claim: LinkClaim,
  content: AsyncIterable<string | Buffer>,
  signal?: AbortSignal,
): Promise<number> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = reportPath(directory, claim);
  await writeWhole(path, content, signal);
  return (await stat(path)).size;
}

/** Removes a report, if there is one. */
export async function removeReport(directory: string, claim: LinkClaim): Promise<void> {
  await rm(reportPath(directory, claim), { force: true });
}

/** A file that a killed worker has left half-written is removed after this. */
const staleAfterMs = 24 * 60 * 60 * 1000;

/**
 * Removes reports that have expired, and what was left half-written, at most `limit` files at a time.
 *
 * @param now in milliseconds since 1970
 * @returns how many were removed
 */
export async function sweepReports(directory: string, now: number, limit = 1_000): Promise<number> {
  let removed = 0;
  const files = await opendir(directory).catch(noDirectory);
  for await (const { name } of files ?? []) {
    if (removed >= limit) break;
    const path = join(directory, name);
    if (!(await isOver(path, name, now))) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}

async function isOver(path: string, name: string, now: number): Promise<boolean> {
  if (name.endsWith(partSuffix)) {
    const found = await stat(path).catch(() => null);
    return found !== null && found.mtimeMs < now - staleAfterMs;
  }
  const [, expires, file = ''] = /^(\d+)-(.*)$/.exec(name) ?? [];
  return formatOfFile(file) !== null && Number(expires) * 1000 <= now;
}

function noDirectory(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
