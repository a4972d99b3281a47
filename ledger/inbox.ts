import type { Json } from '../contracts/changes.ts';
import type { Sql } from '../contracts/sql.ts';
import { storableJson } from './storable.ts';

/** A delivery as it is accepted. */
export interface Delivery {
  source: string;
  messageId: string;
  type: string;
  /** What it tells, until it is dispatched; null when there is nothing to start. */
  payload: Json | null;
}

/** A delivery that is to be dispatched. */
export interface DueDelivery {
  id: string;
  /** What tells this ledger from others (ledger/imports.ts). */
  instance: string;
  source: string;
  messageId: string;
  payload: Json;
  /** How often it has been tried, this time included. */
  attempts: number;
}

/** What became of one event of a delivery. */
export interface EventOutcome {
  part: number;
  type: string;
  state: 'ignored' | 'started' | 'failed';
  /** Why not started; ids only. */
  problem: string | null;
  workflowId: string | null;
}

/** Takes deliveries in; those that are there already stay as they are. */
export async function acceptDeliveries(sql: Sql, deliveries: readonly Delivery[]): Promise<void> {
  await sql.query(
    `insert into lms_lifecycle.inbox (source, message_id, type, payload, state)
     select d.source, d."messageId", d.type, d.payload,
            case when d.payload is null then 'ignored' else 'received' end
       from json_to_recordset($1) as d(source text, "messageId" text, type text, payload jsonb)
     on conflict (source, message_id) do nothing`,
    [storableJson(deliveries)],
  );
}

/** How much longer a delivery is left to whoever takes it, for each event in it. */
const leasePerEventMs = 100;

/**
 * Deliveries that are due, the longest waiting first; they are due again after `leaseMs` and some more where they hold many events,
 * should whoever takes them die. Several may ask at the same time: none is given to two.
 */
export async function takeDue(sql: Sql, limit: number, leaseMs: number): Promise<DueDelivery[]> {
  const { rows } = await sql.query<DueDelivery>(
    `update lms_lifecycle.inbox
        set attempts = attempts + 1, due_at = clock_timestamp() + ($2 + $3 * jsonb_array_length(payload)) * interval '1 ms'
      where id in (select id from lms_lifecycle.inbox
                    where state = 'received' and due_at <= clock_timestamp()
                    order by due_at, id limit $1 for update skip locked)
      returning id, (select i.id from lms_lifecycle.instance i) as instance, source, message_id as "messageId", payload, attempts`,
    [limit, leaseMs, leasePerEventMs],
  );
  return rows;
}

/** Writes what became of a delivery, and forgets what it told. Again: a no-op. */
export async function settleDelivery(sql: Sql, id: string, outcomes: readonly EventOutcome[]): Promise<void> {
  const states = outcomes.map(({ state }) => state);
  const state = (['failed', 'started', 'ignored'] as const).find((one) => states.includes(one)) ?? 'ignored';
  const problem = outcomes.find((outcome) => outcome.state === state)?.problem ?? null;
  await sql.query(
    `with settled as (
       update lms_lifecycle.inbox set state = $2, problem = $3, payload = null
        where id = $1 and state = 'received' returning id)
     insert into lms_lifecycle.inbox_event (inbox_id, part, type, state, problem, workflow_id, settled)
     select s.id, e.part, e.type, e.state, e.problem, e."workflowId", e.state <> 'started'
       from settled s,
            json_to_recordset($4) as e(part int, type text, state text, problem text, "workflowId" text)`,
    [id, state, problem, storableJson(outcomes)],
  );
}

/** Puts a delivery off that could not be dispatched now. */
export async function postponeDelivery(sql: Sql, id: string, waitMs: number, problem: string): Promise<void> {
  await sql.query(
    `update lms_lifecycle.inbox set due_at = clock_timestamp() + $2 * interval '1 ms', problem = $3
      where id = $1 and state = 'received'`,
    [id, waitMs, problem],
  );
}

/** Forgets old deliveries that nothing is to be done for any more, at most `limit`; how many. */
export async function forgetDeliveries(sql: Sql, keepDays: number, limit: number): Promise<number> {
  const { rowCount } = await sql.query(
    `delete from lms_lifecycle.inbox where id in (
       select id from lms_lifecycle.inbox i
        where received_at < transaction_timestamp() - $1 * interval '1 day' and state <> 'received'
          and not exists (select from lms_lifecycle.inbox_event e where e.inbox_id = i.id and not e.settled)
        order by received_at limit $2)`,
    [keepDays, limit],
  );
  return rowCount ?? 0;
}
