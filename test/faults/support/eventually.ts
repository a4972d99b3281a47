import { setTimeout as sleep } from 'node:timers/promises';

/** Looks until the condition holds; fails, saying what is missing, when it does not within the time. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  missing: () => string,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`after ${timeoutMs} ms: ${missing()}`);
    await sleep(50);
  }
}
