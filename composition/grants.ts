import { escapeIdentifier as quoted } from 'pg';
import type { HostLms, Sql, TableUse } from '../adapters/host-lms.ts';
import { ledgerPrivileges } from '../ledger/privileges.ts';
import type { Purpose } from '../ledger/privileges.ts';

const ledger = 'lms_lifecycle';

/** A role that cannot be what it is asked to be; the message says why. */
class RoleRefused extends Error {
  override name = 'RoleRefused';
}

/**
 * The SQL that makes a database role, unless it is there, and grants it what it needs in this database: of the host exactly the tables that
 * the adapter uses, to the server and the commands for reading only. Run again after an update it is brought up to date.
 *
 * @throws RoleRefused when the role owns the ledger: an owner can undo every protection
 */
export async function grantStatements(
  sql: Sql,
  host: HostLms,
  { role, purpose }: { role: string; purpose: Purpose },
): Promise<string[]> {
  if (!/^[A-Za-z_][\w-]{0,62}$/.test(role))
    throw new RoleRefused('a role has letters, digits, _ and - in its name');
  await refuseOwner(sql, role);
  const name = quoted(role);
  const tables = await withPlaces(sql, await host.tables(sql));
  const schemas = [...new Set([ledger, ...tables.map(({ schema }) => schema)])];
  return [
    `do $$ begin if to_regrole('${name}') is null then create role ${name} login; end if; end $$`,
    `revoke all on all tables in schema ${ledger} from ${name}`,
    ...schemas.map((schema) => `grant usage on schema ${quoted(schema)} to ${name}`),
    ...Object.entries(ledgerPrivileges[purpose]).map(
      ([table, privileges]) => `grant ${privileges} on ${ledger}.${table} to ${name}`,
    ),
    ...tables.flatMap((table) => hostGrants(table, purpose, name)),
  ];
}

async function refuseOwner(sql: Sql, role: string): Promise<void> {
  const { rows } = await sql.query<{ owner: string }>(
    `select pg_get_userbyid(nspowner) as owner from pg_namespace where nspname = $1`,
    [ledger],
  );
  if (rows.length === 0) throw new RoleRefused('there is no ledger yet: run `host migrate` first');
  if (rows[0]?.owner === role)
    throw new RoleRefused(`${role} owns the ledger: take another role to run with`);
}

interface PlacedTable extends TableUse {
  schema: string;
  name: string;
  /** Numbers for its rows that a role must be able to draw. */
  sequences: string[];
}

/** Where the tables are by this session's search path; those that the site lacks are left out. */
async function withPlaces(sql: Sql, tables: readonly TableUse[]): Promise<PlacedTable[]> {
  const { rows } = await sql.query<Omit<PlacedTable, 'writes'>>(
    `select t.name as table, n.nspname as schema, c.relname as name, array(
              select format('%I.%I', sn.nspname, s.relname) from pg_depend d
                join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_namespace sn on sn.oid = s.relnamespace
               where d.refobjid = c.oid and d.deptype = 'a' order by 1) as sequences
       from unnest($1::text[]) as t(name)
       join pg_class c on c.oid = to_regclass(t.name) join pg_namespace n on n.oid = c.relnamespace`,
    [tables.map(({ table }) => table)],
  );
  const uses = new Map(tables.map((use) => [use.table, use]));
  return rows.flatMap((row) => {
    const use = uses.get(row.table);
    return use ? [{ ...row, ...use }] : [];
  });
}

function hostGrants(
  { schema, name, writes, sequences }: PlacedTable,
  purpose: Purpose,
  role: string,
): string[] {
  const how = purpose === 'worker' ? [...writes].sort() : [];
  return [
    `grant ${['select', ...how].join(', ')} on ${quoted(schema)}.${quoted(name)} to ${role}`,
    ...(how.includes('insert')
      ? sequences.map((sequence) => `grant usage on sequence ${sequence} to ${role}`)
      : []),
  ];
}
