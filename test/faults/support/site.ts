import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import pg from 'pg';
import { dumpWorld } from '../../../adapters/reference/dump-world.ts';
import { loadWorld } from '../../../adapters/reference/load-world.ts';
import type { World } from '../../../contracts/world.ts';
import { connect } from './connect.ts';
import type { Workplace } from './worker.ts';

export type Handle = WorkflowHandleWithFirstExecutionRunId;

/** A host's database and a Temporal server as a test sees them from outside, without a worker. */
export interface Site extends Workplace {
  client: Client;
  /** Connections that outlive the servers' deaths. */
  sql: pg.Pool;
  load(world: World): Promise<void>;
  dump(): Promise<World>;
  start(workflow: string, input: object): Promise<Handle>;
  close(): Promise<void>;
}

export async function openSite(
  databaseUrl: string,
  temporalAddress: string,
  taskQueue = `faults-${randomUUID()}`,
): Promise<Site> {
  const sql = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  sql.on('error', () => undefined);
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  return {
    databaseUrl,
    temporalAddress,
    taskQueue,
    client,
    sql,
    load: async (world) => {
      const one = await connect(databaseUrl);
      await one.query('begin');
      await loadWorld(one, world, { replace: true });
      await one.query('commit');
      await one.end();
    },
    dump: () => dumpWorld(sql),
    start: (workflow, input) => {
      const workflowId = `${workflow}-${randomUUID()}`;
      return client.workflow.start(workflow, { workflowId, taskQueue, args: [input] });
    },
    close: async () => {
      await sql.end();
      await connection.close();
    },
  };
}
