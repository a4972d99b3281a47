import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { refreshCaches } from '../../../adapters/moodle/refresh-caches.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caches-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the cache command', () => {
  test('runs through the shell', async () => {
    const trace = join(folder, 'trace');
    const host = moodleHost({
      tablePrefix: 'mdl_',
      policy: 'rules',
      cacheCommand: `echo one && echo two > '${trace}'`,
    });
    await host.refresh?.();
    expect(await readFile(trace, 'utf8')).toBe('two\n');
  });

  test('is nothing that every host has', () => {
    expect(moodleHost({ tablePrefix: 'mdl_', policy: 'rules' }).refresh).toBeUndefined();
  });

  test('fails with its exit code and the last line of what it complained about', async () => {
    const command = 'echo all is well; echo first >&2; echo "  no such file  " >&2; exit 3';
    await expect(refreshCaches(command)).rejects.toThrow(
      'the cache command failed (exit code 3): no such file',
    );
    await expect(refreshCaches('exit 4')).rejects.toThrow(/^the cache command failed \(exit code 4\)$/);
    await expect(refreshCaches('kill -9 $$')).rejects.toThrow('SIGKILL');
    await expect(refreshCaches(join(folder, 'nowhere.sh'))).rejects.toThrow('exit code 127');
  });

  test('that complains at length is not kept', async () => {
    const command =
      'i=0; while [ $i -lt 2000 ]; do echo "a line of some length, number $i" >&2; i=$((i+1)); done; exit 1';
    await expect(refreshCaches(command)).rejects.toThrow(/: a line of some length, number 1999$/);
  });

  test('that takes too long is ended, with what it has started', async () => {
    const trace = join(folder, 'late');
    const started = Date.now();
    const command = `(sleep 2; echo late > '${trace}') & sleep 60`;
    await expect(refreshCaches(command, 200)).rejects.toThrow('took longer than 0.2 s');
    expect(Date.now() - started).toBeLessThan(1_900);
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    await expect(readFile(trace)).rejects.toThrow('ENOENT');
  });
});
