import { CancellationScope, executeChild, workflowInfo } from '@temporalio/workflow';
import type { ChunkRef } from '../activities/operation.ts';
import type { Step } from '../contracts/changes.ts';
import { activities } from './activity-options.ts';
import type { ChunkOutcome, Lifecycle } from './lifecycle.ts';
import { show } from './publish-state.ts';

/**
 * Applies one chunk of an operation, as a workflow of its own: step by step, then verified, until nothing is left to do.
 * Once begun it is not broken off: a user who has been half changed is what everybody fears.
 */
export function applyChunk(ref: ChunkRef): Promise<ChunkOutcome> {
  return CancellationScope.nonCancellable(() => applySteps(ref, () => undefined));
}

/** Applies a chunk in a child workflow. */
export function applyInChild(life: Lifecycle, ref: ChunkRef): Promise<ChunkOutcome> {
  const { workflowId } = workflowInfo();
  show(life, `chunk ${ref.chunk} of ${life.chunks}`);
  return executeChild(applyChunk, {
    workflowId: `${workflowId}/chunk-${ref.chunk}`,
    args: [ref],
    staticSummary: `chunk ${ref.chunk} of ${life.chunks} of ${workflowId}`,
  });
}

/** Applies a chunk in the operation's own workflow. */
export function applyHere(life: Lifecycle, ref: ChunkRef): Promise<ChunkOutcome> {
  return applySteps(ref, (step) => {
    show(life, step);
  });
}

async function applySteps(
  ref: ChunkRef,
  onStep: (step: Step | 'begin' | 'verify') => void,
): Promise<ChunkOutcome> {
  onStep('begin');
  const begun = await activities.begin(ref);
  let applied = 0;
  let { conflicts, steps } = begun;
  for (let round = 2; ; round++) {
    for (const step of steps) {
      onStep(step);
      const outcome = await activities[step](ref);
      applied += outcome.applied;
      conflicts += outcome.conflicts;
    }
    onStep('verify');
    const verified = await activities.verify({ ...ref, round });
    if (verified.steps.length === 0) {
      return { applied, conflicts, users: verified.users, isolated: verified.isolated };
    }
    ({ steps } = verified);
  }
}
