import type { FastifyPluginAsync } from 'fastify';
import { acceptDeliveries } from '../ledger/inbox.ts';
import type { Delivery } from '../ledger/inbox.ts';
import type { Json } from '../contracts/changes.ts';
import { startDispatcher } from './dispatcher.ts';
import type { DispatcherDeps } from './dispatcher.ts';
import type { ReadEvent } from './read-delivery.ts';
import type { SourceKeys } from './source-secrets.ts';
import { together } from './together.ts';
import { webhookRoutes } from './webhook-routes.ts';

/** How many deliveries are put into the inbox by one statement. */
const maxTogether = 100;

/** Webhooks as a root uses them: routes for its server, and a dispatcher beside it that is stopped after the server. */
export function webhookSide({ keys, ...deps }: DispatcherDeps & { keys: SourceKeys }): {
  routes: FastifyPluginAsync;
  /** Puts what others were told into the inbox; resolves when it is there for good. */
  accept: (delivery: Delivery) => Promise<void>;
  stop(): Promise<void>;
} {
  const dispatcher = startDispatcher(deps);
  const write = together<Delivery>(
    (deliveries) => acceptDeliveries(deps.database.autocommit, deliveries),
    maxTogether,
  );
  const accept = async (delivery: Delivery): Promise<void> => {
    const cameAt = performance.now();
    await write(traced(delivery, deps.trace?.current()));
    dispatcher.accepted(cameAt);
    if (delivery.payload !== null) dispatcher.wake();
  };
  return { routes: webhookRoutes({ keys, accept }), accept, stop: () => dispatcher.stop() };
}

/** Each event is told of with the trace of its request; the inbox keeps it for as long as what was told. */
function traced(delivery: Delivery, trace: string | undefined): Delivery {
  if (trace === undefined || delivery.payload === null) return delivery;
  const events = delivery.payload as unknown as ReadEvent[];
  return { ...delivery, payload: events.map((event) => ({ ...event, trace })) as unknown as Json };
}
