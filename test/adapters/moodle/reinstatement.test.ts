import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { Restorable } from '../../../contracts/operations.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import { deleteUsers, reinstate } from './support/operations.ts';
import { insertRareRows } from './support/rare-rows.ts';
import { awayRows, insertFullLife, onlyWent } from './support/reinstatement-checks.ts';
import { snapshot } from './support/table-diff.ts';
import { changedRows, imagedRows, notApplied, otherThanJournals } from './support/undo-checks.ts';

const rules = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const hostPolicy = moodleHost({ tablePrefix: 'mdl_', policy: 'host' });
const everything: Restorable[] = ['memberships', 'slots', 'ownership'];

let site: MoodleSite;
beforeEach(async () => {
  if (haveMoodle) site = await openSite();
});
afterEach(async () => {
  if (haveMoodle) await site.close();
});

describe.skipIf(!haveMoodle)('D-20 reinstatement', () => {
  test.each([
    ['rules', rules, '3'],
    ['rules', rules, '7'],
    ['rules', rules, '9'],
    ['rules', rules, '13'],
    ['host', hostPolicy, '7'],
    ['host', hostPolicy, '9'],
  ])('policy %s: every row is as before, but logins and tokens (%#)', async (_, host, user) => {
    await insertRareRows(site.sql);
    const living = await snapshot(site.sql);
    const deleted = await deleteUsers(site, host, [user]);
    const gone = await snapshot(site.sql);
    const back = await reinstate(site, host, deleted, user);
    expect(notApplied(back)).toEqual([]);
    expect(back.lost).toBe('');
    const after = await snapshot(site.sql);
    expect(onlyWent(otherThanJournals(living, after))).toEqual({
      went: awayRows(living, user, everything),
      changed: [],
    });
    expect(await imagedRows(site, back)).toEqual(changedRows(gone, after));
  });

  test.each<[Restorable[]]>([
    [[]],
    [['memberships']],
    [['slots']],
    [['ownership']],
    [['memberships', 'slots']],
    [['memberships', 'ownership']],
    [['slots', 'ownership']],
    [everything],
  ])('with %j, and nothing that was not chosen', async (restore) => {
    await insertFullLife(site.sql);
    const living = await snapshot(site.sql);
    const deleted = await deleteUsers(site, rules, ['9']);
    const back = await reinstate(site, rules, deleted, '9', restore);
    expect(notApplied(back)).toEqual([]);
    const { went, changed } = onlyWent(otherThanJournals(living, await snapshot(site.sql)));
    expect(went).toEqual(awayRows(living, '9', restore));
    expect(changed).toEqual([]);
    expect(awayRows(living, '9', []).length).toBe(4 + 2 + 1 + 3);
  });

  test('without logins and tokens, but with linked logins and the right to use a service', async () => {
    const deleted = await deleteUsers(site, rules, ['7']);
    await reinstate(site, rules, deleted, '7');
    const count = (table: string) => `(select count(*)::int from mdl_${table} where userid = 7) as ${table}`;
    const tables = ['sessions', 'external_tokens', 'oauth2_refresh_token', 'user_private_key'];
    const kept = ['auth_oauth2_linked_login', 'external_services_users', 'user_password_history'];
    const { rows } = await site.sql.query(
      `select u.username, u.email, u.idnumber, ${[...tables, ...kept].map(count).join(', ')}
         from mdl_user u where u.id = 7`,
    );
    expect(rows).toEqual([
      {
        ...{ username: 'learner5', email: 'learner5@example.com', idnumber: 'HR4' },
        ...{ sessions: 0, external_tokens: 0, oauth2_refresh_token: 0, user_private_key: 0 },
        ...{ auth_oauth2_linked_login: 1, external_services_users: 1, user_password_history: 1 },
      },
    ]);
  });

  test('a membership that went with the account, without a change of its own, stays away', async () => {
    const deleted = await deleteUsers(site, rules, ['7']);
    const { rows } = await site.sql.query<{ id: string }>(
      `select id from lms_lifecycle.change where operation_id = $1 and kind = 'account.retire'`,
      [deleted.operation],
    );
    await site.sql.query(
      `insert into lms_lifecycle.row_image (change_id, table_name, before) values
         ($1, 'mdl_cohort_members', '{"id": 70, "cohortid": 3, "userid": 7, "timeadded": 1}'),
         ($1, 'mdl_role_assignments', '{"id": 71, "roleid": 1, "contextid": 11, "userid": 7, "timemodified": 1,
            "modifierid": 2, "component": "", "itemid": 0, "sortorder": 0}')`,
      [rows[0]?.id],
    );
    await reinstate(site, rules, deleted, '7');
    const held = await site.sql.query(
      `select id from mdl_cohort_members where id = 70 union all select id from mdl_role_assignments where id = 71`,
    );
    expect(held.rows).toEqual([]);
  });
});
