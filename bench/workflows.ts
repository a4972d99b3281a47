import { proxyActivities } from '@temporalio/workflow';
import type { Nothing } from './worker.ts';

export * from '../workflows/index.ts';

const { nothing } = proxyActivities<Nothing>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '6 seconds',
});

/** So many activities, one after the other, that do nothing. */
export async function empty(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nothing();
}
