import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  executeChild,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ChunkRef } from '../activities/operation.ts';
import { asSummary } from '../contracts/summaries.ts';
import { activities } from './activity-options.ts';
import { chunkDetails, controlled } from './chunk-details.ts';
import type { ChunkProgress } from './chunk-details.ts';
import type { ChunkOutcome, Lifecycle } from './lifecycle.ts';
import { show } from './publish-state.ts';
import { refusal } from './refusal.ts';

/**
 * Applies one chunk of an operation, as a workflow of its own: step by step, then verified, until nothing is left to do.
 * Once begun it is not broken off: a user who has been half changed is what everybody fears.
 *
 * @throws ApplicationFailure InvalidInput when somebody starts it by hand: guards and approval are the operation's
 */
export function applyChunk(ref: ChunkRef): Promise<ChunkOutcome> {
  const { parent } = workflowInfo();
  if (!parent) {
    const problem =
      'applyChunk is a part of an operation: start the operation itself, for example deleteUsers';
    throw refusal('InvalidInput', problem);
  }
  return CancellationScope.nonCancellable(() =>
    applySteps(ref, (at) => {
      setCurrentDetails(chunkDetails(ref, at, parent.workflowId));
    }),
  );
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
        staticSummary: asSummary(`Chunk ${ref.chunk} of ${life.chunks} of ${workflowId}`),
        staticDetails: controlled(workflowId),
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(waitMs);
    }
  }
}

/** Applies a chunk in the operation's own workflow. */
export function applyHere(life: Lifecycle, ref: ChunkRef): Promise<ChunkOutcome> {
  return applySteps(ref, ({ now }) => {
    if (now !== 'done') show(life, now);
  });
}

async function applySteps(ref: ChunkRef, tell: (at: ChunkProgress) => void): Promise<ChunkOutcome> {
  const at: ChunkProgress = { now: 'begin', steps: [], stepsDone: 0, applied: 0, conflicts: 0 };
  tell(at);
  at.steps = (await activities.begin(ref)).steps;
  for (let round = 2; ; round++) {
    for (const step of at.steps) {
      tell(Object.assign(at, { now: step }));
      const { applied, conflicts } = await activities[step](ref);
      at.applied += applied;
      at.conflicts += conflicts;
      at.stepsDone += 1;
    }
    tell(Object.assign(at, { now: 'verify' }));
    const { steps, ...outcome } = await activities.verify({ ...ref, round });
    if (steps.length === 0) {
      tell(Object.assign(at, { now: 'done', applied: outcome.applied, conflicts: outcome.conflicts }));
      return outcome;
    }
    Object.assign(at, { steps, stepsDone: 0 });
  }
}
