import type { CloseRequest } from '../activities/close.ts';
import type { SealedPlan } from '../activities/seal.ts';
import type { Problem } from '../contracts/failures.ts';
import type { Attention, OperationResult, OperationState } from '../contracts/operations.ts';
import type { ApproveMessage, PlanPage, Progress, RejectMessage } from './messages.ts';

/**
 * Where an operation stands, as a plain state machine without Temporal: what the messages ask and change, and
 * what the workflow waits for.
 */
export class Lifecycle {
  readonly operation: string;
  state: OperationState = 'planning';
  step = 'open';
  applied = 0;
  conflicts = 0;
  sealed: SealedPlan | null = null;
  attention: Attention[] = [];
  cancelRequested = false;
  /** Why it ended without success. */
  failure: CloseRequest['failure'] = null;
  private verdict: 'approved' | Problem | null = null;

  constructor(operation: string) {
    this.operation = operation;
  }

  seal(plan: SealedPlan): void {
    this.sealed = plan;
    if (plan.approvalBecause !== null) this.state = 'waiting-for-approval';
  }

  /** Why an approval cannot be taken; null when it can. */
  approvalRefused({ by, planHash }: ApproveMessage): string | null {
    if (!isText(by)) return 'approve needs { by, planHash }: by is missing';
    if (this.state !== 'waiting-for-approval')
      return `there is nothing to approve: the operation is ${this.state}`;
    if (planHash !== this.sealed?.planHash)
      return `this is not the hash of the plan, which is ${this.sealed?.planHash ?? ''}`;
    return null;
  }

  /** Why a rejection cannot be taken; null when it can. */
  rejectionRefused({ by, reason }: RejectMessage): string | null {
    if (!isText(by) || !isText(reason)) return 'reject needs { by, reason }, both as text';
    if (this.state !== 'waiting-for-approval')
      return `there is nothing to reject: the operation is ${this.state}`;
    return null;
  }

  /** The first decision counts; a later one does not change it. */
  decide(verdict: 'approved' | Problem): void {
    this.verdict ??= verdict;
  }

  get decision(): 'approved' | Problem | null {
    return this.verdict;
  }

  get progress(): Progress {
    return {
      operation: this.operation,
      state: this.state,
      planHash: this.sealed?.planHash ?? null,
      planned: this.sealed?.total ?? 0,
      applied: this.applied,
      conflicts: this.conflicts,
      step: this.step,
    };
  }

  planPage(offset = 0, limit = 20): PlanPage {
    const lines = this.sealed?.lines ?? [];
    return {
      planHash: this.sealed?.planHash ?? null,
      total: this.sealed?.total ?? 0,
      changes: lines.slice(offset, offset + limit),
    };
  }

  finish(result: OperationResult): void {
    this.state = result.state;
    this.attention = result.attention;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
