import { ActivityFailure, ApplicationFailure, setHandler } from '@temporalio/workflow';
import { activities } from './activity-options.ts';
import type { Lifecycle } from './lifecycle.ts';
import {
  approveUpdate,
  attentionQuery,
  cancelAfterChunkUpdate,
  descriptions,
  planQuery,
  progressQuery,
  rejectUpdate,
} from './messages.ts';
import type { ApproveMessage, RejectMessage } from './messages.ts';

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
