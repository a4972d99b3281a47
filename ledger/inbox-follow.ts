import type { JsonObject } from '../contracts/changes.ts';
import type { OperationKind } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';

/** An event in the inbox that has been started. */
export interface EventKey {
  inbox: string;
  part: number;
  /** How often it has been started. */
  tries: number;
  /** That of the latest time. */
  workflowId: string;
}

/** An operation of the inbox's that another one stood in the way of, to be started again. */
export interface Retry extends EventKey {
  source: string;
  kind: OperationKind;
  /** As the ledger has it: ids, never emails. */
  input: JsonObject;
}

/** How many events are looked at in one statement. */
const limit = 200;

/** Whether the operation `o` was refused, or left somebody out, because of another one. */
const stoodInTheWay = /* sql */ `(
  o.failure->>'type' is not distinct from 'OperationInProgress'
  or exists (select from lms_lifecycle.operation_target t
              where t.operation_id = o.id and t.state = 'attention' and t.problem_type = 'OperationInProgress'))`;

const endedEvents = /* sql */ `
  select e.inbox_id, e.part, e.tries, o.input, ${stoodInTheWay} as hindered
    from lms_lifecycle.inbox_event e
    join lms_lifecycle.operation o on o.workflow_id = e.workflow_id
   where not e.settled and e.retry_at is null and o.closed_at is not null
   limit ${limit}`;

/**
 * Settles events whose operations are over, and forgets the lists that were stored for them. Those that another operation stood in
 * the way of are noted for another try instead, each time after twice as long, from `firstMs` to `mostMs`; after `maxTries` they are failed.
 */
export async function noteEnded(
  sql: Sql,
  { firstMs, mostMs, maxTries }: { firstMs: number; mostMs: number; maxTries: number },
): Promise<void> {
  await sql.query(
    `with ended as materialized (${endedEvents}),
     noted as (
       update lms_lifecycle.inbox_event e
          set settled = not n.hindered or n.tries >= $3,
              state = case when n.hindered and n.tries >= $3 then 'failed' else e.state end,
              problem = case when n.hindered then 'OperationInProgress' end,
              retry_at = case when n.hindered and n.tries < $3 then
                clock_timestamp() + least($2, $1 * 2 ^ least(n.tries - 1, 30)) * interval '1 ms' end
         from ended n where (e.inbox_id, e.part, e.tries) = (n.inbox_id, n.part, n.tries) and not e.settled
       returning e.inbox_id, e.settled, e.state, n.input),
     given_up as (
       update lms_lifecycle.inbox i set state = 'failed', problem = 'OperationInProgress'
         from noted n where n.inbox_id = i.id and n.state = 'failed')
     delete from lms_lifecycle.stored_list l using noted n
      where n.settled and l.id = n.input->>'list' and l.source = 'webhook'`,
    [firstMs, mostMs, maxTries],
  );
}

/** What is to be started again by now. */
export async function dueRetries(sql: Sql): Promise<Retry[]> {
  const { rows } = await sql.query<Retry>(
    `select e.inbox_id as inbox, e.part, e.tries, e.workflow_id as "workflowId", i.source, o.kind, o.input
       from lms_lifecycle.inbox_event e
       join lms_lifecycle.inbox i on i.id = e.inbox_id
       join lms_lifecycle.operation o on o.workflow_id = e.workflow_id
      where not e.settled and e.retry_at <= clock_timestamp()
      order by e.retry_at limit ${limit}`,
  );
  return rows;
}

/** Events that were started, and of whose end the ledger does not know: those after the one that is given, at most `limit`. */
export async function underWay(sql: Sql, after: EventKey | null, limit: number): Promise<EventKey[]> {
  const { rows } = await sql.query<EventKey>(
    `select e.inbox_id as inbox, e.part, e.tries, e.workflow_id as "workflowId" from lms_lifecycle.inbox_event e
      where ${openEvent} and ($1::bigint is null or (e.inbox_id, e.part) > ($1, $2::int))
      order by e.inbox_id, e.part limit $3`,
    [after?.inbox, after?.part, limit],
  );
  return rows;
}

const openEvent = /* sql */ `not e.settled and e.retry_at is null and not exists (
  select from lms_lifecycle.operation o where o.workflow_id = e.workflow_id and o.closed_at is not null)`;

/** Why an event came to nothing whose workflow is gone. */
const abandoned = 'its workflow was terminated, or is lost';

/** Settles events whose workflow is gone, as failed; but for those that have ended properly meanwhile. */
export async function noteAbandoned(sql: Sql, events: readonly EventKey[]): Promise<void> {
  await sql.query(
    `with gone as (
       update lms_lifecycle.inbox_event e set settled = true, state = 'failed', problem = $2
         from json_to_recordset($1) as g(inbox bigint, part int, tries int)
        where (e.inbox_id, e.part, e.tries) = (g.inbox, g.part, g.tries) and ${openEvent}
       returning e.inbox_id)
     update lms_lifecycle.inbox i set state = 'failed', problem = $2 from gone g where g.inbox_id = i.id`,
    [JSON.stringify(events), abandoned],
  );
}

/** Notes that an event was started once more. Again, for the same try: a no-op. */
export async function noteRetried(
  sql: Sql,
  { inbox, part, tries }: Retry,
  workflowId: string,
): Promise<void> {
  await sql.query(
    `update lms_lifecycle.inbox_event set tries = tries + 1, workflow_id = $4, retry_at = null, problem = null
      where inbox_id = $1 and part = $2 and tries = $3`,
    [inbox, part, tries, workflowId],
  );
}

/** Whether an operation of ours has brought the user back since. */
export async function reinstatedSince(sql: Sql, user: string, instant: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    `select from lms_lifecycle.change
      where user_id = $1 and kind = 'account.reinstate' and state = 'applied' and decided_at > $2 limit 1`,
    [user, instant],
  );
  return rowCount === 1;
}

/** A delivery and its events, as people look at them. */
export interface InboxRow {
  source: string;
  messageId: string;
  type: string;
  state: string;
  problem: string | null;
  attempts: number;
  /** ISO 8601, UTC. */
  receivedAt: string;
  events: {
    part: number;
    type: string;
    state: string;
    problem: string | null;
    workflowId: string | null;
    tries: number;
    /** Where the operation stands; null before it is there. */
    operation: string | null;
  }[];
}

/** The latest deliveries, newest first; only those in a state, if one is named. */
export async function listInbox(sql: Sql, count: number, state: string | null): Promise<InboxRow[]> {
  const { rows } = await sql.query<InboxRow>(
    `select i.source, i.message_id as "messageId", i.type, i.state, i.problem, i.attempts,
            to_json(i.received_at) #>> '{}' as "receivedAt",
            coalesce((select json_agg(json_build_object('part', e.part, 'type', e.type, 'state', e.state, 'problem', e.problem,
                        'workflowId', e.workflow_id, 'tries', e.tries, 'operation',
                        (select o.state from lms_lifecycle.operation o where o.workflow_id = e.workflow_id
                          order by o.opened_at desc limit 1)) order by e.part)
                      from lms_lifecycle.inbox_event e where e.inbox_id = i.id), '[]') as events
       from lms_lifecycle.inbox i
      where $2::text is null or i.state = $2
      order by i.id desc limit $1`,
    [count, state],
  );
  return rows;
}
