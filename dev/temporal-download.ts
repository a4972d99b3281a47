import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parentDeathPrefix } from './parent-death.ts';
import { runCommand } from './run-command.ts';
import type { Fetch } from './temporal-fetch.ts';

const stallMs = 20_000;
const timeoutMs = 10 * 60_000;

/**
 * The dev server that the Temporal SDK downloads for its tests. In a process of its own, since only that
 * can be given up: a machine without a network must not wait for minutes. It is given up as soon as the
 * download makes no headway.
 */
export const downloadTemporal: Fetch = async (dir, { log }) => {
  log('fetching the Temporal CLI: the download of the Temporal SDK');
  const stalled = new AbortController();
  const watch = watchGrowth(dir, () => stalled.abort());
  const testing = createRequire(import.meta.url).resolve('@temporalio/testing');
  const download = [process.execPath, '--eval', script, testing, dir];
  const [command = process.execPath, ...args] = [...(await parentDeathPrefix('SIGTERM')), ...download];
  const answer = await runCommand(command, args, { timeoutMs, signal: stalled.signal });
  clearInterval(watch);
  if (stalled.signal.aborted) return { reason: `it got nothing for ${stallMs / 1000} seconds` };
  if (!answer.ok) return { reason: answer.reason };
  const files = (await readdir(dir)).filter((name) => name.startsWith('temporal'));
  const [name] = files;
  return name === undefined ? { reason: 'it left no file' } : { binary: join(dir, name) };
};

// Plain CommonJS, which runs alike from the sources and from the build.
const script = `
const [testing, downloadDir] = process.argv.slice(1);
const { TestWorkflowEnvironment } = require(testing);
const executable = { type: 'cached-download', downloadDir };
TestWorkflowEnvironment.createLocal({ server: { executable } })
  .then((environment) => environment.teardown())
  .then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });
`;

/** Calls `onStall` once the files of the directory have not grown for a while. */
function watchGrowth(dir: string, onStall: () => void): NodeJS.Timeout {
  let seen = -1;
  let since = Date.now();
  const look = async (): Promise<void> => {
    const size = await sizeOf(dir);
    if (size !== seen) [seen, since] = [size, Date.now()];
    else if (Date.now() - since > stallMs) onStall();
  };
  return setInterval(() => void look(), 1_000);
}

async function sizeOf(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(dir, name)).catch(() => ({ size: 0 }))));
  return sizes.reduce((total, { size }) => total + size, 0);
}
