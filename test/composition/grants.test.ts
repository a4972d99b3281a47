import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moodleHost } from '../../adapters/moodle/moodle-host.ts';
import { referenceHost } from '../../adapters/reference/reference-host.ts';
import { grantStatements } from '../../composition/grants.ts';
import { migrateReferenceHost } from '../../adapters/reference/migrate.ts';
import { migrateLedger } from '../../ledger/migrate.ts';
import { fullLife } from '../scenarios/full-life.ts';
import { emptyDatabase } from '../support/fresh-database.ts';
import { urlAs } from '../support/database-role.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';

// That the worker's role may do all that operations do is tested by all the tests that have a lab: their workers have this role.

let lab: Lab;
let worker: pg.Client;
let server: pg.Client;
let commands: pg.Client;
beforeAll(async () => {
  lab = await openLab();
  await lab.load(fullLife());
  await lab.sql.query(`create table lms.payroll (salary int); create table public.secret (word text)`);
  await lab.run('deleteUser', { user: { id: 'ada' }, requestedBy: admin, includePrivateSubgroups: true });
  [worker, server, commands] = (['worker', 'server', 'commands'] as const).map(
    (purpose) => new pg.Client(urlAs(lab.databaseUrl, purpose)),
  ) as [pg.Client, pg.Client, pg.Client];
  for (const client of [worker, server, commands]) await client.connect();
}, 120_000);
afterAll(async () => {
  for (const client of [worker, server, commands]) await client.end();
  await lab.close();
});

describe('the role of the worker', () => {
  it.each([
    ['drop a table of the host', 'drop table lms.history'],
    ['drop a table of the ledger', 'drop table lms_lifecycle.row_image'],
    ['drop the ledger', 'drop schema lms_lifecycle cascade'],
    ['make tables beside its own', 'create table lms_lifecycle.mine (id int)'],
    ['read a table of the host that it has no use for', 'select * from lms.payroll'],
    ['read what people have made', 'select * from lms.item'],
    ['read another schema', 'select * from public.secret'],
    ['delete an account', `delete from lms.account where id = 'ada'`],
    ['make an account', `insert into lms.account (id, email, name, status) values ('x', 'x', 'x', 'active')`],
    ['remove changes', 'delete from lms_lifecycle.change'],
    ['empty the changes', 'truncate lms_lifecycle.change cascade'],
    ['write another reason for a change', `update lms_lifecycle.change set reason = '{}'`],
    ['write another image', `update lms_lifecycle.row_image set before = '{}'`],
    ['remove images', 'delete from lms_lifecycle.row_image'],
    ['write that somebody else asked', `update lms_lifecycle.operation set requested_by = 'bob'`],
    ['remove an operation', 'delete from lms_lifecycle.operation'],
    ['switch the guards of the ledger off', 'alter table lms_lifecycle.change disable trigger all'],
    ['pass the guards by', 'set session_replication_role = replica'],
    ['read what was told by webhook', 'select * from lms_lifecycle.inbox'],
  ])('X-09 may not %s', async (_, statement) => {
    await expect(worker.query(statement)).rejects.toMatchObject({
      code: expect.stringMatching(/^42501$/),
    });
  });

  it('X-09 may write a decision, but not take it back', async () => {
    const back = `update lms_lifecycle.change set state = 'pending', decided_at = null`;
    await expect(worker.query(back)).rejects.toThrow('append-only: update refused');
    const again = `update lms_lifecycle.change set state = 'conflict' where state = 'applied'`;
    await expect(worker.query(again)).rejects.toThrow('append-only: update refused');
  });
});

describe('the roles of the server and of the commands', () => {
  it.each([
    ['change an account', `update lms.account set name = 'x'`],
    ['lock an account', 'select from lms.account for share'],
    ['put down an operation', `insert into lms_lifecycle.operation select * from lms_lifecycle.operation`],
    ['decide about a change', `update lms_lifecycle.change set state = 'skipped'`],
    ['read images', 'select * from lms_lifecycle.row_image'],
  ])('may not %s', async (_, statement) => {
    for (const client of [server, commands]) {
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('may look at operations and their changes', async () => {
    for (const client of [server, commands]) {
      const { rows } = await client.query(`select count(*)::int as n from lms_lifecycle.change`);
      expect(rows).toEqual([{ n: 19 }]);
    }
  });
});

describe('what is granted', () => {
  const given = { role: 'lms_worker', purpose: 'worker' } as const;
  const named = (table: string, statements: string[]): string | undefined =>
    statements.find((statement) => statement.includes(` on "lms"."${table}" `))?.split(' on ')[0];

  it('is of each table what the SQL of the reference host does with it', async () => {
    const statements = await grantStatements(lab.sql, referenceHost, given);
    expect(named('account', statements)).toBe('grant select, update');
    expect(named('membership', statements)).toBe('grant select, delete, insert');
    expect(named('path_session', statements)).toBe('grant select, update');
    // Locked while the seats are counted.
    expect(named('platform', statements)).toBe('grant select, update');
    expect(named('qualification_activity', statements)).toBe('grant select');
    expect(named('item', statements)).toBeUndefined();
  });

  it('takes away from a role what an earlier release has granted in the ledger', async () => {
    const role = { role: 'lms_worker', purpose: 'worker' } as const;
    await lab.sql.query('grant delete on lms_lifecycle.change to lms_worker');
    await lab.sql.query((await grantStatements(lab.sql, referenceHost, role)).join(';'));
    await expect(worker.query('delete from lms_lifecycle.change')).rejects.toMatchObject({ code: '42501' });
  });

  it('refuses the owner of the ledger, and what could be no name', async () => {
    const { rows } = await lab.sql.query<{ me: string }>('select current_user as me');
    const owner = { role: rows[0]?.me ?? '', purpose: 'worker' } as const;
    await expect(grantStatements(lab.sql, referenceHost, owner)).rejects.toThrow('owns the ledger');
    const odd = { role: 'x"; drop table lms.account; --', purpose: 'worker' } as const;
    await expect(grantStatements(lab.sql, referenceHost, odd)).rejects.toThrow('in its name');
  });

  it('finds what the Moodle adapter writes in its SQL, wherever its tables are', async () => {
    const uses = await moodleHost({ tablePrefix: 'm_', policy: 'rules' }).tables(lab.sql);
    const writes = (table: string): string[] | undefined => {
      const use = uses.find((one) => one.table === table);
      return use && [...use.writes].sort();
    };
    expect(writes('m_user')).toEqual(['update']);
    expect(writes('m_user_enrolments')).toEqual(['delete', 'insert', 'update']);
    expect(writes('m_logstore_standard_log')).toEqual(['insert']);
    expect(writes('m_course')).toEqual([]);
    expect(uses.every(({ table }) => table.startsWith('m_'))).toBe(true);
  });
});

describe('a role that does not own the schema', () => {
  it('may start on one that is up to date, also by a newer release', async () => {
    await lab.sql.query(`insert into lms_lifecycle.migration (name, batch) values ('900_newer', 1)`);
    await migrateReferenceHost(urlAs(lab.databaseUrl, 'worker'));
    await migrateLedger(urlAs(lab.databaseUrl, 'worker'));
  });

  it('is told what to run on one that is not', async () => {
    const { url, drop } = await emptyDatabase();
    const told = 'as its owner run `host migrate`, then `host grants`';
    await expect(migrateLedger(urlAs(url, 'worker'))).rejects.toThrow(told);
    await migrateLedger(url);
    await expect(migrateLedger(urlAs(url, 'worker'))).rejects.toThrow(told);
    await drop();
  });
});
