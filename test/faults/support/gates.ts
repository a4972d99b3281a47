import type { Client } from 'pg';
import type { Sql } from '../../../contracts/sql.ts';
import { eventually } from './eventually.ts';
import { connect } from './connect.ts';

/**
 * Where an operation can be held up: a statement that has done its work and not ended yet (`within`), or a
 * transaction that commits as soon as it is let go, whether or not its worker still lives to hear of it (`committing`).
 */
export type Moment = 'within' | 'committing';

/** A point of an operation at a moment: `leaveGroups/within`. An operation stops at the gate that its reason names. */
export type Gate = `${string}/${Moment}`;

const before = ['open', 'claim', 'judge', 'plan', 'seal'];
const after = ['settle', 'close'];
export const deletionPoints = [
  ...before,
  ...['transferOwnership', 'leaveSlots', 'leaveSessions', 'leaveGroups', 'retireAccounts', 'verify'],
  ...after,
];
export const undoPoints = [
  ...before,
  ...['reinstateAccounts', 'joinGroups', 'joinSessions', 'joinSlots', 'returnOwnership'],
  ...after,
];

export function gatesAt(points: readonly string[], moments: readonly Moment[]): Gate[] {
  return points.flatMap((point) => moments.map((moment): Gate => `${point}/${moment}`));
}

/** What each point writes to the ledger, as a trigger sees it. */
const gateKeeper = /* sql */ `
create schema fault;
create function fault.gate() returns trigger language plpgsql as $$
declare
  now jsonb := to_jsonb(new);
  was jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) else '{}' end;
  point text := case
    when tg_table_name = 'operation' and tg_op = 'INSERT' then 'open'
    when tg_table_name = 'operation' and was->>'sealed_at' is null and now->>'sealed_at' is not null then 'seal'
    when tg_table_name = 'operation' and was->>'closed_at' is null and now->>'closed_at' is not null then 'close'
    when tg_table_name = 'claim' and tg_op = 'INSERT' then 'claim'
    when tg_table_name = 'operation_target' and was->>'state' = 'open' and now->>'state' = 'accepted' then 'judge'
    when tg_table_name = 'operation_target' and was->>'state' = 'accepted' and now->>'state' = 'done' then 'settle'
    when tg_table_name = 'operation_target' and was->>'state' = 'accepted' and now->>'state' = 'attention' then
      case when now->>'problem_type' = 'Unexpected' then 'isolate' else 'begin' end
    when tg_table_name = 'operation_chunk' then case when now->>'round' = '1' then 'plan' else 'verify' end
    when tg_table_name = 'change' and now->>'state' in ('applied', 'conflict') then now->>'step'
  end;
  gate text := point || '/' || tg_argv[0];
begin
  if exists (select from lms_lifecycle.operation o
              where o.id = coalesce(now->>'operation_id', now->>'id') and o.reason = gate) then
    perform pg_advisory_xact_lock_shared(4242, hashtext(gate));
  end if;
  return null;
end $$;
${['operation', 'operation_target', 'claim', 'operation_chunk', 'change']
  .map(
    (table) => /* sql */ `
create trigger fault_within after insert or update on lms_lifecycle.${table}
  for each row execute function fault.gate('within');
create constraint trigger fault_committing after insert or update on lms_lifecycle.${table}
  deferrable initially deferred for each row execute function fault.gate('committing');`,
  )
  .join('')}`;

export async function installGates(databaseUrl: string): Promise<void> {
  const sql = await connect(databaseUrl);
  await sql.query(gateKeeper);
  await sql.end();
}

export interface ClosedGates {
  /** Returns when at every one of these gates, or of all, an operation waits. */
  reached(gates?: readonly Gate[]): Promise<void>;
  /** Returns when behind each of those that wait at the gates another one waits: for what the first has locked. */
  crowded(): Promise<void>;
  /** Opens these gates, or all. */
  open(gates?: readonly Gate[]): Promise<void>;
}

/** Returns when no transaction is open any more. */
export async function untilQuiet(databaseUrl: string): Promise<void> {
  const sql = await connect(databaseUrl);
  const quiet = async (): Promise<boolean> => {
    const { rows } = await sql.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`,
    );
    return rows[0]?.n === 0;
  };
  await eventually(quiet, () => 'transactions are still open');
  await sql.end();
}

/** Closes gates for as long as this connection lives. */
export async function closeGates(databaseUrl: string, gates: readonly Gate[]): Promise<ClosedGates> {
  const sql = await connect(databaseUrl);
  let end: Promise<void> | undefined;
  await sql.query(`select pg_advisory_lock(4242, hashtext(gate)) from unnest($1::text[]) as gate`, [gates]);
  return {
    reached: async (these = gates) => {
      let missing = these;
      const all = async (): Promise<boolean> => {
        missing = await deserted(sql, these);
        return missing.length === 0;
      };
      await eventually(all, () => `nothing waits at ${missing.join(', ')}`);
    },
    crowded: () => {
      let waiting = 0;
      const two = async (): Promise<boolean> => {
        waiting = await waitingForLocks(sql);
        return waiting >= 2 * gates.length;
      };
      return eventually(two, () => `${waiting} wait, not two at each of ${gates.length} gates`);
    },
    open: async (these) => {
      if (these === undefined) return (end ??= sql.end());
      await sql.query(`select pg_advisory_unlock(4242, hashtext(gate)) from unnest($1::text[]) as gate`, [
        these,
      ]);
    },
  };
}

/** Those of the gates that nothing waits at. */
async function deserted(sql: Client, gates: readonly Gate[]): Promise<Gate[]> {
  const { rows } = await sql.query<{ gate: Gate }>(
    `select gate from unnest($1::text[]) as gate
      where (hashtext(gate)::bigint & 4294967295)::oid not in (
        select objid from pg_locks where locktype = 'advisory' and classid = 4242 and not granted)`,
    [gates],
  );
  return rows.map((row) => row.gate);
}

/** How many sessions wait for a lock. */
export async function waitingForLocks(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}
