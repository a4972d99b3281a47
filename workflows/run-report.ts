import {
  CancellationScope,
  CancelledFailure,
  isCancellation,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { OpenedReport } from '../activities/open-report.ts';
import type { OperationResult, OperationState } from '../contracts/operations.ts';
import type { WrittenReport } from '../contracts/reports.ts';
import { activities, activitiesWith } from './activity-options.ts';
import { closeOperation } from './close-operation.ts';
import { ending } from './ending.ts';
import { Lifecycle } from './lifecycle.ts';
import type { Carried, Failure } from './lifecycle.ts';
import { cancelAfterChunkUpdate, descriptions, progressQuery } from './messages.ts';
import { requireOneInput, triggerOf } from './operation.ts';
import { enter, show } from './publish-state.ts';
import { refusal } from './refusal.ts';
import { reportDetails } from './report-details.ts';
import { searchAttributes } from './search-attributes.ts';

// A million users take minutes; a host that is slow takes longer.
const { writeReport } = activitiesWith({ startToCloseTimeout: '4 hours' });

const { mailReport } = activitiesWith({
  startToCloseTimeout: '2 minutes',
  // A mail server may be away for a night; for longer than that the link would have expired when it comes.
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});

/** A report on its way. */
interface Making {
  life: Lifecycle;
  written: WrittenReport | null;
}

/** Writes a report and mails a link to it (P-03): it reads and changes nothing, so there is no plan and nothing to approve. */
export async function runReport(input: unknown, more?: Carried): Promise<OperationResult> {
  requireOneInput(more);
  const making: Making = { life: new Lifecycle(workflowInfo().firstExecutionRunId), written: null };
  const { life } = making;
  const scope = new CancellationScope();
  installReportHandlers(making, scope);
  try {
    const mode = await scope.run(() => make(making, input));
    const state = mode === 'preview' ? 'previewed' : 'done';
    return await finish(making, { state, failure: null }, making.written);
  } catch (error) {
    const cancelled = isCancellation(error);
    const end = cancelled ? { state: 'cancelled' as const, failure: null } : ending(error);
    const result = await CancellationScope.nonCancellable(() => finish(making, end, null));
    if (cancelled && life.cancelRequested) return result;
    if (cancelled) throw new CancelledFailure('cancelled');
    throw refusal(end.failure?.type ?? '', end.failure?.message ?? '');
  }
}

function installReportHandlers(making: Making, scope: CancellationScope): void {
  const { life } = making;
  setHandler(progressQuery, () => life.progress, { description: descriptions.progress });
  setHandler(
    cancelAfterChunkUpdate,
    () => {
      life.cancelRequested = true;
      tell(making, life.step);
      scope.cancel();
      return 'cancelled';
    },
    { description: descriptions.cancelReport },
  );
}

/** A preview ends when it is known whether it could be done. */
async function make(making: Making, input: unknown): Promise<OpenedReport['mode']> {
  const { life } = making;
  const { operation } = life;
  const { mode } = await CancellationScope.nonCancellable(() => open(making, input));
  if (mode === 'preview') return mode;
  enter(life, 'applying', describe(making));
  tell(making, 'writeReport');
  try {
    making.written = await writeReport({ operation });
    tell(making, 'mailReport');
    await mailReport({ operation, report: making.written });
    return mode;
  } catch (error) {
    // Nobody has a link to it.
    await CancellationScope.nonCancellable(() => activities.discardReport({ operation }));
    throw error;
  }
}

async function open(making: Making, input: unknown): Promise<OpenedReport> {
  const { workflowId, memo } = workflowInfo();
  const kind = 'runReport';
  upsertSearchAttributes([{ key: searchAttributes.operation, value: kind }]);
  tell(making, 'open');
  const { operation } = making.life;
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
  making: Making,
  { state, failure }: { state: OperationState; failure: Failure | null },
  report: WrittenReport | null,
): Promise<OperationResult> {
  const { life } = making;
  life.failure = failure;
  const end = { state, failure, warnings: [], ...(report && { report }) };
  return closeOperation(life, end, describe(making));
}

function tell(making: Making, step: string): void {
  show(making.life, step, describe(making));
}

function describe({ written }: Making): (life: Lifecycle) => string {
  return (life) => reportDetails(life, written);
}
