import type { Progress } from '../../../workflows/messages.ts';
import { eventually } from './eventually.ts';
import type { WorkflowHandle } from '@temporalio/client';

/** Returns when the operation waits for approval: how it stands then. */
export async function untilWaiting(handle: WorkflowHandle): Promise<Progress> {
  let progress: Progress | undefined;
  const isWaiting = async (): Promise<boolean> => {
    progress = await handle.query<Progress>('progress');
    return progress.state === 'waiting-for-approval';
  };
  await eventually(isWaiting, () => `the operation is ${progress?.state ?? 'mute'}`);
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
