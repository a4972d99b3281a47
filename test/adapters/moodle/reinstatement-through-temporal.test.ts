import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { OperationResult } from '../../../contracts/operations.ts';
import { untilState } from '../../scenarios/steps.ts';
import { running, startWorker } from '../../support/lab.ts';
import type { Running } from '../../support/lab.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { authorsOf, awayRows, onlyWent } from './support/reinstatement-checks.ts';
import { snapshot } from './support/table-diff.ts';
import { otherThanJournals } from './support/undo-checks.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const admin = '2';
const settings = {
  approvalAbove: 100,
  approvalExpiryMs: 60_000,
  waivedDrift: [],
  chunkUsers: 3000,
  window: 3,
};
const allDone = {
  state: 'done',
  conflicts: 0,
  attention: [],
  users: { done: 1, unchanged: 0, attention: 0 },
};

describe.skipIf(!haveMoodle)('D-20 Moodle, all the way through Temporal', () => {
  let site: MoodleSite;
  let connection: Connection;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  const taskQueue = `moodle-${randomUUID()}`;

  beforeAll(async () => {
    site = await openSite();
    connection = await Connection.connect({ address: inject('temporalAddress') });
    worker = await startWorker(site.url, taskQueue, new Client({ connection }), settings, host);
  });
  afterAll(async () => {
    await worker.stop();
    await connection.close();
    await site.close();
  });

  async function start(workflow: string, input: object): Promise<Running> {
    const options = { workflowId: randomUUID(), taskQueue, args: [{ requestedBy: admin, ...input }] };
    return running(await new Client({ connection }).workflow.start(workflow, options));
  }
  const run = async (workflow: string, input: object): Promise<OperationResult> =>
    (await start(workflow, input)).result();

  it.each([
    ['learner1@example.com', '3'],
    ['learner5@example.com', '7'],
    ['teacher1@example.com', '9'],
  ])('%s comes back, is deleted again by an undo, and comes back once more', async (email, id) => {
    const living = await snapshot(site.sql);
    const away = { went: awayRows(living, id, ['memberships', 'slots', 'ownership']), changed: [] };
    const deletion = await run('deleteUser', { user: id });
    const gone = await snapshot(site.sql);

    const back = await run('reinstateUser', { user: { email } });
    expect(back).toMatchObject(allDone);
    expect(onlyWent(otherThanJournals(living, await snapshot(site.sql)))).toEqual(away);

    const undone = await run('undoOperation', { operation: back.operation });
    expect(undone).toMatchObject({ ...allDone, counts: { 'account.retire': 1 } });
    expect(otherThanJournals(gone, await snapshot(site.sql))).toEqual({});

    expect(await run('reinstateUser', { user: id })).toMatchObject(allDone);
    expect(onlyWent(otherThanJournals(living, await snapshot(site.sql)))).toEqual(away);
    expect((await run('reinstateUser', { user: id })).users).toEqual({ done: 0, unchanged: 1, attention: 0 });
    // The deletion has been taken back: only the logins are left to it, and they went for good.
    await run('undoOperation', { operation: deletion.operation });
    expect(onlyWent(otherThanJournals(living, await snapshot(site.sql)))).toEqual(away);
  });

  it('a preview says what apply does, and changes nothing', async () => {
    await run('deleteUser', { user: '7' });
    const gone = await snapshot(site.sql);
    const preview = await run('reinstateUser', { user: '7', mode: 'preview', restore: ['slots'] });
    expect(preview.counts).toEqual({ 'account.reinstate': 1, 'slot.join': 2 });
    expect(otherThanJournals(gone, await snapshot(site.sql))).toEqual({});
    const { planHash } = preview;
    expect(await run('reinstateUser', { user: '7', restore: ['slots'], planHash })).toMatchObject(allDone);
  });

  it('a deletion of which there is no record cannot be taken back', async () => {
    await site.sql.query(
      `update mdl_user set deleted = 1, username = 'learner6@example.com.1795313703', email = md5('learner6') where id = 8`,
    );
    const before = await snapshot(site.sql);
    await expect(run('reinstateUser', { user: '8' })).rejects.toMatchObject({ type: 'NotRestorable' });
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  it('an email or user name that somebody else has now', async () => {
    await site.sql.query(`update mdl_config set value = '0' where name = 'allowaccountssameemail'`);
    await run('deleteUser', { user: '6' });
    for (const taken of [`email = 'LEARNER4@example.com'`, `email = 'x@x', username = 'learner4'`]) {
      await site.sql.query(`update mdl_user set ${taken} where id = 15`);
      await expect(run('reinstateUser', { user: '6' })).rejects.toMatchObject({ type: 'EmailTaken' });
    }
    await site.sql.query(`update mdl_user set username = 'spare2' where id = 15`);
    await expect(run('reinstateUser', { user: '6', requestedBy: '10' })).rejects.toMatchObject({
      type: 'NotAuthorized',
    });
    expect(await run('reinstateUser', { user: '6' })).toMatchObject(allDone);
  });

  it('G-07 who was deleted by losing the only cohort comes back into it', async () => {
    const living = await snapshot(site.sql);
    const removed = await run('removeFromGroup', { group: 'cohort:1', users: ['6'] });
    expect(removed.counts).toEqual({ 'membership.remove': 1, 'account.retire': 1 });
    expect((await run('reinstateUser', { user: '6' })).counts).toEqual({
      'account.reinstate': 1,
      'membership.add': 1,
    });
    expect(otherThanJournals(living, await snapshot(site.sql))).toEqual({});
  });

  it('X-08 an account that has come into a cohort since stays, with all that came back', async () => {
    await run('deleteUser', { user: '4' });
    const { operation } = await run('reinstateUser', { user: '4' });
    await site.sql.query(`insert into mdl_cohort_members (cohortid, userid, timeadded) values (1, 4, 1)`);
    const before = await snapshot(site.sql);
    const undone = await run('undoOperation', { operation });
    expect(undone.attention).toMatchObject([{ user: '4', type: 'NotRestorable' }]);
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  it('D-13 courses whose former successor is gone pass to whoever follows then', async () => {
    await run('deleteUser', { user: '9' });
    const { operation } = await run('reinstateUser', { user: '9' });
    await run('deleteUser', { user: '10' });
    expect(await authorsOf(site.sql)).toEqual({ 2: [9], 3: [9], 4: [9] });
    await run('undoOperation', { operation });
    const { rows } = await site.sql.query(`select deleted::int from mdl_user where id = 9`);
    expect(rows).toEqual([{ deleted: 1 }]);
    expect(await authorsOf(site.sql)).toEqual({ 2: [13], 3: [13], 4: [13] });
    await run('reinstateUser', { user: '10' });
    await run('reinstateUser', { user: '9' });
  });

  it('D-13 likewise when the successor goes between the plan of a deletion and its approval', async () => {
    await site.sql.query(`insert into mdl_role_assignments (id, roleid, contextid, userid) values
      (-4, 3, 26, 14), (-3, 3, 26, 15)`);
    const deletion = await start('deleteUser', { user: '14', approval: 'required' });
    const { planHash } = await untilState(deletion, 'waiting-for-approval');
    await site.sql.query(
      `delete from mdl_role_assignments where id = -3 or contextid = 26 and userid in (9, 10, 13)`,
    );
    await deletion.update('approve', { by: admin, planHash });
    expect(await deletion.result()).toMatchObject({ state: 'done', conflicts: 1 });
    expect((await authorsOf(site.sql))['2']).toEqual([13]);
  });
});
