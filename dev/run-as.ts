import { stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { devError } from './dev-errors.ts';
import { runCommand } from './run-command.ts';

/** Under which identity a command runs: words to put before it, or ids for the system to switch to. */
export interface RunAs {
  prefix: readonly string[];
  ids?: UserIds;
}

export interface UserIds {
  uid: number;
  gid: number;
}

/** To run something as ourselves. */
export const asOurselves: RunAs = { prefix: [] };

/**
 * How root runs a command as `user` past directories that are closed to that user (`mktemp -d`, /root):
 * setpriv leaves it the one capability that passes them, CAP_DAC_OVERRIDE, and the secure bit without
 * which access(2), which PostgreSQL asks about its own programs, would ignore that capability.
 * `probe` is a command that shows whether it works here; if not, the answer says why.
 */
export async function runAsPastClosedDirectories(
  { uid, gid }: UserIds,
  probe: readonly string[],
): Promise<{ runAs: RunAs } | { reason: string }> {
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  const capability = ['--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override'];
  const options = [...ids, ...capability, '--securebits=+no_setuid_fixup', '--'];
  const answer = await runCommand('setpriv', [...options, ...probe], { timeoutMs: 10_000 });
  return answer.ok ? { runAs: { prefix: ['setpriv', ...options] } } : { reason: answer.reason };
}

/** The unprivileged user for root to run PostgreSQL as: `postgres`, else `nobody`. A DevError if neither is there. */
export async function unprivilegedUser(): Promise<UserIds> {
  for (const name of ['postgres', 'nobody']) {
    const uid = await runCommand('id', ['-u', name]);
    const gid = await runCommand('id', ['-g', name]);
    if (uid.ok && gid.ok && Number(uid.stdout) > 0)
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  const problem =
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as.';
  throw devError('NO_USER', problem, 'Add one (useradd --system postgres), or start as an ordinary user.');
}

/** The lowest directory above the path that the user may not pass, or undefined. */
export async function closedDirectory(user: UserIds, path: string): Promise<string | undefined> {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    if (!mayPass(user, await stat(dir))) return dir;
    if (dir === dirname(dir)) return undefined;
  }
}

function mayPass({ uid, gid }: UserIds, { uid: owner, gid: group, mode }: Stats): boolean {
  if (owner === uid) return (mode & 0o100) !== 0;
  return (mode & (group === gid ? 0o010 : 0o001)) !== 0;
}
