import { ScheduleNotFoundError } from '@temporalio/client';
import type { Client, ScheduleDescription, ScheduleOptions } from '@temporalio/client';

/** A schedule without its id; ours all start a workflow with arguments. */
export type Scheduled = Omit<ScheduleOptions, 'scheduleId'> & {
  action: { type: 'startWorkflow'; args: unknown[] };
};

/**
 * Installs a schedule, or brings it up to date; one that is paused stays so.
 *
 * @param options what it is to be, given what it is now; null: there is none yet
 */
export async function putSchedule(
  client: Client,
  scheduleId: string,
  options: (before: ScheduleDescription | null) => Scheduled,
): Promise<void> {
  const handle = client.schedule.getHandle(scheduleId);
  try {
    await handle.update((before) => ({ ...options(before), state: { ...before.state } }));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    await client.schedule.create({ scheduleId, ...options(null) });
  }
}

/** Removes a schedule; whether there was one. */
export async function dropSchedule(client: Client, scheduleId: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(scheduleId).delete();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}
