import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, executeChild, sleep, workflowInfo } from '@temporalio/workflow';
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

/** How long the wait for another workflow of the same chunk grows. */
const longestWaitMs = 60_000;

/**
 * Applies a chunk in a child workflow. When the operation was reset, a child of before may still be at it: it is let
 * finish, and another one finds what it has left.
 */
export async function applyInChild(life: Lifecycle, ref: ChunkRef): Promise<ChunkOutcome> {
  const { workflowId } = workflowInfo();
  show(life, `chunk ${ref.chunk} of ${life.chunks}`);
  for (let waitMs = 500; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    try {
      return await executeChild(applyChunk, {
        workflowId: `${workflowId}/chunk-${ref.chunk}`,
        args: [ref],
        memo: { ...ref },
        staticSummary: `chunk ${ref.chunk} of ${life.chunks} of ${workflowId}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(waitMs);
    }
  }
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
  let { steps } = await activities.begin(ref);
  for (let round = 2; ; round++) {
    for (const step of steps) {
      onStep(step);
      await activities[step](ref);
    }
    onStep('verify');
    const { steps: more, ...outcome } = await activities.verify({ ...ref, round });
    if (more.length === 0) return outcome;
    steps = more;
  }
}
