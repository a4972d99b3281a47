import { execFile } from 'node:child_process';
import { childEnv } from './child-env.ts';

export interface CommandOptions {
  /** Variables on top of this process's own; undefined removes one. */
  env?: Record<string, string | undefined>;
  timeoutMs?: number;
  uid?: number;
  gid?: number;
  signal?: AbortSignal;
}

export interface CommandResult {
  ok: boolean;
  stdout: string;
  stderr: string;
  /** Why it failed, in a line or a few: the end of what it wrote, else how it ended. */
  reason: string;
}

/** Runs a short command to its end. Never throws: that a command is missing or fails is an answer. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { env, timeoutMs, ...rest } = options;
  // The root as directory: the current one may be closed to the user that the command runs as.
  const settings = {
    ...rest,
    env: childEnv(env),
    timeout: timeoutMs ?? 0,
    cwd: '/',
    maxBuffer: 64 * 2 ** 20,
  };
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { ...settings, killSignal: 'SIGKILL', windowsHide: true },
      (error, stdout, stderr) => {
        const reason = error === null ? '' : describeFailure(error, stdout, stderr, timeoutMs);
        resolve({ ok: error === null, stdout, stderr, reason });
      },
    );
  });
}

type ExecError = Error & { code?: number | string | null; killed?: boolean };

function describeFailure(error: ExecError, stdout: string, stderr: string, timeoutMs?: number): string {
  if (error.code === 'ENOENT') return 'there is no such command';
  if (error.name === 'AbortError') return 'it was cut short';
  if (error.killed === true && timeoutMs !== undefined) return `no answer within ${timeoutMs / 1000} seconds`;
  const written = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n');
  return written || `it ended with ${String(error.code)}`;
}
