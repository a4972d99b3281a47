import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  proxyActivities,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities.ts';
import type { OperationResult, OperationState } from '../contracts/operations.ts';
import type { WrittenReport } from '../contracts/reports.ts';
import { activities, activityOptions } from './activity-options.ts';
import { closeOperation } from './close-operation.ts';
import { ending } from './ending.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Failure } from './lifecycle.ts';
import { cancelAfterChunkUpdate, descriptions, progressQuery } from './messages.ts';
import { triggerOf } from './operation.ts';
import { enter, show } from './publish-state.ts';
import { searchAttributes } from './search-attributes.ts';

// A million users take minutes; a host that is slow takes longer.
const { writeReport } = proxyActivities<Activities>({ ...activityOptions, startToCloseTimeout: '4 hours' });

const { mailReport } = proxyActivities<Activities>({
  ...activityOptions,
  startToCloseTimeout: '2 minutes',
  // A mail server may be away for a night; for longer than that the link would have expired when it comes.
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});

/** Writes a report and mails a link to it (P-03): it reads and changes nothing, so there is no plan and nothing to approve. */
export async function runReport(input: unknown): Promise<OperationResult> {
  const life = new Lifecycle(workflowInfo().firstExecutionRunId);
  const scope = new CancellationScope();
  setHandler(progressQuery, () => life.progress, { description: descriptions.progress });
  setHandler(
    cancelAfterChunkUpdate,
    () => {
      life.cancelRequested = true;
      scope.cancel();
      return 'cancelled';
    },
    { description: descriptions.cancelAfterChunk },
  );
  try {
    const report = await scope.run(() => make(life, input));
    return await finish(life, { state: report ? 'done' : 'previewed', failure: null }, report);
  } catch (error) {
    const cancelled = isCancellation(error);
    const end = cancelled ? { state: 'cancelled' as const, failure: null } : ending(error);
    const result = await CancellationScope.nonCancellable(() => finish(life, end, null));
    if (cancelled && life.cancelRequested) return result;
    if (cancelled) throw new CancelledFailure('cancelled');
    throw ApplicationFailure.nonRetryable(end.failure?.message, end.failure?.type);
  }
}

/** Null in a preview, which says whether it could be done. */
async function make(life: Lifecycle, input: unknown): Promise<WrittenReport | null> {
  const { operation } = life;
  const { mode } = await CancellationScope.nonCancellable(() => open(life, input));
  if (mode === 'preview') return null;
  enter(life, 'applying');
  show(life, 'writeReport');
  try {
    const report = await writeReport({ operation });
    show(life, 'mailReport');
    await mailReport({ operation, report });
    return report;
  } catch (error) {
    // Nobody has a link to it.
    await CancellationScope.nonCancellable(() => activities.discardReport({ operation }));
    throw error;
  }
}

async function open(life: Lifecycle, input: unknown): Promise<{ mode: 'apply' | 'preview' }> {
  const { workflowId, memo } = workflowInfo();
  const kind = 'runReport';
  upsertSearchAttributes([{ key: searchAttributes.operation, value: kind }]);
  show(life, 'open');
  const { operation } = life;
  const opened = await activities.openReport({
    operation,
    workflowId,
    kind,
    input,
    trigger: triggerOf(memo),
  });
  upsertSearchAttributes([
    { key: searchAttributes.host, value: opened.host },
    { key: searchAttributes.requestedBy, value: opened.requestedBy },
  ]);
  return opened;
}

async function finish(
  life: Lifecycle,
  { state, failure }: { state: OperationState; failure: Failure | null },
  report: WrittenReport | null,
): Promise<OperationResult> {
  life.failure = failure;
  return closeOperation(life, { state, failure, warnings: [], ...(report && { report }) });
}
