import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { OperationResult } from '../../../contracts/operations.ts';
import { running, startWorker } from '../../support/lab.ts';
import type { Running } from '../../support/lab.ts';
import { untilState } from '../../scenarios/steps.ts';
import { placeOf } from './support/content.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { snapshot } from './support/table-diff.ts';
import { otherThanJournals } from './support/undo-checks.ts';

const settings = { approvalAbove: 100, approvalExpiryMs: 60_000, waivedDrift: [], chunkUsers: 2, window: 2 };

describe.skipIf(!haveMoodle)('registrations on Moodle, all the way through Temporal', () => {
  let site: MoodleSite;
  let start: (workflow: string, input: object) => Promise<Running>;
  let stop: () => Promise<void>;
  const run = async (workflow: string, input: object): Promise<OperationResult> =>
    (await start(workflow, input)).result();

  beforeAll(async () => {
    site = await openSite();
    const connection = await Connection.connect({ address: inject('temporalAddress') });
    const client = new Client({ connection });
    const taskQueue = `moodle-${randomUUID()}`;
    const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
    const worker = await startWorker(site.url, taskQueue, client, settings, host);
    start = async (workflow, input) => {
      const options = { workflowId: randomUUID(), taskQueue, args: [{ requestedBy: '2', ...input }] };
      return running(await client.workflow.start(workflow, options));
    };
    stop = async () => {
      await worker.stop();
      await connection.close();
      await site.close();
    };
  });
  afterAll(() => stop());

  it('R-01 R-02 R-04 X-08 users are unenrolled, the others are reported; the undo puts every row back', async () => {
    const before = await snapshot(site.sql);
    const input = { users: ['3', '4', '5', '14'], activities: ['2', '77'] };
    const done = await run('unenrolUsers', input);
    expect(done.counts).toEqual({ 'registration.unenrol': 3 });
    expect(done.attention.map(({ type }) => type).sort()).toEqual([
      ...Array<string>(4).fill('NotFound'),
      'NotRegistered',
    ]);
    const again = await run('unenrolUsers', { users: ['3', '5'], activities: ['2'] });
    expect(again.attention.map(({ type }) => type)).toEqual(['AlreadyUnenrolled', 'AlreadyUnenrolled']);
    await run('undoOperation', { operation: done.operation });
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });

  it('R-03 R-05 A a required course: removed, and enrolled again by hand at once, blank; others are not', async () => {
    // learner3 (5) has an active plan and lacks competency 1, for which course 2 counts; learner2 (4) has none.
    await site.sql.query(`delete from mdl_cohort_members where userid = 5`);
    const asked = await start('removeRegistrations', { users: ['4', '5'], activities: ['2'] });
    const { planHash } = await untilState(asked, 'waiting-for-approval');
    await asked.update('approve', { by: '2', planHash });
    const done = await asked.result();
    expect(done.counts).toEqual({ 'registration.remove': 2, 'registration.add': 1 });
    expect(done).toMatchObject({ state: 'done', conflicts: 0 });
    expect(await placeOf(site, 5, 2)).toEqual(['manual 0 0 0', 'role 5']);
    expect(await placeOf(site, 5, 4)).toContain('meta 0 0 0');
    expect(await placeOf(site, 4, 2)).toEqual([]);
    const { rows } = await site.sql.query(
      `select from mdl_course_completions where userid = 5 and course = 2`,
    );
    expect(rows).toEqual([]);
  });

  it('R-07 X-08 the sweep enrols whoever lost a required course in Moodle, once; the undo takes it back', async () => {
    await site.sql.query(`
      delete from mdl_user_enrolments where userid = 5 and enrolid = 1;
      delete from mdl_role_assignments where userid = 5 and contextid = 26`);
    const before = await snapshot(site.sql);
    const done = await run('reconcileQualifications', {});
    expect(done.counts).toEqual({ 'registration.add': 1 });
    expect(await placeOf(site, 5, 2)).toEqual(['manual 0 0 0', 'role 5']);
    expect((await run('reconcileQualifications', {})).counts).toEqual({});
    await run('undoOperation', { operation: done.operation });
    expect(otherThanJournals(before, await snapshot(site.sql))).toEqual({});
  });
});
