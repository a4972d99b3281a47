import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { markProcess } from '../../dev/process-mark.ts';
import { superviseChild } from '../../dev/supervise.ts';
import type { SupervisedChild, SuperviseOptions } from '../../dev/supervise.ts';
import { eventually, scratchDir, writeScript } from './support/scratch.ts';

const dir = scratchDir();
const forever = 'while :; do sleep 0.05; done';
const running: SupervisedChild[] = [];
let scripts = 0;
let log: string[] = [];

async function supervise(lines: string[], options: Partial<SuperviseOptions> = {}): Promise<SupervisedChild> {
  log = [];
  const command = writeScript(join(dir, `child-${++scripts}`), ...lines);
  const waits = { minBackoffMs: 20, maxBackoffMs: 100 };
  const child = await superviseChild({
    name: 'worker',
    command,
    args: [],
    log: (line) => log.push(line),
    ...waits,
    ...options,
  });
  running.push(child);
  return child;
}

afterEach(async () => {
  for (const child of running.splice(0)) await child.stop();
});

describe('a supervised child', { timeout: 30_000 }, () => {
  test('is started again when it is killed', async () => {
    const child = await supervise([forever]);
    const first = child.pid();
    child.kill();
    await eventually(() => child.pid() !== undefined && child.pid() !== first);
    expect(child.restarts()).toBe(1);
    expect(log.join('\n')).toContain('worker has ended (SIGKILL): starting it again in 20 ms');
  });

  test('that ends again and again is started with growing waits', async () => {
    const child = await supervise(['echo "cannot reach the database" >&2', 'exit 3']);
    await eventually(() => child.restarts() >= 4);
    const waits = log.flatMap((line) => /exit code 3.* in (\d+) ms/.exec(line)?.[1] ?? []);
    expect(waits.slice(0, 4)).toEqual(['20', '40', '80', '100']);
    expect(log).toContain('worker: cannot reach the database');
  });

  test('may finish its work when it is stopped, and is not started again', async () => {
    const done = join(dir, 'done');
    const child = await supervise([
      `trap 'sleep 0.3; echo finished >${done}; exit 0' TERM`,
      'echo up',
      forever,
    ]);
    await eventually(() => log.includes('worker: up'));
    const pid = child.pid() ?? -1;
    await child.stop();
    expect(readFileSync(done, 'utf8')).toBe('finished\n');
    expect(markProcess(pid)).toBeUndefined();
    expect([child.pid(), child.restarts()]).toEqual([undefined, 0]);
  });

  test('that does not stop is killed when its time is up', async () => {
    const child = await supervise(["trap '' TERM", 'echo up', forever], { stopGraceMs: 200 });
    await eventually(() => log.includes('worker: up'));
    const pid = child.pid() ?? -1;
    const started = Date.now();
    await child.stop();
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(markProcess(pid)).toBeUndefined();
  });

  test('can be stopped while it waits to be started again', async () => {
    const child = await supervise(['exit 1'], { minBackoffMs: 60_000 });
    await eventually(() => log.some((line) => line.includes('starting it again')));
    const started = Date.now();
    await child.stop();
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  test('gets our environment with the changes that were asked for', async () => {
    await supervise(['echo "<$LMS_TEST_A|$HOME|${PATH:+path}>"', forever], {
      env: { LMS_TEST_A: 'a', HOME: undefined },
    });
    await eventually(() => log.includes('worker: <a||path>'));
  });

  test('whose program is missing is an error that says so', async () => {
    const missing = superviseChild({
      name: 'worker',
      command: join(dir, 'missing'),
      args: [],
      log: () => {},
    });
    await expect(missing).rejects.toThrow(/Could not start worker .*ENOENT/);
  });

  test('is remembered while it runs, and a program that got its pid is left alone', async () => {
    const recordFile = join(dir, 'worker.process.json');
    const innocent = markProcess(process.pid);
    const dead = { pid: 2 ** 22 + 1, startedAt: null };
    writeFileSync(recordFile, JSON.stringify({ owner: dead, child: innocent }));
    const child = await supervise([forever], { recordFile });
    expect(JSON.parse(readFileSync(recordFile, 'utf8'))).toMatchObject({ child: { pid: child.pid() } });
    await child.stop();
    expect(existsSync(recordFile)).toBe(false);
  });
});
