import type { OperationState } from '../../../contracts/operations.ts';
import type { Progress } from '../../../workflows/messages.ts';
import { eventually } from './eventually.ts';
import type { WorkflowHandle } from '@temporalio/client';

/** Returns when the operation waits for approval: how it stands then. */
export function untilWaiting(handle: WorkflowHandle): Promise<Progress> {
  return untilState(handle, 'waiting-for-approval');
}

/** Returns when the operation is in that state: how it stands then. */
export async function untilState(handle: WorkflowHandle, state: OperationState): Promise<Progress> {
  return untilProgress(handle, (progress) => progress.state === state, state);
}

/** Returns when the operation stands as the condition says: how. */
export async function untilProgress(
  handle: WorkflowHandle,
  condition: (progress: Progress) => boolean,
  name: string,
): Promise<Progress> {
  let progress: Progress | undefined;
  const holds = async (): Promise<boolean> => {
    progress = await handle.query<Progress>('progress');
    return condition(progress);
  };
  await eventually(holds, () => `the operation is not ${name} but ${JSON.stringify(progress)}`, 120_000);
  if (progress === undefined) throw new Error('the operation did not answer');
  return progress;
}

/** Returns when an activity of the operation has failed so often and is to be tried again, or when the operation has ended. */
export async function untilRetried(handle: WorkflowHandle, failures = 1): Promise<void> {
  const isRetried = async (): Promise<boolean> => {
    const { status, raw } = await handle.describe();
    const attempts = (raw.pendingActivities ?? []).map(({ attempt }) => attempt ?? 1);
    return status.name !== 'RUNNING' || attempts.some((attempt) => attempt > failures);
  };
  await eventually(isRetried, () => `no activity has failed ${failures} times`);
}
