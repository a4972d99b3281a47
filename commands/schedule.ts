import { installDueDeletion, removeDueDeletion } from '../client/schedules.ts';
import { daysWithoutMidnight } from '../rules/automatic-deletion.ts';
import { CommandFailed } from './output.ts';
import type { Answer } from './output.ts';
import { withSession } from './session.ts';

/** How far ahead the days that have no midnight are looked up; installing again looks further. */
const daysAhead = 5 * 366;

/** `schedule install`: the daily automatic deletion, in the platform's time zone as it is now. */
export function install(): Promise<Answer> {
  return withSession(async ({ database, host, client }) => {
    if (!host.dueUsers)
      throw new CommandFailed('InvalidInput', `the ${host.name} host has no automatic deletion dates`);
    const { timeZone } = await database.transaction((sql) => host.platform(sql));
    const days = daysWithoutMidnight(timeZone, new Date(), daysAhead);
    await installDueDeletion(await client(), { timeZone, daysWithoutMidnight: days });
    const text = `Installed: deleteDueUsers runs at 00:00 (${timeZone}), every day.`;
    return { json: { installed: true, timeZone, daysWithoutMidnight: days }, text };
  });
}

/** `schedule remove`. */
export function remove(): Promise<Answer> {
  return withSession(async ({ client }) => {
    const removed = await removeDueDeletion(await client());
    return { json: { removed }, text: removed ? 'Removed.' : 'There was none.' };
  });
}
