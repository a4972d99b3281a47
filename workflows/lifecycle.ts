import type { Opened } from '../activities/open.ts';
import type { SealedPlan } from '../activities/seal.ts';
import type { Problem } from '../contracts/failures.ts';
import type { Attention, OperationState } from '../contracts/operations.ts';
import { dataRefused } from './message-data.ts';
import type { ApproveMessage, PlanPage, Progress } from './messages.ts';
import { Rate } from './rate.ts';

/** The parts of an operation that go through all its chunks, in order. */
export const phases = [
  'find',
  'judge',
  'plan',
  'seal',
  'frame',
  'apply',
  'latecomers',
  'attend',
  'finish',
] as const;
export type Phase = (typeof phases)[number];

/** What the operation had come to when its history was cut; everything that the next run must know. */
export interface Carried {
  operation: string;
  opened: Opened;
  phase: Phase;
  /** The chunks of this phase that have not been begun. */
  queue: ChunkQueue;
  state: OperationState;
  step: string;
  applied: number;
  conflicts: number;
  chunksDone: number;
  usersDone: number;
  sealed: SealedPlan | null;
  attention: Attention[];
  isolated: ChunkTally[];
  retaken: ChunkTally[];
  told?: number;
  paused: boolean;
  usersPerSecond: number | null;
  cancelRequested: boolean;
  verdict: Verdict | null;
}

/** Chunks in order: all from `next` on, or the ones that are named. */
export type ChunkQueue = { next: number; last: number } | { chunks: number[] };

type Verdict = 'approved' | Problem;

/** What a chunk came to before its isolated users are taken up once more. */
interface ChunkTally {
  chunk: number;
  applied: number;
  conflicts: number;
}

/** Why an operation ended without success. */
export interface Failure {
  type: string;
  message: string;
}

/** What one chunk came to. */
export interface ChunkOutcome {
  applied: number;
  conflicts: number;
  /** Users settled. */
  users: number;
  /** Users whom the host refused to change. */
  isolated: number;
}

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
  chunks = 0;
  chunksDone = 0;
  usersDone = 0;
  sealed: SealedPlan | null = null;
  attention: Attention[] = [];
  /** Chunks in which users are isolated. */
  isolated: ChunkTally[] = [];
  /** Those of them that are taken up once more now. */
  private retaken: ChunkTally[] = [];
  /** How often people have been told where it stands. */
  told = 0;
  paused = false;
  usersPerSecond: number | null = null;
  cancelRequested = false;
  /** What to do about the isolated users. */
  remedy: 'retry' | 'skip' | null = null;
  /** A signal that somebody sent where an Update was meant. */
  strayed: string | null = null;
  /** How fast it is applied; each run measures for itself. */
  readonly rate = new Rate();
  /** Why it ended without success. */
  failure: Failure | null = null;
  private verdict: Verdict | null = null;

  constructor(operation: string) {
    this.operation = operation;
  }

  /** Goes on where an earlier run of the same operation stopped. */
  static from(carried: Carried): Lifecycle {
    const life = new Lifecycle(carried.operation);
    life.state = carried.state;
    life.step = carried.step;
    life.applied = carried.applied;
    life.conflicts = carried.conflicts;
    life.chunks = carried.opened.found.chunks;
    life.chunksDone = carried.chunksDone;
    life.usersDone = carried.usersDone;
    life.sealed = carried.sealed;
    life.attention = carried.attention;
    life.isolated = carried.isolated;
    life.retaken = carried.retaken;
    life.told = carried.told ?? 0;
    life.paused = carried.paused;
    life.usersPerSecond = carried.usersPerSecond;
    life.cancelRequested = carried.cancelRequested;
    life.verdict = carried.verdict;
    return life;
  }

  carry(opened: Opened, phase: Phase, queue: ChunkQueue): Carried {
    const { operation, state, step, applied, conflicts, chunksDone, usersDone, sealed, attention } = this;
    const { isolated, retaken, told, paused, usersPerSecond, cancelRequested, verdict } = this;
    const done = { applied, conflicts, chunksDone, usersDone, isolated, retaken, attention, told };
    const control = { paused, usersPerSecond, cancelRequested, verdict };
    return { operation, opened, phase, queue, state, step, sealed, ...done, ...control };
  }

  seal(plan: SealedPlan): void {
    this.sealed = plan;
    if (plan.approvalBecause !== null) this.state = 'waiting-for-approval';
  }

  /** Counts a chunk that has been applied by now; one that is taken up once more has been counted with its users already. */
  count(chunk: number, outcome: ChunkOutcome, nowMs: number): void {
    const { applied, conflicts } = outcome;
    const before = this.retaken.find((tally) => tally.chunk === chunk);
    this.applied += applied - (before?.applied ?? 0);
    this.conflicts += conflicts - (before?.conflicts ?? 0);
    if (outcome.isolated > 0) this.isolated.push({ chunk, applied, conflicts });
    if (before !== undefined) return;
    this.usersDone += outcome.users;
    if (chunk > 0) this.chunksDone += 1;
    this.rate.mark(nowMs, this.usersDone, this.chunksDone);
  }

  /** Why an approval cannot be taken; null when it can. */
  approvalRefused(given: readonly unknown[]): string | null {
    const planHash = this.sealed?.planHash;
    return (
      dataRefused('approve', given, planHash) ??
      this.decisionRefused('approve') ??
      ((given[0] as ApproveMessage).planHash === planHash
        ? null
        : `this is not the hash of the plan, which is ${planHash ?? ''}`)
    );
  }

  /** Why a rejection cannot be taken; null when it can. */
  rejectionRefused(given: readonly unknown[]): string | null {
    return dataRefused('reject', given, this.sealed?.planHash) ?? this.decisionRefused('reject');
  }

  private decisionRefused(what: string): string | null {
    if (this.state === 'waiting-for-approval') return null;
    return `there is nothing to ${what}: the operation is ${this.state}`;
  }

  /** Why the isolated users cannot be retried or skipped; null when they can. */
  remedyRefused(): string | null {
    if (this.state === 'needs-attention') return null;
    return `there is nobody whom the host refused to change, or chunks are still under way: the operation is ${this.state}`;
  }

  /** The first decision counts; a later one does not change it. */
  decide(verdict: Verdict): void {
    this.verdict ??= verdict;
  }

  get decision(): Verdict | null {
    return this.verdict;
  }

  get progress(): Progress {
    const { operation, state, applied, conflicts, step, chunks, chunksDone, paused, usersPerSecond } = this;
    return {
      operation,
      state,
      planHash: this.sealed?.planHash ?? null,
      planned: this.sealed?.total ?? 0,
      applied,
      conflicts,
      step,
      chunks,
      chunksDone,
      users: { total: this.sealed?.users ?? 0, done: this.usersDone },
      paused,
      usersPerSecond,
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

  /** The chunks with isolated users, which are taken up once more. */
  takeIsolated(): number[] {
    this.retaken = this.isolated;
    this.isolated = [];
    return this.retaken.map(({ chunk }) => chunk);
  }
}
