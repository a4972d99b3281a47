import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { OperationResult } from '../../../contracts/operations.ts';
import { running, startWorker } from '../../support/lab.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { diff, snapshot } from './support/table-diff.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const admin = '2';
/** Journals, which an undo does not rewind. */
const journals = ['mdl_logstore_standard_log', 'mdl_cache_flags', 'mdl_grade_grades_history'];
const settings = {
  approvalAbove: 100,
  approvalExpiryMs: 60_000,
  waivedDrift: [],
  chunkUsers: 3000,
  window: 3,
};

describe.skipIf(!haveMoodle)('Moodle, all the way through Temporal', () => {
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

  async function run(workflow: string, input: object): Promise<OperationResult> {
    const options = { workflowId: randomUUID(), taskQueue, args: [{ requestedBy: admin, ...input }] };
    return running(await new Client({ connection }).workflow.start(workflow, options)).result();
  }

  it.each([
    ['learner1@example.com', '3'],
    ['learner5@example.com', '7'],
    ['teacher1@example.com', '9'],
  ])('X-08 %s is deleted, and the undo puts every row back', async (email, id) => {
    const before = await snapshot(site.sql);
    const done = await run('deleteUser', { user: { email } });
    expect(done).toMatchObject({ state: 'done', conflicts: 0, users: { done: 1, attention: 0 } });
    const { rows } = await site.sql.query(`select deleted from mdl_user where id = $1`, [id]);
    expect(rows).toEqual([{ deleted: 1 }]);

    const undone = await run('undoOperation', { operation: done.operation });
    expect(undone).toMatchObject({ state: 'done', conflicts: 0, attention: [] });
    const changed = [...diff(before, await snapshot(site.sql)).keys()];
    expect(changed.filter((table) => !journals.includes(table))).toEqual([]);
  });

  it("D-05 the deleted author's course goes to the next editing teacher", async () => {
    const { operation, counts } = await run('deleteUser', { user: '9' });
    expect(counts['ownership.transfer']).toBeGreaterThan(0);
    const { rows } = await site.sql.query<{ id: string; main: string; rule: string }>(
      `select item->>'id' as id, after->>'main' as main, reason->>'rule' as rule from lms_lifecycle.change
        where operation_id = $1 and kind = 'ownership.transfer' order by 1`,
      [operation],
    );
    expect(rows).toContainEqual({ id: '2', main: '10', rule: 'D-05' });
    await run('undoOperation', { operation });
  });

  it.each([
    ['cohort:1', ['learner3@example.com'], { 'membership.remove': 1 }],
    ['category:2', ['5'], { 'membership.remove': 1 }],
    ['course-group:3', ['learner2@example.com', '7', '3'], { 'membership.remove': 2 }],
  ])('X-08 G-06 users leave %s, live on, and the undo puts every row back', async (group, users, counts) => {
    const before = await snapshot(site.sql);
    const done = await run('removeFromGroup', { group, users });
    expect(done).toMatchObject({ state: 'done', conflicts: 0, warnings: [], users: { attention: 0 } });
    expect(done.counts).toMatchObject(counts);
    const left = diff(before, await snapshot(site.sql));
    expect(
      left.get(group.startsWith('course') ? 'mdl_groups_members' : 'mdl_cohort_members')?.deleted.length,
    ).toBe(counts['membership.remove']);

    const undone = await run('undoOperation', { operation: done.operation });
    expect(undone).toMatchObject({ state: 'done', conflicts: 0, attention: [] });
    const changed = [...diff(before, await snapshot(site.sql)).keys()];
    expect(changed.filter((table) => !journals.includes(table))).toEqual([]);
  });

  it('G-01 an editing teacher takes learners out of a group of the course, and nobody out of a cohort', async () => {
    const teacher = { requestedBy: '10', users: ['6'] };
    const { operation } = await run('removeFromGroup', { ...teacher, group: 'course-group:1' });
    await run('undoOperation', { operation });
    await expect(run('removeFromGroup', { ...teacher, group: 'cohort:1' })).rejects.toMatchObject({
      type: 'NotAuthorized',
    });
    const unauthorized = run('removeFromGroup', { requestedBy: '11', users: ['6'], group: 'course-group:1' });
    await expect(unauthorized).rejects.toMatchObject({ type: 'NotAuthorized' });
  });

  it('G-07 of those who leave a cohort, whoever was only in it is deleted; the undo brings all back', async () => {
    const before = await snapshot(site.sql);
    const done = await run('removeFromGroup', { group: 'cohort:1', users: ['5', '6', '7'] });
    expect(done.counts).toMatchObject({ 'membership.remove': 3, 'account.retire': 1 });
    await run('undoOperation', { operation: done.operation });
    const changed = [...diff(before, await snapshot(site.sql)).keys()];
    expect(changed.filter((table) => !journals.includes(table))).toEqual([]);
  });

  it('C-02 who would lose a completed course for good stays in the cohort, and needs attention', async () => {
    await site.sql.query(`update mdl_enrol set status = 1 where id = 1`);
    const before = await snapshot(site.sql);
    const done = await run('removeFromGroup', { group: 'cohort:1', users: ['5'] });
    expect(done.attention).toMatchObject([{ user: '5' }]);
    expect([...diff(before, await snapshot(site.sql)).keys()]).toEqual([]);
    await site.sql.query(`update mdl_enrol set status = 0 where id = 1`);
  });

  it('D-14 a site administrator is protected by the host itself', async () => {
    await site.sql.query(`update mdl_config set value = '2,14' where name = 'siteadmins'`);
    await expect(run('deleteUser', { user: '14' })).rejects.toMatchObject({ type: 'PlatformOwnerProtected' });
  });

  it('X-14 a column that nobody has claimed stops a deletion', async () => {
    await site.sql.query(`create table mdl_local_badges_given (id bigserial, userid bigint)`);
    const refused = run('deleteUser', { user: '4' });
    await expect(refused).rejects.toMatchObject({
      type: 'SchemaDrift',
      message: expect.stringContaining('local_badges_given') as unknown,
    });
  });
});
