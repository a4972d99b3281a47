import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  rootCause,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { CloseRequest } from '../activities/close.ts';
import type { Opened } from '../activities/open.ts';
import type { Step } from '../contracts/changes.ts';
import type { OperationKind, OperationResult, OperationState } from '../contracts/operations.ts';
import { activities } from './activity-options.ts';
import { approval } from './approval.ts';
import { currentDetails } from './details.ts';
import { installHandlers } from './handlers.ts';
import { Lifecycle } from './lifecycle.ts';
import { publishState } from './publish-state.ts';
import { searchAttributes } from './search-attributes.ts';

/** What tells one operation from another; all the rest is the lifecycle. */
export interface OperationDefinition {
  kind: OperationKind;
  /** In the order in which they are applied. */
  steps: readonly Step[];
}

/**
 * The durable lifecycle that every operation has: open, plan, seal, (approve,) apply step by step, verify, close.
 *
 * @throws ApplicationFailure of one of the failure types, after the ledger has recorded it
 */
export async function runOperation(
  definition: OperationDefinition,
  input: unknown,
): Promise<OperationResult> {
  const { firstExecutionRunId, workflowId, memo } = workflowInfo();
  const life = new Lifecycle(firstExecutionRunId);
  installHandlers(life);
  setCurrentDetails(currentDetails(life));
  try {
    upsertSearchAttributes([{ key: searchAttributes.operation, value: definition.kind }]);
    const opened = await activities.open({
      operation: life.operation,
      workflowId,
      kind: definition.kind,
      input,
      trigger: triggerOf(memo),
    });
    announce(opened);
    const end = await carryOut(definition, life, opened);
    return await finish(life, end, null);
  } catch (error) {
    const { state, failure } = ending(error);
    life.failure = failure;
    await CancellationScope.nonCancellable(() => finish(life, state, failure));
    throw failure ? ApplicationFailure.nonRetryable(failure.message, failure.type) : error;
  }
}

async function carryOut(
  definition: OperationDefinition,
  life: Lifecycle,
  opened: Opened,
): Promise<OperationState> {
  const { operation } = life;
  for (let chunk = 1; chunk <= opened.chunks; chunk++) {
    show(life, 'plan');
    await activities.plan({ operation, chunk });
  }
  show(life, 'seal');
  life.seal(await activities.seal({ operation }));
  show(life, 'seal');
  if (opened.mode === 'preview') return 'previewed';
  if (life.state === 'waiting-for-approval') await approval(life, opened.approvalExpiryMs);
  life.state = 'applying';
  publishState(life);
  for (let chunk = 1; chunk <= opened.chunks; chunk++) {
    if (life.cancelRequested) return 'cancelled';
    await applyChunk(definition.steps, life, chunk);
  }
  return 'done';
}

async function applyChunk(steps: readonly Step[], life: Lifecycle, chunk: number): Promise<void> {
  const { operation } = life;
  let again = true;
  for (let round = 2; again; round++) {
    for (const step of steps) {
      show(life, step);
      const outcome = await activities[step]({ operation, chunk });
      life.applied += outcome.applied;
      life.conflicts += outcome.conflicts;
    }
    show(life, 'verify');
    ({ again } = await activities.verify({ operation, chunk, round }));
  }
}

async function finish(
  life: Lifecycle,
  state: OperationState,
  failure: CloseRequest['failure'],
): Promise<OperationResult> {
  show(life, 'close');
  const result = await activities.close({ operation: life.operation, state, failure });
  life.finish(result);
  publishState(life);
  show(life, 'close');
  await condition(allHandlersFinished);
  return result;
}

/** What started it: whoever starts it by program says so in the memo; without one it was the Temporal UI or CLI. */
function triggerOf(memo: Record<string, unknown> | undefined): string {
  const trigger = memo?.['trigger'];
  return typeof trigger === 'string' ? trigger : 'temporal';
}

function announce({ host, requestedBy, user }: Opened): void {
  upsertSearchAttributes([
    { key: searchAttributes.host, value: host },
    { key: searchAttributes.requestedBy, value: requestedBy },
    { key: searchAttributes.state, value: 'planning' },
    ...(user === null ? [] : [{ key: searchAttributes.userId, value: user }]),
  ]);
}

function show(life: Lifecycle, step: string): void {
  life.step = step;
  setCurrentDetails(currentDetails(life));
}

/** How the operation ends after an error. An expected failure keeps its type; any other is a bug's. */
function ending(error: unknown): { state: OperationState; failure: CloseRequest['failure'] } {
  if (isCancellation(error)) return { state: 'cancelled', failure: null };
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure)) {
    return { state: 'failed', failure: { type: 'Unexpected', message: rootCause(error) ?? 'unknown' } };
  }
  const type = cause.type ?? 'Unexpected';
  return { state: endStates[type] ?? 'failed', failure: { type, message: cause.message } };
}

const endStates: Readonly<Partial<Record<string, OperationState>>> = {
  ApprovalRejected: 'rejected',
  ApprovalExpired: 'expired',
};
