import pg from 'pg';
import { expect, it } from 'vitest';
import { migrateReferenceHost } from '../../adapters/reference/migrate.ts';
import { migrateLedger } from '../../ledger/migrate.ts';
import { emptyDatabase } from '../support/fresh-database.ts';

it('migrations can run several at once, and again', async () => {
  const { url, drop } = await emptyDatabase();
  const both = () => [migrateReferenceHost(url), migrateLedger(url)];
  await Promise.all([...both(), ...both(), ...both()]);
  await Promise.all(both());
  const sql = new pg.Client(url);
  await sql.connect();
  const { rows } = await sql.query(
    `select 'lms' as schema, name from lms.migration union all select 'lms_lifecycle', name from lms_lifecycle.migration
      order by 1, 2`,
  );
  expect(rows).toEqual([
    { schema: 'lms', name: '001_world' },
    { schema: 'lms_lifecycle', name: '001_ledger' },
    { schema: 'lms_lifecycle', name: '002_batches' },
    { schema: 'lms_lifecycle', name: '003_content' },
    { schema: 'lms_lifecycle', name: '004_registrations' },
    { schema: 'lms_lifecycle', name: '005_imports' },
    { schema: 'lms_lifecycle', name: '006_inbox' },
    { schema: 'lms_lifecycle', name: '007_reports' },
  ]);
  await sql.end();
  await drop();
});

it('a migration that fails leaves nothing behind, and says why', async () => {
  const { url, drop } = await emptyDatabase();
  const sql = new pg.Client(url);
  await sql.connect();
  await sql.query('create schema lms_lifecycle; create table lms_lifecycle.change (id int)');
  await expect(migrateLedger(url)).rejects.toThrow('already exists');
  const { rows } = await sql.query(`select to_regclass('lms_lifecycle.operation') as operation`);
  expect(rows).toEqual([{ operation: null }]);
  await sql.end();
  await drop();
});
