import { ActivityFailure, ApplicationFailure, setHandler } from '@temporalio/workflow';
import { activities } from './activity-options.ts';
import type { Lifecycle } from './lifecycle.ts';
import {
  approveUpdate,
  attentionQuery,
  cancelAfterChunkUpdate,
  descriptions,
  pauseUpdate,
  planQuery,
  progressQuery,
  rejectUpdate,
  resumeUpdate,
  retryAttentionUpdate,
  setPaceUpdate,
  skipAttentionUpdate,
} from './messages.ts';
import type { ApproveMessage, PaceMessage, RejectMessage } from './messages.ts';

/** Connects the messages to the operation's state; validators refuse before anything enters history. */
export function installHandlers(life: Lifecycle): void {
  const { operation } = life;
  setHandler(progressQuery, () => life.progress, { description: descriptions.progress });
  setHandler(planQuery, (page) => life.planPage(page?.offset, page?.limit), {
    description: descriptions.plan,
  });
  setHandler(attentionQuery, () => life.attention, { description: descriptions.attention });
  setHandler(
    approveUpdate,
    async ({ by }) => {
      await asItself(activities.mayDecide({ operation, by }));
      await activities.approve({ operation, by });
      life.decide('approved');
      return 'approved';
    },
    {
      validator: (message: ApproveMessage) => refuse(life.approvalRefused(message)),
      description: descriptions.approve,
    },
  );
  setHandler(
    rejectUpdate,
    async ({ by, reason }) => {
      await asItself(activities.mayDecide({ operation, by }));
      life.decide({ type: 'ApprovalRejected', message: `rejected by user ${by}: ${reason}` });
      return 'rejected';
    },
    {
      validator: (message: RejectMessage) => refuse(life.rejectionRefused(message)),
      description: descriptions.reject,
    },
  );
  setHandler(
    cancelAfterChunkUpdate,
    () => {
      life.cancelRequested = true;
      return 'cancelled after this chunk';
    },
    { description: descriptions.cancelAfterChunk },
  );
  installControl(life);
}

/** Control while it runs, and what becomes of whom the host refused to change. */
function installControl(life: Lifecycle): void {
  setHandler(
    pauseUpdate,
    () => {
      life.paused = true;
      return 'pauses when the chunks under way are done';
    },
    { description: descriptions.pause },
  );
  setHandler(
    resumeUpdate,
    () => {
      life.paused = false;
      return 'goes on';
    },
    { description: descriptions.resume },
  );
  setHandler(
    setPaceUpdate,
    ({ usersPerSecond }) => {
      life.usersPerSecond = usersPerSecond;
      return usersPerSecond === null ? 'no limit' : `at most ${usersPerSecond} users a second`;
    },
    {
      validator: (message: PaceMessage) => refuse(life.paceRefused(message)),
      description: descriptions.setPace,
    },
  );
  for (const [remedy, update] of [
    ['retry', retryAttentionUpdate],
    ['skip', skipAttentionUpdate],
  ] as const) {
    setHandler(
      update,
      () => {
        life.remedy = remedy;
        return remedy === 'retry' ? 'tries them again' : 'gives them up';
      },
      { validator: () => refuse(life.remedyRefused()), description: descriptions[`${remedy}Attention`] },
    );
  }
}

function refuse(problem: string | null): void {
  if (problem !== null) throw ApplicationFailure.nonRetryable(problem, 'InvalidInput');
}

/** A refusal inside an activity reaches whoever sent the Update as itself. */
async function asItself<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : error;
  }
}
