import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnsOf, reportFile } from '../../../activities/read-report.ts';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });

describe.skipIf(!haveMoodle)('the user report of a Moodle site', () => {
  let site: MoodleSite;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  it('P-01 has all users but the guest, with everything that Moodle knows', async () => {
    await site.sql.query(`update mdl_user set deleted = 1, timemodified = 1767225600 where id = 5`);
    await site.sql.query(`update mdl_user set firstname = '=cmd', suspended = 1 where id = 6`);
    const columns = await columnsOf(site.sql, host, 'users');
    const tally = { users: 0 };
    let text = '';
    for await (const piece of reportFile(site.sql, host, { columns, format: 'json' }, tally))
      text += piece.toString();
    const { rows } = JSON.parse(text) as { rows: Record<string, unknown>[] };
    const { rows: ids } = await site.sql.query<{ id: string }>(
      `select id::text from mdl_user where username <> 'guest' order by mdl_user.id`,
    );
    expect(rows.map(({ id }) => id)).toEqual(ids.map(({ id }) => id));
    expect(tally.users).toBe(ids.length);
    expect(rows.find(({ id }) => id === '5')).toMatchObject({ status: 'deleted' });
    expect(rows.find(({ id }) => id === '5')?.['learnerDeletionDate']).toMatch(
      /^202[56]-\d\d-\d\d \d\d:\d\d$/,
    );
    expect(rows.find(({ id }) => id === '6')).toMatchObject({
      status: 'suspended',
      firstName: '=cmd',
      learnerDeletionDate: '',
    });
    expect(rows.some(({ groups }) => groups !== '')).toBe(true);
    expect(rows.some(({ registrations }) => Number(registrations) > 0)).toBe(true);
  });

  it('P-03 knows where living users get mail', async () => {
    const { rows } = await site.sql.query<{ email: string }>(`select email from mdl_user where id = 2`);
    expect(await host.reports.emailOf(site.sql, '2')).toBe(rows[0]?.email);
    expect(await host.reports.emailOf(site.sql, '5')).toBeNull();
    expect(await host.reports.emailOf(site.sql, 'ada@example.org')).toBeNull();
  });
});
