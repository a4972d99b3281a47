/** Run as a process of its own: starts what its argument names, tells where it is, and stays. */
import { startPostgres } from '../../../dev/embedded-postgres.ts';
import { startTemporal } from '../../../dev/embedded-temporal.ts';
import { lockStateDir, writeInstance } from '../../../dev/state-dir.ts';
import { superviseChild } from '../../../dev/supervise.ts';

interface Argument {
  dataDir?: string;
  temporal?: { binary: string; dbFile: string };
  stateDir?: string;
  exitAtOnce?: boolean;
  supervise?: { command: string; args: string[]; recordFile: string };
}

const argument = JSON.parse(process.argv[2] ?? '{}') as Argument;
const told: Record<string, unknown> = { pid: process.pid };
if (argument.stateDir !== undefined) {
  lockStateDir(argument.stateDir);
  const urls = { databaseUrl: 'd', temporalAddress: 't', uiUrl: 'u' };
  writeInstance(argument.stateDir, { ...urls, namespace: 'default', adapter: 'reference' });
}
if (argument.dataDir !== undefined) {
  const { url, pid } = await startPostgres({ dataDir: argument.dataDir, durable: false, log: console.error });
  told['postgres'] = { url, pid };
}
if (argument.temporal !== undefined) {
  const { pid } = await startTemporal({ ...argument.temporal, headless: true, searchAttributes: {} });
  told['temporal'] = { pid };
}
if (argument.supervise !== undefined) {
  const child = await superviseChild({ ...argument.supervise, name: 'worker', log: console.error });
  told['worker'] = { pid: child.pid() };
}
console.log(JSON.stringify(told));
if (argument.exitAtOnce === true) process.exit(0);
setInterval(() => undefined, 1_000);
