import { NeverStarts, webhookWorkflowId } from '../client/start-once.ts';
import type { StartRequest } from '../client/start-operation.ts';
import { operationSchemas } from '../contracts/operations.ts';
import { systemActor } from '../contracts/ids.ts';
import type { JsonObject } from '../contracts/changes.ts';
import type { Sql } from '../contracts/sql.ts';
import type { Database } from '../database/pool.ts';
import type { DueDelivery, EventOutcome } from '../ledger/inbox.ts';
import { reinstatedSince } from '../ledger/inbox-follow.ts';
import { countEntries, storeList } from '../ledger/lists.ts';
import type { ListEntry } from '../ledger/lists.ts';
import { findOperation } from '../ledger/operations.ts';
import type { EventUser, Order } from './events.ts';
import type { ReadEvent } from './read-delivery.ts';
import type { TraceCarrier } from './trace-carrier.ts';

/** What a dispatcher needs; built by a root. */
export interface DispatchDeps {
  database: Database;
  /** Starts an operation once and never again. @throws NeverStarts, or an error that may go away */
  start: (request: StartRequest & { workflowId: string }) => Promise<void>;
  /** The id of the user whom a name means; null when it means nobody. */
  findUser: (sql: Sql, name: { id?: string; email?: string }) => Promise<string | null>;
  /** Whether the host knows of what an operation is about. */
  supports: (workflow: Order['workflow']) => boolean;
  /** Where traces are followed. */
  trace?: TraceCarrier | undefined;
}

/** How many users an input names at most; more are a list in the ledger. */
const maxInline = 100;

/** Why an event starts nothing. */
type Unstarted = Pick<EventOutcome, 'state'> & { problem: string };

/**
 * Starts what a delivery leads to, one operation for each event. Again, after whatever interruption: the same operations, none
 * of them twice.
 *
 * @throws an error that may go away; what was started by then stays started
 */
export async function dispatch(deps: DispatchDeps, delivery: DueDelivery): Promise<EventOutcome[]> {
  const events = delivery.payload as unknown as ReadEvent[];
  const outcomes: EventOutcome[] = [];
  for (const [part, event] of events.entries()) {
    const workflowId = webhookWorkflowId(delivery.source, delivery.messageId, part);
    const unstarted = await startEvent(deps, delivery.source, event, workflowId);
    const started = { state: 'started', problem: null, workflowId } as const;
    outcomes.push({ part, type: event.type, ...(unstarted ? { ...unstarted, workflowId: null } : started) });
  }
  return outcomes;
}

async function startEvent(
  deps: DispatchDeps,
  source: string,
  { type, at, order, trace }: ReadEvent,
  workflowId: string,
): Promise<Unstarted | null> {
  if (order === null) return { state: 'ignored', problem: 'an event of this type starts nothing' };
  if (!deps.supports(order.workflow)) return { state: 'ignored', problem: 'the host knows nothing of it' };
  const input = await deps.database.transaction(async (sql) => {
    // Temporal forgets which workflows there were; the ledger does not.
    if (await findOperation(sql, workflowId)) return null;
    return inputOf(deps, sql, order, at, workflowId);
  });
  if (input === null) return null;
  if ('unstarted' in input) return input.unstarted;
  const full = { ...input.input, requestedBy: systemActor, reason: `${type}, told by ${source}` };
  const valid = operationSchemas[order.workflow].safeParse(full);
  if (!valid.success) return failed(`no input of ${order.workflow}`);
  try {
    const summary = `${order.workflow}, told by webhook of ${source}`;
    const request = {
      workflow: order.workflow,
      input: full,
      trigger: 'webhook',
      summary,
      workflowId,
    } as const;
    const start = (): Promise<void> => deps.start(request);
    await (deps.trace ? deps.trace.within(trace, start) : start());
    return null;
  } catch (error) {
    if (error instanceof NeverStarts) return failed(error.message);
    throw error;
  }
}

/** The input of an order with its people in it by id, or as a list in the ledger. */
async function inputOf(
  deps: DispatchDeps,
  sql: Sql,
  { input, people, endsWithReinstatement }: Order,
  at: string | null,
  workflowId: string,
): Promise<{ input: JsonObject } | { unstarted: Unstarted }> {
  if (people === null) return { input };
  if (people.as === 'list') return { input: { ...input, ...(await listed(sql, people.users, workflowId)) } };
  const id = await idOf(deps, sql, people.user);
  if (id === null) return { unstarted: failed('its user is nobody') };
  if (endsWithReinstatement && at !== null && (await reinstatedSince(sql, id, at))) {
    return { unstarted: { state: 'ignored', problem: 'the user was reinstated after it' } };
  }
  if (people.as === 'user') return { input: { ...input, user: { id } } };
  if (people.as === 'users') return { input: { ...input, users: [{ id }] } };
  return { input: { ...input, profiles: [{ user: { id }, profile: {} }] } };
}

async function idOf(deps: DispatchDeps, sql: Sql, user: EventUser): Promise<string | null> {
  if (typeof user === 'string') return deps.findUser(sql, { id: user, email: user });
  return 'id' in user ? user.id : deps.findUser(sql, user);
}

/** Few ids as they are; emails, and many, as a list in the ledger, stored once. */
async function listed(sql: Sql, users: readonly EventUser[], list: string): Promise<JsonObject> {
  const ids = users.flatMap((user) => (typeof user === 'object' && 'id' in user ? [{ id: user.id }] : []));
  if (ids.length === users.length && ids.length <= maxInline) return { users: ids };
  if ((await countEntries(sql, list)) === null) await storeList(sql, list, 'webhook', users.map(entryOf));
  return { list };
}

function entryOf(user: EventUser, index: number): ListEntry {
  const line = index + 1;
  if (typeof user === 'string') return { line, id: user, email: user, ref: user };
  return 'id' in user ? { line, id: user.id, ref: user.id } : { line, email: user.email, ref: user.email };
}

function failed(problem: string): Unstarted {
  return { state: 'failed', problem };
}
