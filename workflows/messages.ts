import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { PlanLine } from '../activities/seal.ts';
import type { Attention, OperationState } from '../contracts/operations.ts';

export interface ApproveMessage {
  /** The id of the user who approves. */
  by: string;
  /** The hash of the plan that was looked at. */
  planHash: string;
}

export interface RejectMessage {
  /** The id of the user who rejects. */
  by: string;
  reason: string;
}

export interface PaceMessage {
  /** At most so many users a second, on average; null: as fast as it goes. */
  usersPerSecond: number | null;
}

/** What `progress` answers. */
export interface Progress {
  operation: string;
  state: OperationState;
  planHash: string | null;
  /** Changes planned. */
  planned: number;
  /** Changes applied so far, and those that somebody else's change prevented. */
  applied: number;
  conflicts: number;
  /** The step that is running or was last run. */
  step: string;
  chunks: number;
  /** Chunks that have been dealt with in the phase that `state` tells. */
  chunksDone: number;
  /** Users of the plan, and those whose chunk has been applied. */
  users: { total: number; done: number };
  /** Whether a pause has been asked for; it takes effect between chunks. */
  paused: boolean;
  usersPerSecond: number | null;
}

export interface PlanPage {
  planHash: string | null;
  total: number;
  changes: PlanLine[];
}

export const approveUpdate = defineUpdate<string, [ApproveMessage]>('approve');
export const rejectUpdate = defineUpdate<string, [RejectMessage]>('reject');
export const pauseUpdate = defineUpdate<string>('pause');
export const resumeUpdate = defineUpdate<string>('resume');
export const cancelAfterChunkUpdate = defineUpdate<string>('cancelAfterChunk');
export const setPaceUpdate = defineUpdate<string, [PaceMessage]>('setPace');
export const retryAttentionUpdate = defineUpdate<string>('retryAttention');
export const skipAttentionUpdate = defineUpdate<string>('skipAttention');
export const progressQuery = defineQuery<Progress>('progress');
export const planQuery = defineQuery<PlanPage, [{ offset?: number; limit?: number }?]>('plan');
export const attentionQuery = defineQuery<Attention[]>('attention');

/** What the Temporal UI says about each message. */
export const descriptions = {
  approve:
    'Applies the plan: { "by": "<your user id>", "planHash": "<its hash>" }, ready to copy on the tab User Metadata',
  reject: 'Ends the operation without a change: { "by": "<your user id>", "reason": "<why>" }',
  pause: 'Starts no further chunk until it is resumed; chunks under way are finished. Takes no data',
  resume: 'Goes on after a pause; takes no data',
  cancelAfterChunk: 'Ends the operation when the chunks under way are done; takes no data',
  setPace: 'At most so many users a second: { "usersPerSecond": 50 }; null instead of 50 for no limit',
  cancelReport: 'Stops writing or mailing the report; takes no data',
  retryAttention: 'Tries again the users whom the host refused to change; takes no data',
  skipAttention: 'Gives up the users whom the host refused to change, and ends; takes no data',
  progress: 'Where the operation stands; takes no argument',
  plan: 'The changes of the plan, at most the first 100: { "offset": 0, "limit": 100 }; all: ops show ID --changes',
  attention: 'The lines that need attention, at most the first 100; takes no argument',
};
