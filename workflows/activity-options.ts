import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities.ts';

export const activityOptions: ActivityOptions = {
  // A chunk of 3,000 users takes seconds; a host that is slow or locked may take minutes.
  startToCloseTimeout: '15 minutes',
  // Activities heartbeat every second: a worker that was killed is noticed within these.
  heartbeatTimeout: '6 seconds',
  // A step is a transaction and is not broken off: a cancelled operation closes when the step that runs has ended.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  // Only transient errors are retried (activities say which), for as long as the database is away.
  retry: { initialInterval: '250 milliseconds', backoffCoefficient: 2, maximumInterval: '15 seconds' },
};

/** All activities with the options that fit them. */
export const activities = proxyActivities<Activities>(activityOptions);
