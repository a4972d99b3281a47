import { listInbox } from '../ledger/inbox-follow.ts';
import type { InboxRow } from '../ledger/inbox-follow.ts';
import { table } from './output.ts';
import type { Answer } from './output.ts';
import { withSession } from './session.ts';

/** `inbox list`: the latest deliveries by webhook, newest first, and what became of each of their events. */
export function list({ limit, state }: { limit: number; state?: string }): Promise<Answer> {
  return withSession(async ({ database }) => {
    const deliveries = await database.transaction((sql) => listInbox(sql, limit, state ?? null));
    const heads = ['received', 'source', 'message', 'type', 'state', 'operation', 'stands', 'problem'];
    return { json: deliveries, text: table([heads, ...deliveries.flatMap(rowsOf)]) };
  });
}

function rowsOf({ receivedAt, source, messageId, type, state, problem, events }: InboxRow): string[][] {
  const head = [receivedAt, source, messageId];
  if (events.length === 0) return [[...head, type, state, '', '', problem ?? '']];
  return events.map((event) => [
    ...head,
    event.type,
    event.state,
    event.workflowId ?? '',
    event.operation ?? '',
    event.problem ?? '',
  ]);
}
