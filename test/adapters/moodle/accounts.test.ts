import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { AccountQuery } from '../../../adapters/host-lms.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });

describe.skipIf(!haveMoodle)('accounts', () => {
  let site: MoodleSite;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  const read = (query: Partial<AccountQuery> = {}) =>
    host.accounts(site.sql, { by: null, except: [], offset: 0, limit: 1_000, ...query });

  it('RFC 7644 §3.4.2 are the living ones but the guest, in pages', async () => {
    const { total, accounts } = await read();
    const { rows } = await site.sql.query<{ id: string; userName: string; email: string }>(
      `select id::text, username as "userName", email from mdl_user where deleted = 0 and username <> 'guest' order by mdl_user.id`,
    );
    expect(accounts).toEqual(rows);
    expect(total).toBe(rows.length);
    const [first, second, third] = rows;
    expect(await read({ except: [first?.id ?? '', 'nobody'], offset: 1, limit: 1 })).toEqual({
      total: rows.length - 1,
      accounts: [third],
    });
    expect(await read({ by: { userName: second?.userName.toUpperCase() ?? '' } })).toEqual({
      total: 1,
      accounts: [second],
    });
    expect((await read({ by: { email: second?.email.toUpperCase() ?? '' } })).accounts).toContainEqual(
      second,
    );
    expect(await read({ by: { id: second?.id ?? '' } })).toEqual({ total: 1, accounts: [second] });
  });

  it.each([
    { id: '1' },
    { id: '999999' },
    { id: 'two' },
    { userName: 'guest' },
    { email: 'root@localhost' },
    { userName: '%' },
  ])('RFC 7644 §3.4.1 nobody is %j', async (by) => {
    expect(await read({ by })).toEqual({ total: 0, accounts: [] });
  });
});
