import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { CalendarSpec, Client } from '@temporalio/client';
import { dropSchedule, putSchedule } from './put-schedule.ts';
import type { Scheduled } from './put-schedule.ts';
import { startTexts } from './start-texts.ts';
import { taskQueue } from './task-queue.ts';

const scheduleId = 'lms-lifecycle-delete-due-users';

/** When the daily run begins: 00:00 in the zone, and the first instants of the days that have no midnight. */
export interface DailyTimes {
  timeZone: string;
  /** Local date and time of each. */
  daysWithoutMidnight: readonly { year: number; month: number; day: number; hour: number; minute: number }[];
}

/**
 * Installs the daily `deleteDueUsers` (D-19), or brings it up to date.
 *
 * A run deletes everybody who is due by then, so of the runs that were missed only the latest is caught up: the last day's. Runs
 * may overlap: one that waits for somebody's attention must not keep the next day's from running; claims keep them
 * apart.
 */
export async function installDueDeletion(client: Client, times: DailyTimes): Promise<void> {
  await putSchedule(client, scheduleId, () => scheduleOptions(times));
}

/** Removes the daily run; whether there was one. */
export function removeDueDeletion(client: Client): Promise<boolean> {
  return dropSchedule(client, scheduleId);
}

function scheduleOptions({ timeZone, daysWithoutMidnight }: DailyTimes): Scheduled {
  const midnight: CalendarSpec = { hour: 0, minute: 0, second: 0 };
  return {
    spec: {
      timezone: timeZone,
      calendars: [
        midnight,
        ...daysWithoutMidnight.map(({ year, month, day, hour, minute }) => ({
          year,
          month: months[month - 1] ?? 'JANUARY',
          dayOfMonth: day,
          hour,
          minute,
          second: 0,
        })),
      ],
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'deleteDueUsers',
      workflowId: 'deleteDueUsers',
      taskQueue,
      args: [{}],
      memo: { trigger: 'schedule' },
      ...startTexts('deleteDueUsers', {}, 'the daily schedule'),
    },
    policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: '1 day' },
  };
}

const months = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
] as const;
