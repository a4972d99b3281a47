import { readdir, readlink } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { Writable } from 'node:stream';
import fastify from 'fastify';
import { referenceHost } from '../../../../adapters/reference/reference-host.ts';
import { openDatabase } from '../../../../database/pool.ts';
import { importRoutes } from '../../../../imports/http/import-routes.ts';
import type { ImportRoutesOptions } from '../../../../imports/http/import-routes.ts';
import { parseSettings } from '../../../../imports/parse-import.ts';
import { spoolPrefix } from '../../../../imports/http/spool.ts';
import type { ImportLimits } from '../../../../imports/import-limits.ts';
import type { Lab } from '../../../support/lab.ts';
import { compiledThread } from '../../support/thread.ts';

export const token = 'a-token-for-the-tests';

/** The import routes on a loopback port. */
export interface ImportServer {
  url: string;
  /** A request with the token; the answer's body as JSON where it is JSON. */
  ask(path: string, init?: RequestInit): Promise<{ status: number; headers: Headers; body: unknown }>;
  post(path: string, body: unknown): ReturnType<ImportServer['ask']>;
  /** What each route says it is. */
  routes(): Record<string, string>;
  /** Everything that was logged. */
  log(): string;
  close(): Promise<void>;
}

export async function openImportServer(
  lab: Lab,
  options: Partial<ImportRoutesOptions> = {},
  importLimits?: ImportLimits,
): Promise<ImportServer> {
  const thread = options.parse ? null : await compiledThread();
  const limits = { statementTimeoutMs: 60_000, lockTimeoutMs: 30_000, maxConnections: 4 };
  const database = openDatabase(lab.databaseUrl, limits);
  const settings = thread?.parse ?? parseSettings;
  const parse = { ...settings, limits: importLimits ?? settings.limits };
  let logged = '';
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      logged += chunk.toString();
      done();
    },
  });
  const app = fastify({ logger: { level: 'info', stream } });
  const routes: Record<string, string> = {};
  app.addHook('onRoute', ({ method, url, config }) => {
    const { openapi } = config as { openapi?: { summary: string } };
    if (method !== 'HEAD') routes[`${String(method)} ${url}`] = openapi?.summary ?? '';
  });
  await app.register(importRoutes, {
    ...{ database, host: referenceHost, parse, chunkUsers: 3000 },
    ...{ client: lab.client, taskQueue: lab.taskQueue, tokens: [{ name: 'hr', token, scope: 'imports' }] },
    ...options,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const ask: ImportServer['ask'] = async (path, init = {}) => {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) };
    const response = await fetch(`${url}${path}`, { ...init, headers });
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    const body: unknown = isJson ? await response.json() : Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, body };
  };
  return {
    url,
    ask,
    post: (path, body) =>
      ask(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    routes: () => routes,
    log: () => logged,
    close: async () => {
      await app.close();
      await database.close();
      await thread?.remove();
    },
  };
}

/** A form with files, and further fields before them. */
export function formOf(files: Record<string, Buffer>, fields: Record<string, string> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [name, bytes] of Object.entries(files)) {
    form.append(name, new Blob([new Uint8Array(bytes)]), 'people.xlsx');
  }
  return form;
}

/** What uploads have left behind: directories, and files that this process still holds open. */
export async function leftovers(): Promise<string[]> {
  const directories = (await readdir(tmpdir())).filter((name) => name.startsWith(spoolPrefix));
  const handles = await readdir('/proc/self/fd').catch((): string[] => []);
  const targets = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return [...directories, ...targets.filter((target) => target.includes(spoolPrefix))];
}
