import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { supportsOf } from '../../../composition/host.ts';
import { startWorker } from '../../support/lab.ts';
import { openInbox } from '../../webhooks/support/inbox-lab.ts';
import type { InboxLab } from '../../webhooks/support/inbox-lab.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import type { MoodleSite } from './support/moodle-site.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const settings = {
  approvalAbove: 100,
  approvalExpiryMs: 60_000,
  waivedDrift: [],
  chunkUsers: 3000,
  window: 3,
};

describe.skipIf(!haveMoodle)("Moodle's own events", () => {
  let site: MoodleSite;
  let connection: Connection;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  let inbox: InboxLab;

  beforeAll(async () => {
    site = await openSite();
    connection = await Connection.connect({ address: inject('temporalAddress') });
    const client = new Client({ connection });
    const taskQueue = `moodle-${randomUUID()}`;
    worker = await startWorker(site.url, taskQueue, client, settings, host);
    inbox = await openInbox(
      { databaseUrl: site.url, sql: site.sql, client, taskQueue },
      { supports: supportsOf(host), host },
    );
  });
  afterAll(async () => {
    await inbox.stop();
    await worker.stop();
    await connection.close();
    await site.close();
  });

  it('HTTP a user who is still in the cohort leaves it, one who is gone already is unchanged', async () => {
    const members = (): Promise<unknown> =>
      site.sql.query('select userid::int from mdl_cohort_members where cohortid = 1 and userid = 5');
    expect(await members()).toMatchObject({ rows: [{ userid: 5 }] });
    const event = { eventname: '\\core\\event\\cohort_member_removed', objectid: 1, relateduserid: 5 };
    const first = await inbox.settled(await inbox.send(event, undefined, 'moodle'));
    expect(first).toMatchObject({ state: 'started', events: [{ operation: 'done' }] });
    expect(await members()).toMatchObject({ rows: [] });
    const second = await inbox.settled(await inbox.send(event, undefined, 'moodle'));
    expect(second).toMatchObject({ state: 'started', events: [{ operation: 'done' }] });
  });

  it('HTTP a user whom Moodle has deleted: what it leaves behind is as the rules say; of profiles it knows nothing, nothing starts', async () => {
    const events = [
      { eventname: '\\core\\event\\user_deleted', objectid: 9, relateduserid: 9 },
      { eventname: '\\core\\event\\user_enrolment_deleted', objectid: 1, relateduserid: 3 },
      { eventname: '\\core\\event\\user_updated', objectid: 3, relateduserid: 3 },
    ];
    expect(await inbox.settled(await inbox.send(events, undefined, 'moodle'))).toMatchObject({
      events: [{ operation: 'done' }, { operation: 'done' }, { state: 'ignored' }],
    });
    const { rows } = await site.sql.query('select deleted from mdl_user where id = 9');
    expect(rows).toEqual([{ deleted: 1 }]);
  });
});
