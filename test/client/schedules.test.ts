import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installDueDeletion, removeDueDeletion } from '../../client/schedules.ts';
import { installSweep, removeSweep } from '../../client/sweep-schedule.ts';
import { daysWithoutMidnight } from '../../rules/automatic-deletion.ts';

const scheduleId = 'lms-lifecycle-delete-due-users';

let connection: Connection;
let client: Client;
beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
});
afterAll(() => connection.close());

/** A namespace for each test: the schedule's id is always the same, and so are the ids of its runs. */
beforeEach(async () => {
  const namespace = `schedules-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as unknown as Long },
  });
  client = new Client({ connection, namespace });
  const known = async (): Promise<boolean> => {
    for await (const { scheduleId: _ } of client.schedule.list());
    return true;
  };
  await expect.poll(() => known().catch(() => false), { timeout: 20_000 }).toBe(true);
});

async function install(timeZone: string, from: Date): Promise<void> {
  await installDueDeletion(client, {
    timeZone,
    daysWithoutMidnight: daysWithoutMidnight(timeZone, from, 60),
  });
}

/** When the schedule would have run between two instants: asked of the server itself, by backfilling. */
async function runsBetween(start: string, end: string): Promise<string[]> {
  const handle = client.schedule.getHandle(scheduleId);
  await handle.backfill({ start: new Date(start), end: new Date(end), overlap: 'ALLOW_ALL' });
  let before = -1;
  let ids: string[] = [];
  await expect
    .poll(
      async () => {
        const { info } = await handle.describe();
        const stands = info.recentActions.length === before && before > 0;
        before = info.recentActions.length;
        ids = info.recentActions.map(({ action }) => action.workflow.workflowId);
        return stands;
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe(true);
  return ids.map((id) => id.replace('deleteDueUsers-', '')).sort();
}

describe('the daily automatic deletion', () => {
  it('D-19 runs at 00:00 of the time zone, also where the clocks change', async () => {
    await install('Europe/Amsterdam', new Date('2024-03-01'));
    expect(await runsBetween('2024-03-29T12:00:00Z', '2024-04-01T12:00:00Z')).toEqual([
      '2024-03-29T23:00:00Z',
      '2024-03-30T23:00:00Z',
      '2024-03-31T22:00:00Z',
    ]);
  });

  it('D-19 runs at the first instant of a day whose midnight is skipped', async () => {
    await install('Africa/Cairo', new Date('2024-04-01'));
    expect(await runsBetween('2024-04-24T12:00:00Z', '2024-04-27T12:00:00Z')).toEqual([
      '2024-04-24T22:00:00Z',
      '2024-04-25T22:00:00Z',
      '2024-04-26T21:00:00Z',
    ]);
  });

  it('D-19 catches up what was missed of the last day only, and lets runs overlap', async () => {
    await install('Europe/Amsterdam', new Date());
    const { policies, action } = await client.schedule.getHandle(scheduleId).describe();
    expect(policies).toMatchObject({ catchupWindow: 86_400_000, overlap: 'ALLOW_ALL' });
    expect(action).toMatchObject({ workflowType: 'deleteDueUsers', memo: { trigger: 'schedule' } });
  });

  it('is installed once, brought up to date by installing again, and removed', async () => {
    await install('Europe/Amsterdam', new Date());
    await install('Asia/Tokyo', new Date());
    const { spec } = await client.schedule.getHandle(scheduleId).describe();
    expect(spec.timezone).toBe('Asia/Tokyo');
    expect(await removeDueDeletion(client)).toBe(true);
    expect(await removeDueDeletion(client)).toBe(false);
  });
});

describe('the daily sweep', () => {
  const described = () => client.schedule.getHandle('lms-lifecycle-reconcile-qualifications').describe();

  it('R-07 only reports until it is told to repair, which it then keeps to when it is installed again', async () => {
    expect(await installSweep(client, 'Europe/Amsterdam', null)).toBe('preview');
    expect((await described()).action).toMatchObject({
      ...{
        workflowType: 'reconcileQualifications',
        args: [{ mode: 'preview' }],
        memo: { trigger: 'schedule' },
      },
    });
    expect(await installSweep(client, 'Europe/Amsterdam', null)).toBe('preview');
    expect(await installSweep(client, 'Europe/Amsterdam', 'apply')).toBe('apply');
    expect((await described()).action).toMatchObject({ args: [{ mode: 'apply' }] });
    expect(await installSweep(client, 'Asia/Tokyo', null)).toBe('apply');
    expect((await described()).spec.timezone).toBe('Asia/Tokyo');
    expect(await installSweep(client, 'Asia/Tokyo', 'preview')).toBe('preview');
  });

  it('R-07 is removed', async () => {
    await installSweep(client, 'Europe/Amsterdam', null);
    expect(await removeSweep(client)).toBe(true);
    expect(await removeSweep(client)).toBe(false);
  });
});
