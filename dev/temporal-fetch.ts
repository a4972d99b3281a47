import type { Log } from './child-process.ts';

/** A place that was tried, and why it did not serve. */
export interface FailedTry {
  what: string;
  reason: string;
}

/** One way to come by the binary: puts it somewhere into `dir` and answers with its path, or says why not. */
export type Fetch = (
  dir: string,
  options: { path: string; log: Log },
) => Promise<{ binary: string } | { reason: string }>;
