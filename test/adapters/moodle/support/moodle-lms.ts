import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { moodleHost } from '../../../../adapters/moodle/moodle-host.ts';
import type { MoodlePolicy } from '../../../../adapters/moodle/moodle-policy.ts';
import type { OperationResult } from '../../../../contracts/operations.ts';
import { running, startWorker } from '../../../support/lab.ts';
import type { Running } from '../../../support/lab.ts';
import { openSite } from './moodle-site.ts';
import type { MoodleSite } from './moodle-site.ts';

/** A copy of the small site with a worker. */
export interface MoodleLms {
  site: MoodleSite;
  start(workflow: string, input: object): Promise<Running>;
  run(workflow: string, input: object): Promise<OperationResult>;
  stop(): Promise<void>;
}

/** A chunk for each user, three at a time. */
const settings = {
  approvalAbove: 100,
  approvalExpiryMs: 60_000,
  waivedDrift: [],
  chunkUsers: 1,
  window: 3,
};

/** What is asked for is asked for by the first site administrator (2), unless the input says otherwise. */
export async function startMoodle(policy: MoodlePolicy): Promise<MoodleLms> {
  const site = await openSite();
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const client = new Client({ connection });
  const taskQueue = `moodle-${randomUUID()}`;
  const host = moodleHost({ tablePrefix: 'mdl_', policy });
  const worker = await startWorker(site.url, taskQueue, client, settings, host);
  const start: MoodleLms['start'] = async (workflow, input) => {
    const options = { workflowId: randomUUID(), taskQueue, args: [{ requestedBy: '2', ...input }] };
    return running(await client.workflow.start(workflow, options));
  };
  return {
    site,
    start,
    run: async (workflow, input) => (await start(workflow, input)).result(),
    stop: async () => {
      await worker.stop();
      await connection.close();
      await site.close();
    },
  };
}
