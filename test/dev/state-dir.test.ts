import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  binaryCacheDirs,
  defaultStateDir,
  lockStateDir,
  readInstance,
  removeInstance,
  requireInstance,
  stateDirOwner,
  writeInstance,
} from '../../dev/state-dir.ts';
import { otherProcess } from './support/other-process.ts';
import { isRoot, scratchDir } from './support/scratch.ts';

const instance = {
  databaseUrl: 'postgres://lms:secret@127.0.0.1:1/lms',
  temporalAddress: '127.0.0.1:2',
  uiUrl: 'http://127.0.0.1:3',
  namespace: 'default',
  adapter: 'reference',
};
const deadPid = 2 ** 22 + 1; // above the largest pid that Linux gives
let hold: Awaited<ReturnType<typeof otherProcess>>;

beforeAll(async () => {
  hold = await otherProcess('hold.ts');
}, 60_000);
afterAll(() => hold.remove());

describe('the default state directory', () => {
  test.each([
    ['linux', { HOME: '/home/ann' }, '/home/ann/.local/state/lms-lifecycle'],
    ['linux', { HOME: '/home/ann', XDG_STATE_HOME: '/data/state' }, '/data/state/lms-lifecycle'],
    ['linux', { HOME: '/home/ann', XDG_STATE_HOME: '' }, '/home/ann/.local/state/lms-lifecycle'],
    ['linux', { HOME: '/home/ann', XDG_STATE_HOME: 'relative' }, '/home/ann/.local/state/lms-lifecycle'],
    ['darwin', { HOME: '/Users/ann' }, '/Users/ann/Library/Application Support/lms-lifecycle'],
  ] as const)('on %s with %o is %s', (platform, env, expected) => {
    expect(defaultStateDir(env, platform)).toBe(expected);
  });

  test("caches are looked for in the instance's own and in the default one, each once", () => {
    const env = { HOME: '/home/ann', XDG_STATE_HOME: '/s' };
    expect(binaryCacheDirs('/other', env)).toEqual(['/other/cache/bin', '/s/lms-lifecycle/cache/bin']);
    expect(binaryCacheDirs('/s/lms-lifecycle/', env)).toEqual(['/s/lms-lifecycle/cache/bin']);
  });
});

describe('the lock of the state directory', { timeout: 30_000 }, () => {
  test('keeps a second start out, and lets it in after the first has released it', () => {
    const dir = join(scratchDir(), 'new', 'state');
    const lock = lockStateDir(dir);
    expect(() => lockStateDir(dir)).toThrow(`already running as pid ${process.pid}.`);
    expect(() => lockStateDir(dir)).toThrow('Stop it, or use another LMS_STATE_DIR');
    lock.release();
    lockStateDir(dir).release();
    expect(statSync(dir).mode & 0o777).toBe(isRoot ? 0o711 : 0o700);
    expect(readdirSync(dir)).toEqual([]);
  });

  test('keeps out the start of another process, until that one is killed', async () => {
    const dir = scratchDir();
    const other = await hold.start({ stateDir: dir });
    expect(stateDirOwner(dir)).toBe(other.pid);
    expect(() => lockStateDir(dir)).toThrow(`already running as pid ${other.pid}.`);
    await other.kill();
    expect(stateDirOwner(dir)).toBeUndefined();
    lockStateDir(dir).release();
  });

  test.each([
    ['whose pid is dead', { pid: deadPid, startedAt: null }],
    ['whose pid belongs to another program by now', { pid: process.pid, startedAt: 'another boot/123' }],
  ])('is taken over from a start %s', (_, mark) => {
    const dir = scratchDir();
    writeFileSync(join(dir, 'start.lock'), JSON.stringify({ ...mark, token: 'old' }));
    const lock = lockStateDir(dir);
    expect(stateDirOwner(dir)).toBe(process.pid);
    lock.release();
  });

  test('of many who find a stale lock at once only one gets it', async () => {
    const dir = scratchDir();
    writeFileSync(join(dir, 'start.lock'), JSON.stringify({ pid: deadPid, startedAt: null, token: 'old' }));
    const starts = await Promise.allSettled([1, 2, 3, 4].map(() => hold.start({ stateDir: dir })));
    const got = starts.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(got).toHaveLength(1);
    for (const result of starts) {
      if (result.status === 'rejected') expect(String(result.reason)).toContain('already running as pid');
    }
    await got[0]?.kill();
  });

  test('that is damaged is named, with what to do', () => {
    const dir = scratchDir();
    writeFileSync(join(dir, 'start.lock'), 'half a fi');
    expect(() => lockStateDir(dir)).toThrow(/start\.lock is damaged\.\n.*delete it/);
  });

  test('in a directory that cannot be made says which setting to change', () => {
    const file = join(scratchDir(), 'file');
    writeFileSync(file, '');
    expect(() => lockStateDir(join(file, 'state'))).toThrow(
      /Could not use the state directory .*\n.*LMS_STATE_DIR/,
    );
  });
});

describe('the instance file', { timeout: 30_000 }, () => {
  test('holds what was written, for this user only, and is absent after a stop', () => {
    const dir = scratchDir();
    expect(readInstance(dir)).toEqual({ state: 'absent' });
    writeInstance(dir, instance);
    expect(readInstance(dir)).toEqual({ state: 'running', pid: process.pid, instance });
    expect(requireInstance(dir)).toEqual(instance);
    expect(statSync(join(dir, 'instance.json')).mode & 0o777).toBe(0o600);
    removeInstance(dir);
    expect(readInstance(dir)).toEqual({ state: 'absent' });
    expect(() => requireInstance(dir)).toThrow(/No instance runs with the state directory .*\n.*npm start/);
  });

  test('of a start that was killed says so', async () => {
    const dir = scratchDir();
    const other = await hold.start({ stateDir: dir });
    expect(readInstance(dir)).toMatchObject({ state: 'running', pid: other.pid });
    await other.kill();
    expect(readInstance(dir)).toMatchObject({ state: 'dead', pid: other.pid });
    expect(() => requireInstance(dir)).toThrow(`(pid ${other.pid}) has ended without being stopped`);
  });

  test.each(['', '{', '[]', '{"databaseUrl": 5}'])('that holds %j is reported as damaged', (content) => {
    const dir = scratchDir();
    writeFileSync(join(dir, 'instance.json'), content);
    expect(() => readInstance(dir)).toThrow(/instance\.json is damaged/);
    expect(readFileSync(join(dir, 'instance.json'), 'utf8')).toBe(content);
  });
});
