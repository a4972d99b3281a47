import type { Client } from '@temporalio/client';
import { installDueDeletion, removeDueDeletion } from '../client/schedules.ts';
import { installSweep, removeSweep } from '../client/sweep-schedule.ts';
import type { SweepMode } from '../client/sweep-schedule.ts';
import { daysWithoutMidnight } from '../rules/automatic-deletion.ts';
import { CommandFailed } from './output.ts';
import type { Answer } from './output.ts';
import { withSession } from './session.ts';

/** How far ahead the days that have no midnight are looked up; installing again looks further. */
const daysAhead = 5 * 366;

/**
 * `schedule install`: the daily automatic deletion and the daily sweep of qualifications, as far as the host knows of such, in the
 * platform's time zone as it is now. The sweep only reports until `--repair` is given once.
 */
export function install({ repair, report }: { repair?: boolean; report?: boolean }): Promise<Answer> {
  if (repair && report) throw new CommandFailed('InvalidInput', 'give either --repair or --report, not both');
  return withSession(async ({ database, host, client }) => {
    if (!host.dueUsers && !host.registrations)
      throw new CommandFailed('InvalidInput', `the ${host.name} host knows of nothing that a schedule does`);
    const { timeZone } = await database.transaction((sql) => host.platform(sql));
    const mode = repair ? 'apply' : report ? 'preview' : null;
    const temporal = await client();
    const days = host.dueUsers ? await installDeletion(temporal, timeZone) : [];
    const sweep = host.registrations ? await installSweep(temporal, timeZone, mode) : null;
    const lines = [
      ...(host.dueUsers ? [`Installed: deleteDueUsers runs at 00:00 (${timeZone}), every day.`] : []),
      ...(sweep === null ? [] : [sweepText(timeZone, sweep)]),
    ];
    const json = { installed: true, timeZone, daysWithoutMidnight: days, sweep };
    return { json, text: lines.join('\n') };
  });
}

async function installDeletion(
  client: Client,
  timeZone: string,
): Promise<ReturnType<typeof daysWithoutMidnight>> {
  const days = daysWithoutMidnight(timeZone, new Date(), daysAhead);
  await installDueDeletion(client, { timeZone, daysWithoutMidnight: days });
  return days;
}

function sweepText(timeZone: string, mode: SweepMode): string {
  const does =
    mode === 'apply' ? 'and repairs what it finds' : 'and only reports; --repair has it repair what it finds';
  return `Installed: reconcileQualifications runs at 04:00 (${timeZone}), every day, ${does}.`;
}

/** `schedule remove`. */
export function remove(): Promise<Answer> {
  return withSession(async ({ client }) => {
    const temporal = await client();
    const found = [await removeDueDeletion(temporal), await removeSweep(temporal)];
    const removed = found.includes(true);
    return { json: { removed }, text: removed ? 'Removed.' : 'There was none.' };
  });
}
