import { sweepReports } from './report-files.ts';

const everyMs = 60 * 60 * 1000;

/**
 * Removes expired reports now and every hour, for as long as the process that writes them runs. A sweep that fails is told, and
 * the next one tries again.
 */
export function startSweeping(
  directory: string,
  told: { removed: (files: number) => void; failed: (error: unknown) => void },
): { stop: () => void } {
  const sweep = (): void => {
    sweepReports(directory, Date.now()).then(told.removed, told.failed);
  };
  sweep();
  const timer = setInterval(sweep, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
