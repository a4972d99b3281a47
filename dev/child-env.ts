/**
 * The environment of a child process: our own, with some variables changed (undefined removes one). This
 * passes the environment on and reads no setting from it; settings are config.ts's business.
 */
export function childEnv(changes: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
  const all = Object.entries({ ...process.env, ...changes });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

/** Where the system looks for programs. On Windows the variable is spelt `Path`. */
export function searchPath(): string {
  return Object.entries(process.env).find(([name]) => name.toUpperCase() === 'PATH')?.[1] ?? '';
}
