import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A part of a benchmark in a process of its own, which is over when its parent lets go of it. */
export interface Forked {
  /** Sends something and gives the next answer. */
  ask(question: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts a file of this directory; what it is to do is in `BENCH_SETTINGS`, as JSON: it may hold a password. */
export function forked(file: string, settings: object): Forked {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    env: { ...process.env, BENCH_SETTINGS: JSON.stringify(settings) },
    execArgv: process.execArgv,
  });
  const exited = once(child, 'exit');
  const gone = exited.then(([code]) => {
    throw new Error(`${file} has ended with ${String(code)}`);
  });
  gone.catch(() => undefined);
  return {
    ask: async (question) => {
      const answered = once(child, 'message');
      child.send(question as object);
      const [answer] = (await Promise.race([answered, gone])) as [unknown];
      return answer;
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** In the child: what its parent has set. */
export function settingsOfParent(): unknown {
  return JSON.parse(process.env['BENCH_SETTINGS'] ?? '{}');
}

/** In the child: answers each question, one after the other, and ends with its parent. */
export function answering(answer: (question: unknown) => unknown): void {
  process.on('message', (question) => {
    void Promise.resolve(answer(question)).then((given) => process.send?.(given));
  });
  process.once('disconnect', () => process.exit());
}
