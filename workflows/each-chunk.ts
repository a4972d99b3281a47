import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { ChunkQueue, Lifecycle, Phase } from './lifecycle.ts';
import { Pacer } from './pacer.ts';
import { enter } from './publish-state.ts';
import type { Run } from './run.ts';

/** Well below what Temporal warns at, and with room for the chunks under way: histories stay under 2,000 events and 2 MB. */
const mostEvents = 1_200;
const mostBytes = 1_000_000;

/** An input above this is not handed on from run to run: the ledger has it. */
const mostInputCharacters = 20_000;

/** The chunks of the operation's users. */
export function userChunks({ opened }: Run): ChunkQueue {
  return { next: 1, last: opened.found.chunks };
}

/** The chunk of what it changes beside its users, and those of the users. */
export function allChunks({ opened }: Run): ChunkQueue {
  return { next: opened.found.frame === 'none' ? 1 : 0, last: opened.found.chunks };
}

/**
 * Works through chunks, a few side by side. Between chunks: a pause takes effect, the pace is kept, a cancellation ends
 * it, and a history that has grown long is cut.
 *
 * @param queue the chunks to work through, unless a run before has left some of this phase
 * @returns whether all chunks have been worked through
 * @throws the first error of a chunk, once the others that were under way have ended
 */
export async function eachChunk(
  run: Run,
  phase: Phase,
  queue: ChunkQueue,
  work: (chunk: number) => Promise<void>,
): Promise<boolean> {
  const { life } = run;
  const chunks = run.from?.phase === phase ? run.from.queue : queue;
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const failed = (): boolean => failures.length > 0;
  const pacer = new Pacer(life);
  const allDone = (): Promise<unknown> => Promise.all(underWay);
  while (!isEmpty(chunks) && !failed() && !life.cancelRequested) {
    if (life.paused || historyIsLong() || (phase === 'apply' && pacer.isSet)) await allDone();
    if (life.paused) {
      await pause(life);
    } else if (historyIsLong()) {
      if (!failed()) await cutHistory(run, phase, chunks);
    } else if (phase !== 'apply' || (await pacer.ready())) {
      pacer.begin();
      start(underWay, failures, work(take(chunks)));
      if (underWay.size >= run.opened.window) await Promise.race(underWay);
    }
  }
  await allDone();
  if (failed()) throw failures[0];
  return isEmpty(chunks);
}

function start(underWay: Set<Promise<void>>, failures: unknown[], work: Promise<void>): void {
  const ended = work
    .catch((error: unknown) => {
      failures.push(error);
    })
    .finally(() => underWay.delete(ended));
  underWay.add(ended);
}

function isEmpty(queue: ChunkQueue): boolean {
  return 'chunks' in queue ? queue.chunks.length === 0 : queue.next > queue.last;
}

function take(queue: ChunkQueue): number {
  if (!('chunks' in queue)) return queue.next++;
  const [first = 0] = queue.chunks.splice(0, 1);
  return first;
}

async function pause(life: Lifecycle): Promise<void> {
  const before = life.state;
  enter(life, 'paused');
  await condition(() => !life.paused || life.cancelRequested);
  enter(life, before);
}

function historyIsLong(): boolean {
  const { historyLength, historySize } = workflowInfo();
  return historyLength > mostEvents || historySize > mostBytes;
}

/** The rest of the operation goes on in a run of its own, with a fresh history. */
async function cutHistory({ life, opened, input }: Run, phase: Phase, chunks: ChunkQueue): Promise<never> {
  await condition(allHandlersFinished);
  const handedOn = JSON.stringify(input ?? null).length > mostInputCharacters ? null : input;
  return continueAsNew(handedOn, life.carry(opened, phase, chunks));
}
