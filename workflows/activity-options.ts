import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities.ts';
import { summaryOf } from './activity-summaries.ts';

const activityOptions: ActivityOptions = {
  // A chunk of 3,000 users takes seconds; a host that is slow or locked may take minutes.
  startToCloseTimeout: '15 minutes',
  // Activities heartbeat every second: a worker that was killed is noticed within these.
  heartbeatTimeout: '6 seconds',
  // A step is a transaction and is not broken off: a cancelled operation closes when the step that runs has ended.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  // Only transient errors are retried (activities say which), for as long as the database is away.
  retry: { initialInterval: '250 milliseconds', backoffCoefficient: 2, maximumInterval: '15 seconds' },
};

/** All activities with the options that fit them, or others in their place; each says in the UI what it is about. */
export function activitiesWith(others: ActivityOptions = {}): Activities {
  const options = { ...activityOptions, ...others };
  const proxy = proxyActivities<Activities>(options) as unknown as Readonly<Record<string, Callable>>;
  return new Proxy({} as Activities, {
    get: (_, name: keyof Activities) => (input: unknown) =>
      proxy[name]?.executeWithOptions({ ...options, summary: summaryOf(name, input) }, [input]),
  });
}

interface Callable {
  executeWithOptions(options: ActivityOptions, args: [unknown]): Promise<unknown>;
}

export const activities = activitiesWith();
