import {
  ActivityFailure,
  ApplicationFailure,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import { activities } from './activity-options.ts';
import type { Lifecycle } from './lifecycle.ts';
import { dataRefused } from './message-data.ts';
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
import { show } from './publish-state.ts';
import { refusal } from './refusal.ts';

/** Connects the messages to the operation's state; validators refuse before anything enters history. */
export function installHandlers(life: Lifecycle): void {
  const { operation } = life;
  setHandler(progressQuery, () => life.progress, { description: descriptions.progress });
  setHandler(
    planQuery,
    (...given) => {
      refuse(dataRefused('plan', given));
      return life.planPage(given[0]?.offset, given[0]?.limit);
    },
    {
      description: descriptions.plan,
    },
  );
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
      validator: (...given: unknown[]) => refuse(life.approvalRefused(given)),
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
      validator: (...given: unknown[]) => refuse(life.rejectionRefused(given)),
      description: descriptions.reject,
    },
  );
  setHandler(
    cancelAfterChunkUpdate,
    () => {
      life.cancelRequested = true;
      show(life, life.step);
      return 'cancelled after this chunk';
    },
    { description: descriptions.cancelAfterChunk },
  );
  installControl(life);
  // A signal would be taken without a word, and nothing would happen.
  setDefaultSignalHandler((name) => {
    life.strayed = name;
    show(life, life.step);
  });
}

/** Control while it runs, and what becomes of whom the host refused to change. */
function installControl(life: Lifecycle): void {
  setHandler(
    pauseUpdate,
    () => {
      life.paused = true;
      show(life, life.step);
      return 'pauses when the chunks under way are done';
    },
    { description: descriptions.pause },
  );
  setHandler(
    resumeUpdate,
    () => {
      life.paused = false;
      show(life, life.step);
      return 'goes on';
    },
    { description: descriptions.resume },
  );
  setHandler(
    setPaceUpdate,
    ({ usersPerSecond }) => {
      life.usersPerSecond = usersPerSecond;
      life.rate.restart();
      show(life, life.step);
      return usersPerSecond === null ? 'no limit' : `at most ${usersPerSecond} users a second`;
    },
    {
      validator: (...given: unknown[]) => refuse(dataRefused('setPace', given)),
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
  if (problem !== null) throw refusal('InvalidInput', problem);
}

/** A refusal inside an activity reaches whoever sent the Update as itself. */
async function asItself<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : error;
  }
}
