import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterAll } from 'vitest';

export const isRoot = process.getuid?.() === 0;

const made: string[] = [];

afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

/** A directory for this test file alone (mode 0700, as mktemp -d makes it), removed when it is through. */
export function scratchDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'lms-dev-'));
  made.push(dir);
  return dir;
}

/** A directory to put into the PATH, with only these programs of the system in it. */
export function onlyPrograms(...names: string[]): string {
  const dir = scratchDir();
  chmodSync(dir, 0o755);
  for (const name of names) {
    const path = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    symlinkSync(path, join(dir, name));
  }
  return dir;
}

/** A program that is a shell script. */
export function writeScript(path: string, ...lines: string[]): string {
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
  return path;
}

/** Waits until the condition holds, or fails after `timeoutMs`. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not so after ${timeoutMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
