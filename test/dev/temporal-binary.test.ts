import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findTemporal } from '../../dev/temporal-binary.ts';
import type { FindTemporalOptions } from '../../dev/temporal-binary.ts';
import { scratchDir, writeScript } from './support/scratch.ts';

const version = 'echo "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"';
let dir = '';
let log: string[] = [];

function find(options: Partial<FindTemporalOptions> = {}): Promise<string> {
  const places = {
    cacheDirs: [join(dir, 'cache')],
    installDir: join(dir, 'install'),
    path: join(dir, 'path'),
  };
  return findTemporal({ ...places, log: (line) => log.push(line), ...options });
}

/** A go whose install puts a script into GOBIN after a while, and notes that it was run. */
function fakeGo(...install: string[]): void {
  const body = install.length > 0 ? install : [`printf '#!/bin/sh\\n${version}\\n' >"$GOBIN/temporal"`];
  const chmod = '/bin/chmod +x "$GOBIN/temporal"';
  const lines = [
    '[ "$1" = env ] && exit 0',
    `echo "$@" >>${join(dir, 'go-runs')}`,
    '/bin/sleep 0.5',
    ...body,
    chmod,
  ];
  writeScript(join(dir, 'path', 'go'), ...lines);
}

beforeEach(() => {
  dir = scratchDir();
  log = [];
  for (const name of ['path', 'cache', 'install']) mkdirSync(join(dir, name));
  // No test may really download: the SDK heeds the proxy, at which nobody answers.
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:9');
  for (const name of ['NO_PROXY', 'no_proxy']) vi.stubEnv(name, '');
});
afterEach(() => vi.unstubAllEnvs());

describe('the temporal binary is looked for', { timeout: 30_000 }, () => {
  test('where TEMPORAL_CLI says, and nowhere else', async () => {
    const explicit = writeScript(join(dir, 'my-temporal'), version);
    writeScript(join(dir, 'path', 'temporal'), version);
    expect(await find({ explicit })).toBe(explicit);
    await expect(find({ explicit: join(dir, 'nothing') })).rejects.toThrow(
      /TEMPORAL_CLI=.*nothing cannot be used/,
    );
    await expect(find({ explicit: 'temporal' })).rejects.toThrow('it is not an absolute path');
  });

  test('in the PATH before the caches', async () => {
    const cached = writeScript(join(dir, 'cache', 'temporal'), version);
    expect(await find()).toBe(cached);
    const inPath = writeScript(join(dir, 'path', 'temporal'), version);
    expect(await find()).toBe(inPath);
  });

  test('in all the caches, passing over one that does not run', async () => {
    const [broken, good] = [join(dir, 'cache'), join(dir, 'good')];
    mkdirSync(good);
    writeScript(join(broken, 'temporal'), 'echo "cannot execute" >&2; exit 126');
    writeScript(join(good, 'temporal'), version);
    expect(await find({ cacheDirs: [broken, good] })).toBe(join(good, 'temporal'));
  });

  test('and when nothing serves, each try is named with its reason, and what to install', async () => {
    writeScript(join(dir, 'path', 'temporal'), 'echo "temporal version 0.9 (Server 1.20.1)"');
    const message = await find().then(String, (error: Error) => error.message);
    expect(message).toContain(`PATH: ${join(dir, 'path', 'temporal')}: its server 1.20 is older than 1.26`);
    expect(message).toContain(`cache: no temporal in ${join(dir, 'cache')}`);
    expect(message).toMatch(/the Temporal SDK's download: .*failed to download/);
    expect(message).toContain('a build by go install: no go in the PATH');
    expect(message).toContain('Install the Temporal CLI');
    expect(readdirSync(join(dir, 'install'))).toEqual([]);
  });

  test('and a build that fails says why', async () => {
    fakeGo('echo "go: module lookup disabled" >&2; exit 1');
    await expect(find()).rejects.toThrow('a build by go install: go: module lookup disabled');
  });

  test('and a build that yields something else is not taken', async () => {
    fakeGo(`printf '#!/bin/sh\\necho hello\\n' >"$GOBIN/temporal"`);
    await expect(find()).rejects.toThrow(
      'a build by go install: it is no Temporal CLI with a dev server: hello',
    );
  });
});

describe('where Go has to build it', { timeout: 30_000 }, () => {
  test('it is built once, kept, and found there the next time', async () => {
    fakeGo();
    const built = await find();
    expect(built).toBe(join(dir, 'install', 'temporal'));
    expect(log.join('\n')).toContain('about three minutes');
    expect(await find({ cacheDirs: [join(dir, 'install')] })).toBe(built);
    expect(readFileSync(join(dir, 'go-runs'), 'utf8')).toBe(
      'install -modcacherw -ldflags=-s -w github.com/temporalio/cli/cmd/temporal@v1.5.1\n',
    );
    expect(readdirSync(join(dir, 'install'))).toEqual(['temporal']);
  });

  test('of two who want it at once one builds and the other waits for it', async () => {
    fakeGo();
    const found = await Promise.all([find(), find()]);
    expect(new Set(found)).toEqual(new Set([join(dir, 'install', 'temporal')]));
    expect(readFileSync(join(dir, 'go-runs'), 'utf8').split('\n')).toHaveLength(2);
    expect(log.join('\n')).toContain('is fetching the Temporal CLI already: waiting for it');
  });

  test('what a killed build left is cleared away', async () => {
    fakeGo();
    mkdirSync(join(dir, 'install', 'installing-abc'));
    const lock = { pid: 2 ** 22 + 1, startedAt: 'another boot/1', token: 'x' };
    writeFileSync(join(dir, 'install', 'temporal.lock'), JSON.stringify(lock));
    await find();
    expect(readdirSync(join(dir, 'install'))).toEqual(['temporal']);
  });
});
