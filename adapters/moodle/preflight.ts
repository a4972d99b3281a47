import type { SchemaFinding, Sql } from '../host-lms.ts';
import { claimedColumns } from './claimed-columns.ts';
import { neededColumns } from './needed-columns.ts';

/**
 * Names that columns with a user's id have in Moodle 4.5: finds every column of claimed-columns.ts, and their likes in
 * plugins.
 */
export const userColumnPattern =
  '(user|userid(from|to)?|user(modified|created|deviceid|viewas)|' +
  '(issuer|reviewer|modifier|creator|recipient|rater|owner|author|contact)id|' +
  '(created|modified|over|override|requested)by|importer|grader|allocatedmarker|dpo)$';

interface Column {
  table: string;
  column: string;
}

/**
 * What the adapter's SQL needs and does not find, and what looks like a user's id and nobody has claimed: by its name, or
 * because a plugin has given it a foreign key to the users (Moodle itself makes none).
 */
export async function checkSchema(sql: Sql, prefix: string): Promise<SchemaFinding[]> {
  const columns = await readColumns(sql, prefix);
  const present = new Set(columns.map(nameOf));
  const tables = new Set(columns.map(({ table }) => table));
  const claimed = new Set(Object.values(claimedColumns).flat());
  const suspects = [...columns.filter(looksLikeUser), ...(await readKeysToUsers(sql, prefix))];
  const unclaimed = [...new Set(suspects.map(nameOf))].filter((name) => !claimed.has(name));
  return [...missing(tables, present), ...unclaimed.map(unclaimedFinding)].map((finding) => ({
    ...finding,
    name: prefix + finding.name,
  }));
}

function missing(tables: ReadonlySet<string>, present: ReadonlySet<string>): SchemaFinding[] {
  return Object.entries(neededColumns).flatMap(([table, columns]): SchemaFinding[] => {
    if (!tables.has(table)) {
      return [{ kind: 'missing', name: table, detail: 'the adapter reads or writes this table' }];
    }
    return columns
      .split(' ')
      .filter((column) => !present.has(`${table}.${column}`))
      .map((column) => ({
        kind: 'missing',
        name: `${table}.${column}`,
        detail: 'the adapter reads or writes this column',
      }));
  });
}

function unclaimedFinding(name: string): SchemaFinding {
  return {
    kind: 'unclaimed',
    name,
    detail: 'seems to refer to users, and nothing says what becomes of it when one is deleted',
  };
}

const nameOf = ({ table, column }: Column): string => `${table}.${column}`;

function looksLikeUser({ column, whole }: Column & { whole: boolean }): boolean {
  return whole && new RegExp(userColumnPattern).test(column);
}

async function readColumns(sql: Sql, prefix: string): Promise<(Column & { whole: boolean })[]> {
  const { rows } = await sql.query<Column & { whole: boolean }>(
    /* sql */ `
    select substr(c.relname, length($1) + 1) as table, a.attname as column,
           a.atttypid in ('int8'::regtype, 'int4'::regtype) as whole
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relkind in ('r', 'p') and pg_table_is_visible(c.oid) and left(c.relname, length($1)) = $1
     order by 1, a.attnum`,
    [prefix],
  );
  return rows;
}

async function readKeysToUsers(sql: Sql, prefix: string): Promise<Column[]> {
  const { rows } = await sql.query<Column>(
    /* sql */ `
    select substr(k.conrelid::regclass::text, length($1) + 1) as table, a.attname as column
      from pg_constraint k
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
     where k.contype = 'f' and k.confrelid = to_regclass('{user}')`,
    [prefix],
  );
  return rows;
}
