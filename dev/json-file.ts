import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';
import { devError, explainSystemError, systemErrorCode } from './dev-errors.ts';

/**
 * Small JSON files of ours (locks, pids, the instance), private to the user (0600) and never half
 * written: they appear whole under their name. Synchronous, so that nothing comes between a decision and
 * its record.
 */
export function writeJsonFile(path: string, value: unknown): void {
  const whole = writeBeside(path, value);
  renameSync(whole, path);
}

/** Like writeJsonFile, but leaves a file that is already there alone and answers false. */
export function createJsonFile(path: string, value: unknown): boolean {
  const whole = writeBeside(path, value);
  try {
    linkSync(whole, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    return createWithoutLinks(path, value);
  } finally {
    rmSync(whole, { force: true });
  }
}

/** The content, or undefined where there is no such file. A DevError (CORRUPT) if it is not as it should be. */
export function readJsonFile<S extends z.ZodType>(path: string, schema: S): z.infer<S> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw explainSystemError(error, 'read a file of the instance', path);
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw devError(
    'CORRUPT',
    `The file ${path} is damaged.`,
    'Make sure that nothing runs there, and delete it.',
  );
}

/** For file systems that know no hard links. */
function createWithoutLinks(path: string, value: unknown): boolean {
  try {
    writeFileSync(path, serialize(value), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function serialize(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function writeBeside(path: string, value: unknown): string {
  const whole = `${path}.${process.pid}-${randomUUID().slice(0, 8)}`;
  try {
    writeFileSync(whole, serialize(value), { mode: 0o600, flag: 'wx' });
    return whole;
  } catch (error) {
    rmSync(whole, { force: true });
    throw explainSystemError(error, 'write a file of the instance', path);
  }
}
