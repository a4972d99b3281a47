import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client, ScheduleDescription } from '@temporalio/client';
import { dropSchedule, putSchedule } from './put-schedule.ts';
import type { Scheduled } from './put-schedule.ts';
import { startTexts } from './start-texts.ts';
import { taskQueue } from './task-queue.ts';

const scheduleId = 'lms-lifecycle-reconcile-qualifications';

/** Whether the sweep only reports what it finds, or repairs it. */
export type SweepMode = 'preview' | 'apply';

/**
 * Installs the daily `reconcileQualifications`, or brings it up to date: at 04:00 of the time zone, an hour that no zone
 * skips. Runs may overlap, as those of the automatic deletion; of missed ones the last day's is caught up.
 *
 * @param mode what it does; without one as before, and at first it only reports
 * @returns what it does from now on
 */
export async function installSweep(
  client: Client,
  timeZone: string,
  mode: SweepMode | null,
): Promise<SweepMode> {
  let chosen: SweepMode = 'preview';
  await putSchedule(client, scheduleId, (before) => {
    chosen = mode ?? modeOf(before);
    return scheduled(timeZone, chosen);
  });
  return chosen;
}

/** Removes the sweep; whether there was one. */
export function removeSweep(client: Client): Promise<boolean> {
  return dropSchedule(client, scheduleId);
}

function modeOf(before: ScheduleDescription | null): SweepMode {
  const input: unknown = before?.action.type === 'startWorkflow' ? before.action.args?.[0] : null;
  const applies = typeof input === 'object' && input !== null && 'mode' in input && input.mode === 'apply';
  return applies ? 'apply' : 'preview';
}

function scheduled(timeZone: string, mode: SweepMode): Scheduled {
  return {
    spec: { timezone: timeZone, calendars: [{ hour: 4, minute: 0, second: 0 }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'reconcileQualifications',
      workflowId: 'reconcileQualifications',
      taskQueue,
      args: [{ mode }],
      memo: { trigger: 'schedule' },
      ...startTexts('reconcileQualifications', { mode }, 'the daily schedule'),
    },
    policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: '1 day' },
  };
}
