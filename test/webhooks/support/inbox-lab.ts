import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { expect } from 'vitest';
import { referenceHost } from '../../../adapters/reference/reference-host.ts';
import { standingOf } from '../../../client/executions.ts';
import { startOnce } from '../../../client/start-once.ts';
import { buildServer } from '../../../composition/build-server.ts';
import { supportsOf } from '../../../composition/host.ts';
import { openDatabase } from '../../../database/pool.ts';
import type { DispatcherDeps } from '../../../webhooks/dispatcher.ts';
import { webhookSide } from '../../../webhooks/webhook-side.ts';
import type { Lab } from '../../support/lab.ts';
import { keysOf, newSecret, signed } from './sender.ts';

/** An HTTP server with its inbox on a lab, in this process. */
export interface InboxLab {
  app: FastifyInstance;
  /** Sends an event, or a body; its message id, a fresh one unless it is given. */
  send(body: object, messageId?: string, source?: 'lms' | 'moodle'): Promise<string>;
  /** Waits until a delivery and all its operations are over; how they stand. */
  settled(messageId: string): Promise<Outcome>;
  /** What the inbox has of a delivery. */
  row(messageId: string): Promise<{ state: string; payload: unknown; problem: string | null } | undefined>;
  stop(): Promise<void>;
}

/** Where the inbox is, and what starts its operations: a lab, or another host. */
type Place = Pick<Lab, 'databaseUrl' | 'sql' | 'client' | 'taskQueue'>;

interface Outcome {
  state: string;
  problem: string | null;
  events: {
    state: string;
    problem: string | null;
    workflow_id: string | null;
    tries: number;
    operation: string | null;
  }[];
}

const secret = newSecret();
// Workflow ids are made of message ids, and test files share one Temporal server.
const run = randomUUID();
let messages = 0;

export async function openInbox(lab: Place, overrides: Partial<DispatcherDeps> = {}): Promise<InboxLab> {
  const limits = { statementTimeoutMs: 30_000, lockTimeoutMs: 10_000, maxConnections: 8 };
  const database = openDatabase(lab.databaseUrl, limits);
  // What goes wrong in the background is told of where the test is.
  const log = pino({ level: 'error' });
  const side = webhookSide({
    database,
    log,
    keys: keysOf(`lms=${secret};moodle=${secret}`),
    retentionDays: 90,
    standing: (id) => standingOf(lab.client, id),
    start: (request) => startOnce(lab.client, { ...request, taskQueue: lab.taskQueue }),
    host: referenceHost,
    supports: supportsOf(referenceHost),
    pace: { pollMs: 50, firstWaitMs: 50, mostWaitMs: 200, firstRetryMs: 50, mostRetryMs: 500, lookMs: 200 },
    ...overrides,
  });
  const app = await buildServer({ log, routes: [side.routes] });
  return {
    app,
    send: async (body, messageId = `msg_${run}_${(messages += 1)}`, source = 'lms') => {
      const payload = JSON.stringify(body);
      const headers = signed(secret, messageId, payload);
      const answer = await app.inject({ method: 'POST', url: `/webhooks/${source}`, headers, payload });
      expect(answer.statusCode, answer.body).toBe(202);
      return messageId;
    },
    settled: (messageId) => settled(lab, messageId),
    row: async (messageId) => {
      const { rows } = await lab.sql.query<{ state: string; payload: unknown; problem: string | null }>(
        'select state, payload, problem from lms_lifecycle.inbox where message_id = $1',
        [messageId],
      );
      return rows[0];
    },
    stop: async () => {
      await app.close();
      await side.stop();
      await database.close();
    },
  };
}

async function settled(lab: Place, messageId: string): Promise<Outcome> {
  let found: Outcome | undefined;
  await expect
    .poll(
      async () => {
        const { rows } = await lab.sql.query<Outcome & { over: boolean }>(
          `select i.state, i.problem, i.state <> 'received' and coalesce(bool_and(e.settled), true) as over,
                  coalesce(json_agg(json_build_object('state', e.state, 'problem', e.problem, 'workflow_id', e.workflow_id,
                    'tries', e.tries, 'operation', (select o.state from lms_lifecycle.operation o where o.workflow_id = e.workflow_id))
                    order by e.part) filter (where e.part is not null), '[]') as events
             from lms_lifecycle.inbox i left join lms_lifecycle.inbox_event e on e.inbox_id = i.id
            where i.message_id = $1 group by i.id`,
          [messageId],
        );
        found = rows[0];
        return rows[0]?.over;
      },
      { timeout: 60_000, interval: 30 },
    )
    .toBe(true);
  if (!found) throw new Error(`there is no delivery ${messageId}`);
  return { state: found.state, problem: found.problem, events: found.events };
}

/** The operations that webhooks have started. */
export async function operationsOf(
  lab: Lab,
): Promise<{ kind: string; workflowId: string; requestedBy: string; trigger: string }[]> {
  const { rows } = await lab.sql.query<{
    kind: string;
    workflowId: string;
    requestedBy: string;
    trigger: string;
  }>(
    `select kind, workflow_id as "workflowId", requested_by as "requestedBy", trigger from lms_lifecycle.operation
      where workflow_id like 'webhook:%' order by workflow_id`,
  );
  return rows;
}
