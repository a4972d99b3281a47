import { setTimeout as sleep } from 'node:timers/promises';

const timeoutMs = 60_000;

/** Waits until the HTTP server answers and has all that it needs. @throws when it has not within a minute */
export async function serverReady(httpUrl: string): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let answer = 'it does not answer';
  while (Date.now() < deadline) {
    try {
      const response = await fetch(new URL('/readyz', httpUrl));
      if (response.ok) return;
      answer = await response.text();
    } catch {
      answer = 'it does not answer';
    }
    await sleep(100);
  }
  throw new Error(`no HTTP server came up within ${timeoutMs / 1000} s (${answer}); its messages are above`);
}
