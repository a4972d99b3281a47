/**
 * Errors of the embedded environment. Whoever meets one is at a terminal and wants to get on, so each
 * says what is wrong and what to do about it. They are told apart by `name === 'DevError'`, and by
 * `code` where a caller may want to act on the kind (`EADDRINUSE`, `LOCKED`, …).
 */
export interface DevError extends Error {
  name: 'DevError';
  code: string;
}

/** Makes a DevError. `problem` says what is wrong, `remedy` what the reader can do. */
export function devError(code: string, problem: string, remedy: string, cause?: unknown): DevError {
  const error = new Error(`${problem}\n${remedy}`, cause === undefined ? {} : { cause });
  return Object.assign(error, { name: 'DevError' as const, code });
}

export function isDevError(error: unknown): error is DevError {
  return error instanceof Error && error.name === 'DevError';
}

const remedies: Record<string, (where: string) => string> = {
  ENOSPC: (where) => `The disk is full. Free some space at ${where}, or set LMS_STATE_DIR to a roomier disk.`,
  EDQUOT: (where) =>
    `Your disk quota is used up. Free some space at ${where}, or set LMS_STATE_DIR elsewhere.`,
  EROFS: () => 'The file system is read-only. Set LMS_STATE_DIR to a directory that you may write to.',
  EACCES: () => 'Permission is denied. Set LMS_STATE_DIR to a directory of your own, or correct its owner.',
  EPERM: () => 'Permission is denied. Set LMS_STATE_DIR to a directory of your own, or correct its owner.',
  EADDRINUSE: () => 'The port is in use. Stop what uses it, or let free ports be chosen: start --ports auto.',
  ENOENT: (where) => `Nothing is there. If it belongs to the installation (${where}), run npm ci again.`,
  ENOTDIR: () => 'A part of the path is a file. Set LMS_STATE_DIR to another directory.',
  EMFILE: () => 'Too many files are open. Raise the limit (ulimit -n 4096) and start again.',
};

/** The code of a system error (`ENOSPC`, …), or undefined for any other value. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Recognises the system error that a child process has written to its log. */
export function systemErrorInText(text: string): string | undefined {
  if (/no space left on device/i.test(text)) return 'ENOSPC';
  if (/address already in use/i.test(text)) return 'EADDRINUSE';
  if (/read-only file system/i.test(text)) return 'EROFS';
  if (/permission denied/i.test(text)) return 'EACCES';
  return undefined;
}

/**
 * Turns a system error into a DevError that says what to do; other errors come back as they are.
 * `doing` is what was tried ("write the password file"), `where` the path or address concerned.
 */
export function explainSystemError(error: unknown, doing: string, where: string): unknown {
  const code = systemErrorCode(error);
  const remedy = code === undefined || isDevError(error) ? undefined : remedyFor(code, where);
  if (code === undefined || remedy === undefined) return error;
  return devError(code, `Could not ${doing} (${where}): ${(error as Error).message}`, remedy, error);
}

/** What to do about a system error code, or undefined where there is no better advice than the code. */
export function remedyFor(code: string, where: string): string | undefined {
  return remedies[code]?.(where);
}
