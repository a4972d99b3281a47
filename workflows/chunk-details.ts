import type { ChunkRef } from '../activities/operation.ts';
import type { Step } from '../contracts/changes.ts';
import { count, paragraphs, plain } from './markdown.ts';

/** Where a chunk stands. */
export interface ChunkProgress {
  now: Step | 'begin' | 'verify' | 'done';
  /** The steps of this round, and how many of them have been applied. */
  steps: readonly Step[];
  stepsDone: number;
  applied: number;
  conflicts: number;
}

/**
 * What the page of a chunk says at this moment, as Markdown; ids only.
 *
 * @param parent the workflow of the operation: whoever wants to stop something has to go there
 */
export function chunkDetails({ operation, chunk }: ChunkRef, at: ChunkProgress, parent: string): string {
  const { now, steps, stepsDone, applied, conflicts } = at;
  const where =
    now === 'done' ? '**Done**.' : `**Applying** (step ${now}, ${stepsDone} of ${steps.length} done).`;
  const drift = conflicts > 0 ? ` ${conflicts} met somebody else's change and were left alone.` : '';
  return paragraphs(
    `### Chunk ${chunk} of operation ${plain(operation)}`,
    `${where} ${count(applied, 'change')} applied.${drift}`,
    now === 'done' ? '' : controlled(parent),
  );
}

/** A chunk that has begun is finished: what can be sent is sent to the operation. */
export function controlled(parent: string): string {
  return `To pause, slow down or end the operation, send the Update to its own workflow, ${plain(parent)}. A chunk that has begun is finished.`;
}
