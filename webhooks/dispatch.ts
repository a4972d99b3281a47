import type { Standing } from '../client/executions.ts';
import { NeverStarts } from '../client/start-once.ts';
import type { StartRequest } from '../client/start-operation.ts';
import { earlierWorkflowId, webhookWorkflowId } from '../client/webhook-workflow-id.ts';
import { operationSchemas } from '../contracts/operations.ts';
import { systemActor } from '../contracts/ids.ts';
import type { Database } from '../database/pool.ts';
import type { DueDelivery, EventOutcome } from '../ledger/inbox.ts';
import { knownWorkflow } from '../ledger/operations.ts';
import { peopleInput } from './event-people.ts';
import type { Directory } from './event-people.ts';
import type { Order } from './events.ts';
import type { ReadEvent } from './read-delivery.ts';
import type { TraceCarrier } from './trace-carrier.ts';

/** What a dispatcher needs; built by a root. */
export interface DispatchDeps {
  database: Database;
  /** Starts an operation once and never again. @throws NeverStarts, or an error that may go away */
  start: (request: StartRequest & { workflowId: string }) => Promise<void>;
  /** Where a workflow stands. @throws an error that may go away */
  standing: (workflowId: string) => Promise<Standing>;
  host: Directory['host'];
  /** Whether the host knows of what an operation is about. */
  supports: (workflow: Order['workflow']) => boolean;
  /** Where traces are followed. */
  trace?: TraceCarrier | undefined;
}

/** What became of an event. */
type Became = Omit<EventOutcome, 'part' | 'type'>;

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
    const became = await startEvent(deps, delivery, part, event);
    outcomes.push({ part, type: event.type, ...became });
  }
  return outcomes;
}

async function startEvent(
  deps: DispatchDeps,
  delivery: DueDelivery,
  part: number,
  { type, at, order, trace }: ReadEvent,
): Promise<Became> {
  if (order === null) return unstarted('ignored', 'an event of this type starts nothing');
  if (!deps.supports(order.workflow)) return unstarted('ignored', 'the host knows nothing of it');
  const place = { ...delivery, part };
  const [workflowId, earlier] = [webhookWorkflowId(place), earlierWorkflowId(place)];
  const found = await deps.database.transaction(async (sql) => {
    // Temporal forgets which workflows there were; the ledger does not.
    const known = await knownWorkflow(sql, [workflowId, earlier]);
    return known ?? peopleInput({ sql, host: deps.host }, order, at, workflowId);
  });
  if (typeof found === 'string') return started(found);
  if ('problem' in found) return unstarted(found.state, found.problem);
  // Only what somebody has tried before can have been started and not noted.
  if (delivery.attempts > 1 && (await deps.standing(earlier)) !== 'unknown') return started(earlier);
  const reason = `${type}, told by ${delivery.source}`;
  const input = { ...order.input, ...found.input, requestedBy: systemActor, reason };
  const through = `the webhook of ${delivery.source}`;
  return start(deps, { workflow: order.workflow, input, trigger: 'webhook', through, workflowId }, trace);
}

async function start(
  deps: DispatchDeps,
  request: StartRequest & { workflow: Order['workflow']; workflowId: string },
  trace: string | undefined,
): Promise<Became> {
  const valid = operationSchemas[request.workflow].safeParse(request.input);
  if (!valid.success) return unstarted('failed', `no input of ${request.workflow}`);
  try {
    const begin = (): Promise<void> => deps.start(request);
    await (deps.trace ? deps.trace.within(trace, begin) : begin());
    return started(request.workflowId);
  } catch (error) {
    if (error instanceof NeverStarts) return unstarted('failed', error.message);
    throw error;
  }
}

function started(workflowId: string): Became {
  return { state: 'started', problem: null, workflowId };
}

function unstarted(state: 'ignored' | 'failed', problem: string): Became {
  return { state, problem, workflowId: null };
}
