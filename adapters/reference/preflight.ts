import type { SchemaFinding, Sql } from '../host-lms.ts';
import { ownableTables } from './effects/co-lists.ts';

/** The foreign keys to lms.account that the rules know what to do with, as `table.column`. */
const claimed: ReadonlySet<string> = new Set([
  'lms.login_session.user_id',
  'lms.platform.owner_id',
  'lms.membership.user_id',
  ...ownableTables.flatMap(({ table, mainColumn, coTable }) => [
    `${table}.${mainColumn}`,
    `${coTable}.user_id`,
  ]),
  'lms.session_participant.user_id',
  'lms.slot_attendee.user_id',
  'lms.activity.owner_id',
  'lms.item.author_id',
  'lms.registration.user_id',
  'lms.history.user_id',
]);

/** Foreign keys to users that no rule handles, and claimed ones that are not there. */
export async function referencePreflight(sql: Sql): Promise<SchemaFinding[]> {
  const { rows } = await sql.query<{ name: string }>(
    `select format('%s.%s.%s', n.nspname, r.relname, a.attname) as name
       from pg_constraint k
       join pg_class r on r.oid = k.conrelid
       join pg_namespace n on n.oid = r.relnamespace
       join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any(k.conkey)
      where k.contype = 'f' and k.confrelid = to_regclass('lms.account')`,
  );
  const present = new Set(rows.map((row) => row.name));
  const missing = [...claimed].filter((name) => !present.has(name));
  const unclaimed = [...present].filter((name) => !claimed.has(name));
  return [
    ...missing.map((name): SchemaFinding => ({
      kind: 'missing',
      name,
      detail: 'a foreign key to lms.account is expected',
    })),
    ...unclaimed.map((name): SchemaFinding => ({
      kind: 'unclaimed',
      name,
      detail: 'refers to users; no rule handles it',
    })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}
