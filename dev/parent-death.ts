import { runCommand } from './run-command.ts';

type StopSignal = 'SIGINT' | 'SIGTERM';

let usable: Promise<boolean> | undefined;

/**
 * What to put before a command so that the kernel sends it `signal` when we die, even by SIGKILL (Linux,
 * with util-linux's setpriv). Empty where that cannot be had: the next start then ends what was left.
 */
export async function parentDeathPrefix(signal: StopSignal): Promise<string[]> {
  usable ??= probe();
  return (await usable) ? ['setpriv', '--pdeathsig', signal.slice('SIG'.length), '--'] : [];
}

async function probe(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const answer = await runCommand('setpriv', ['--pdeathsig', 'TERM', '--', 'true'], { timeoutMs: 5_000 });
  return answer.ok;
}
