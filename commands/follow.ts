import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { OperationResult, OperationState } from '../contracts/operations.ts';
import { listAttention } from '../ledger/attention.ts';
import { approveUpdate, planQuery, progressQuery } from '../workflows/messages.ts';
import type { PlanPage, Progress } from '../workflows/messages.ts';
import { CommandFailed, exitCodes } from './output.ts';
import type { Answer } from './output.ts';
import { openProgressBar } from './progress-bar.ts';
import type { ProgressBar } from './progress-bar.ts';
import type { Session } from './session.ts';
import { planText, resultText } from './texts.ts';

export interface FollowOptions {
  /** Who approves, if an approval is needed. */
  by: string;
  /** Approves the plan that is shown, without asking. */
  yes?: boolean | undefined;
}

const pollEveryMs = 300;

/** Waits for an operation; where it waits for approval, shows the plan and asks for it at the terminal. */
export async function follow(
  session: Session,
  handle: WorkflowHandle,
  options: FollowOptions,
): Promise<Answer> {
  const bar = openProgressBar();
  try {
    return await waitFor(session, handle, options, bar);
  } finally {
    bar.stop();
  }
}

async function waitFor(
  session: Session,
  handle: WorkflowHandle,
  options: FollowOptions,
  bar: ProgressBar,
): Promise<Answer> {
  // Without the signal the call for the result would keep the process alive for as long as the server lets it wait.
  const enough = new AbortController();
  const finished = handle.client
    .withAbortSignal(enough.signal, () => handle.result())
    .then(
      (result: OperationResult) => ({ result }),
      (error: unknown) => ({ error }),
    );
  for (;;) {
    const outcome = await Promise.race([finished, sleep(pollEveryMs, null)]);
    if (outcome !== null) {
      bar.stop();
      return 'result' in outcome ? await answerTo(session, outcome.result) : fail(outcome.error);
    }
    const progress = await currentProgress(handle);
    if (progress === null) continue;
    if (progress.state === 'waiting-for-approval' && (await askForApproval(handle, options))) continue;
    const waiting = waitsFor(progress.state, handle.workflowId);
    if (waiting !== null) {
      enough.abort();
      return { json: progress, text: waiting, exitCode: exitCodes.attention };
    }
    bar.show(progress);
  }
}

/** Null while the workflow has not begun, or is over: the result tells then. */
async function currentProgress(handle: WorkflowHandle): Promise<Progress | null> {
  try {
    return await handle.query(progressQuery);
  } catch {
    return null;
  }
}

/** What was given for a line stays out of Temporal; here it is said. */
async function answerTo({ database }: Session, result: OperationResult): Promise<Answer> {
  const attention = await database.transaction((sql) =>
    listAttention(sql, result.operation, 0, result.attention.length),
  );
  const named = { ...result, attention };
  const exitCode = result.users.attention > 0 ? exitCodes.attention : exitCodes.done;
  return { json: named, text: resultText(named), exitCode };
}

/** What an operation waits for that only somebody can decide; null while it goes on by itself. */
function waitsFor(state: OperationState, workflowId: string): string | null {
  if (state === 'waiting-for-approval')
    return `Waits for approval. Approve it with: ops approve ${workflowId}`;
  if (state !== 'needs-attention') return null;
  return `The host refused to change some users: ops show ${workflowId}. Then: ops retry or ops skip ${workflowId}`;
}

async function askForApproval(handle: WorkflowHandle, { by, yes }: FollowOptions): Promise<boolean> {
  const plan: PlanPage = await handle.query(planQuery, { offset: 0, limit: 20 });
  process.stderr.write(`${planText(plan)}\n`);
  if (!yes && !(await confirmed('Apply this plan? [y/N] '))) return false;
  await approve(handle, by, plan.planHash ?? '');
  return true;
}

/** Asks at the terminal; no terminal is a no. */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

/** Approves a plan. @throws CommandFailed when it is refused */
export async function approve(handle: WorkflowHandle, by: string, planHash: string): Promise<void> {
  try {
    await handle.executeUpdate(approveUpdate, { args: [{ by, planHash }] });
  } catch (error) {
    fail(error);
  }
}

/** Turns what Temporal's client throws into the failure of the operation itself. */
export function fail(error: unknown): never {
  const failed = error instanceof WorkflowFailedError || error instanceof WorkflowUpdateFailedError;
  if (failed && error.cause instanceof ApplicationFailure) {
    throw new CommandFailed(error.cause.type ?? 'Failed', error.cause.message);
  }
  if (failed && error.cause) throw new CommandFailed(error.cause.name, error.cause.message);
  throw error;
}
