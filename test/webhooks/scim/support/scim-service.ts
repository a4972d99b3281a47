import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import fastify from 'fastify';
import { referenceHost } from '../../../../adapters/reference/reference-host.ts';
import { standingOf } from '../../../../client/executions.ts';
import { startOnce } from '../../../../client/start-once.ts';
import { openDatabase } from '../../../../database/pool.ts';
import { acceptDeliveries } from '../../../../ledger/inbox.ts';
import { startDispatcher } from '../../../../webhooks/dispatcher.ts';
import { scimRoutes } from '../../../../webhooks/scim/scim-routes.ts';
import type { ScimRoutesOptions } from '../../../../webhooks/scim/scim-routes.ts';
import type { Lab } from '../../../support/lab.ts';

const token = 'the-token-of-the-provider';

export interface ScimAnswer {
  status: number;
  headers: Headers;
  /** As JSON; null where there is none. */
  body: Record<string, unknown> | null;
}

/** The SCIM routes on a loopback port, with the inbox and its dispatcher behind them. */
export interface ScimService {
  url: string;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ScimAnswer>;
  /** Starts what has been accepted, from now on. */
  dispatch(): void;
  /** How many deliveries the inbox has of a user, by kind. */
  accepted(user: string): Promise<Record<string, number>>;
  log(): string;
  close(): Promise<void>;
}

export async function openScimService(
  lab: Lab,
  options: Partial<ScimRoutesOptions> = {},
): Promise<ScimService> {
  const limits = { statementTimeoutMs: 60_000, lockTimeoutMs: 30_000, maxConnections: 6 };
  const database = openDatabase(lab.databaseUrl, limits);
  let dispatcher: ReturnType<typeof startDispatcher> | undefined;
  let logged = '';
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      logged += chunk.toString();
      done();
    },
  });
  const app = fastify({ logger: { level: 'info', stream } });
  await app.register(scimRoutes, {
    ...{ database, host: referenceHost, tokens: [{ name: 'okta', token, scope: 'scim' }] },
    accept: async (delivery) => {
      await database.transaction((sql) => acceptDeliveries(sql, [delivery]));
      dispatcher?.wake();
    },
    ...options,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/scim/v2`;
  return {
    url,
    ask: async (method, path, body, headers = {}) => {
      const typed = body === undefined ? {} : { 'content-type': 'application/scim+json' };
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...typed, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const parsed = text === '' ? null : (JSON.parse(text) as Record<string, unknown>);
      return { status: response.status, headers: response.headers, body: parsed };
    },
    dispatch: () => {
      dispatcher = startDispatcher({
        ...{ database, log: app.log, retentionDays: 90, pace: { pollMs: 50, lookMs: 200 } },
        standing: (id) => standingOf(lab.client, id),
        start: (request) => startOnce(lab.client, { ...request, taskQueue: lab.taskQueue }),
        host: referenceHost,
        supports: () => true,
      });
    },
    accepted: async (user) => {
      const { rows } = await lab.sql.query<{ type: string; n: number }>(
        `select type, count(*)::int as n from lms_lifecycle.inbox where starts_with(message_id, $1) group by type`,
        [`${user}.`],
      );
      return Object.fromEntries(rows.map(({ type, n }) => [type, n]));
    },
    log: () => logged,
    close: async () => {
      await app.close();
      await dispatcher?.stop();
      await database.close();
    },
  };
}

/** A PATCH with these operations. */
export function patchOf(...operations: object[]): object {
  return { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations };
}

/** An error as RFC 7644 §3.12 has it. */
export function errorOf(status: number, scimType?: string): object {
  return {
    status,
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(status),
      ...(scimType === undefined ? {} : { scimType }),
    },
  };
}
