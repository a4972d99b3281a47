import type { Sql } from '../../../contracts/sql.ts';

/** Where the host refuses: what a step writes to. */
export type Refusing = 'course' | 'membership' | 'account';

/**
 * Makes the host refuse to change what belongs to these users in a table, quoting all that is in the row; without users
 * it breaks on everybody's, as after a release of the host that went wrong.
 */
export async function refuse(
  sql: Sql,
  table: Refusing,
  users?: readonly string[],
  when: 'at once' | 'at commit' = 'at once',
): Promise<void> {
  const event = table === 'membership' ? 'delete' : 'update';
  const [kind, moment, deferred] =
    when === 'at once' ? ['', 'before', ''] : ['constraint', 'after', 'deferrable initially deferred'];
  await sql.query(`
    create schema if not exists fault;
    create or replace function fault.refuse() returns trigger language plpgsql as $$
    declare
      was jsonb := to_jsonb(old);
    begin
      if coalesce(was->>'main_author_id', was->>'user_id', was->>'id') = any(string_to_array(tg_argv[0], ',')) then
        raise exception 'not with %', was using detail = was, hint = was, column = 'id';
      elsif tg_argv[0] = '' then
        perform fault.is_not_there(was);
      end if;
      return case tg_op when 'DELETE' then old else new end;
    end $$;
    create ${kind} trigger fault_refuse ${moment} ${event} on lms.${table} ${deferred}
      for each row execute function fault.refuse('${users?.join(',') ?? ''}')`);
}

/** The host works again. */
export async function repair(sql: Sql): Promise<void> {
  for (const table of ['course', 'membership', 'account'] satisfies Refusing[]) {
    await sql.query(`drop trigger if exists fault_refuse on lms.${table}`);
  }
}
