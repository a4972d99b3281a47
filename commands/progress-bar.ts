import progress from 'cli-progress';
import type { Progress } from '../workflows/messages.ts';

/** Shows on a terminal how far an operation is: users, their rate, and the time that is left. Elsewhere it shows nothing. */
export interface ProgressBar {
  show(progress: Progress): void;
  stop(): void;
}

/** A CommonJS package: its members are on the default export. */
const { Format, SingleBar } = progress;

export function openProgressBar(): ProgressBar {
  const bar = new SingleBar({
    format: (options, params, { state }: { state?: string }) => {
      const seconds = Math.max(0.001, (Date.now() - params.startTime) / 1000);
      const rate = params.value / seconds;
      const secondsLeft = Math.ceil((params.total - params.value) / rate);
      const left = rate === 0 ? '?' : Format.TimeFormat(secondsLeft, options, 1);
      const drawn = Format.BarFormat(params.progress, options);
      return `${state ?? ''} [${drawn}] ${params.value} of ${params.total} users, ${rate.toFixed(0)}/s, ${left} left`;
    },
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  let started = false;
  return {
    show({ state, users }) {
      if (!process.stderr.isTTY || users.total === 0) return;
      if (!started) bar.start(users.total, users.done, { state });
      started = true;
      bar.update(users.done, { state });
    },
    stop() {
      if (started) bar.stop();
      started = false;
    },
  };
}
