import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  ContinueAsNew,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Opened } from '../activities/open.ts';
import type { OperationKind, OperationResult, OperationState } from '../contracts/operations.ts';
import { activities } from './activity-options.ts';
import { ending } from './ending.ts';
import { installHandlers } from './handlers.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Carried, Failure } from './lifecycle.ts';
import { workThrough } from './phases.ts';
import { closeOperation } from './close-operation.ts';
import { show } from './publish-state.ts';
import { refusal } from './refusal.ts';
import { searchAttributes } from './search-attributes.ts';

/**
 * The durable lifecycle that every operation has: open, find its users, judge and plan them chunk by chunk, seal,
 * (approve,) apply chunk by chunk, attend to whom the host refused, close.
 *
 * A chunk that has been begun is finished: Temporal's own cancel, like cancelAfterChunk, ends the operation after it.
 *
 * @param carried where an earlier run of the same operation stopped: long histories are cut (continue as new)
 * @throws ApplicationFailure of one of the failure types, after the ledger has recorded it
 */
export async function runOperation(
  kind: OperationKind,
  input: unknown,
  carried?: Carried,
): Promise<OperationResult> {
  const { firstExecutionRunId } = workflowInfo();
  requireOneInput(carried);
  const life = carried ? Lifecycle.from(carried) : new Lifecycle(firstExecutionRunId);
  installHandlers(life);
  const cancelled = noteCancellation(life);
  const result = await CancellationScope.nonCancellable(() => carryOut(life, kind, input, carried));
  if (cancelled.requested && result.state === 'cancelled') throw new CancelledFailure('cancelled');
  return result;
}

/** What follows the input is for the runs of a long operation alone; typed by somebody it could be anything, null too. */
export function requireOneInput(carried?: Carried | null): void {
  const { firstExecutionRunId, workflowType } = workflowInfo();
  if (carried === undefined || carried?.operation === firstExecutionRunId) return;
  throw refusal('InvalidInput', `${workflowType} takes one input: give no second one beside it`);
}

/** Temporal's own cancel asks for the same as cancelAfterChunk. */
function noteCancellation(life: Lifecycle): { requested: boolean } {
  const noted = { requested: false };
  CancellationScope.current().cancelRequested.catch(() => {
    noted.requested = true;
    life.cancelRequested = true;
  });
  return noted;
}

async function carryOut(
  life: Lifecycle,
  kind: OperationKind,
  input: unknown,
  carried: Carried | undefined,
): Promise<OperationResult> {
  let opened: Opened | null = carried?.opened ?? null;
  try {
    opened ??= await open(life, kind, input);
    show(life, life.step);
    const end = await workThrough({ life, opened, input, from: carried ?? null });
    return await finish(life, opened, end, null);
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    const { state, failure } = ending(error);
    life.failure = failure;
    await finish(life, opened, state, failure);
    throw refusal(failure.type, failure.message);
  }
}

async function open(life: Lifecycle, kind: OperationKind, input: unknown): Promise<Opened> {
  const { workflowId, memo } = workflowInfo();
  show(life, 'open');
  upsertSearchAttributes([{ key: searchAttributes.operation, value: kind }]);
  const request = { operation: life.operation, workflowId, kind, input, trigger: triggerOf(memo) };
  const opened = await activities.open(request);
  const { host, requestedBy, found } = opened;
  upsertSearchAttributes([
    { key: searchAttributes.host, value: host },
    { key: searchAttributes.requestedBy, value: requestedBy },
    { key: searchAttributes.state, value: 'planning' },
    ...(found.user === null ? [] : [{ key: searchAttributes.userId, value: found.user }]),
  ]);
  return opened;
}

/** What started it: whoever starts it by program says so in the memo; without one it was the Temporal UI or CLI. */
export function triggerOf(memo: Record<string, unknown> | undefined): string {
  const trigger = memo?.['trigger'];
  return typeof trigger === 'string' ? trigger : 'temporal';
}

async function finish(
  life: Lifecycle,
  opened: Opened | null,
  state: OperationState,
  failure: Failure | null,
): Promise<OperationResult> {
  const refreshed =
    opened?.refreshes && life.applied > 0
      ? await activities.refreshHost({ operation: life.operation })
      : { warnings: [] };
  show(life, 'close');
  const result = await closeOperation(life, { state, failure, ...refreshed });
  await condition(allHandlersFinished);
  return result;
}
