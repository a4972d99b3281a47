import { proxyActivities } from '@temporalio/workflow';
import { activities } from '../workflows/activity-options.ts';
import type { Nothing } from './worker.ts';

export { deleteUser } from '../workflows/delete-user.ts';

const { nothing } = proxyActivities<Nothing>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '6 seconds',
});

/** As many activities as deleting one user takes, one after the other, that do nothing. */
export async function empty(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nothing();
}

/** What `deleteUser` does with its chunk, for an operation of many users that has been opened already. */
export async function deleteChunk(operation: string): Promise<void> {
  const chunk = { operation, chunk: 1 };
  await activities.plan(chunk);
  await activities.seal({ operation });
  await activities.transferOwnership(chunk);
  await activities.leaveSlots(chunk);
  await activities.leaveSessions(chunk);
  await activities.leaveGroups(chunk);
  await activities.retireAccounts(chunk);
  await activities.verify({ ...chunk, round: 2 });
  await activities.close({ operation, state: 'done', failure: null });
}
