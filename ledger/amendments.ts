import type { ChangeKind, Step } from '../contracts/changes.ts';
import type { RegistrationKey } from '../contracts/facts.ts';
import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';
import { unguessed } from './unguessed.ts';

/** A pending change of a registration. */
export interface PendingRegistration extends RegistrationKey {
  id: string;
  kind: ChangeKind;
}

/** What is pending for registrations in a step of a chunk: of these users, or of all. */
export async function pendingRegistrations(
  sql: Sql,
  { operation, chunk, step }: { operation: string; chunk: number; step: Step },
  users: readonly UserId[] | null,
): Promise<PendingRegistration[]> {
  const { rows } = await sql.query<PendingRegistration>(
    `select id::text, kind, user_id as "user", item->>'activity' as activity from lms_lifecycle.change
      where operation_id = $1 and chunk = $2 and step = $3 and state = 'pending'
        and ($4::text[] is null or user_id = any($4::text[])) order by id`,
    [operation, chunk, step, users],
  );
  return rows;
}

/** Makes conflicts of changes for which there is no reason any more. */
export async function leaveChanges(sql: Sql, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql.query(
    `update lms_lifecycle.change set state = 'conflict', decided_at = transaction_timestamp()
      where id in (select unnest($1::text[])::bigint) and state = 'pending'`,
    [ids],
  );
}

/**
 * Where changes of a kind met somebody else's: without those that a later round has made all the same, and where the
 * operation has enrolled instead.
 */
export async function conflictsAbout(
  sql: Sql,
  operation: string,
  users: readonly UserId[],
  kind: ChangeKind,
): Promise<RegistrationKey[]> {
  const { rows } = await sql.query<RegistrationKey>(
    `select c.user_id as "user", c.item->>'activity' as activity from lms_lifecycle.change c
      where ${unguessed('c.operation_id = $1')} and c.user_id = any($2::text[]) and c.kind = $3 and c.state = 'conflict'
        and not exists (
          select from lms_lifecycle.change a
           where ${unguessed('a.operation_id = $1')} and a.user_id = c.user_id and a.item = c.item
             and a.kind in ($3, 'registration.add') and a.state = 'applied')
      order by c.id`,
    [operation, users, kind],
  );
  return rows;
}
