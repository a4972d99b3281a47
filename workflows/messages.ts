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
}

export interface PlanPage {
  planHash: string | null;
  total: number;
  changes: PlanLine[];
}

export const approveUpdate = defineUpdate<string, [ApproveMessage]>('approve');
export const rejectUpdate = defineUpdate<string, [RejectMessage]>('reject');
export const cancelAfterChunkUpdate = defineUpdate<string>('cancelAfterChunk');
export const progressQuery = defineQuery<Progress>('progress');
export const planQuery = defineQuery<PlanPage, [{ offset?: number; limit?: number }?]>('plan');
export const attentionQuery = defineQuery<Attention[]>('attention');

/** What the Temporal UI says about each message. */
export const descriptions = {
  approve:
    'Applies the plan: { "by": "<your user id>", "planHash": "<its hash>" }, ready to copy on the tab User Metadata',
  reject: 'Ends the operation without a change: { "by": "<your user id>", "reason": "<why>" }',
  cancelAfterChunk: 'Ends the operation when the chunk that is being applied is done; takes no data',
  progress: 'Where the operation stands; takes no argument',
  plan: 'The changes of the plan, at most the first 100: { "offset": 0, "limit": 100 }; all: ops show ID --changes',
  attention: 'The lines that need attention, at most the first 100; takes no argument',
};
