import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { inSales } from '../scenarios/registration-steps.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { admin, world } from '../support/world-builder.ts';
import { startInnerWorker } from './support/inner-worker.ts';
import type { InnerWorker } from './support/inner-worker.ts';
import { openSite } from './support/site.ts';
import type { Handle, Site } from './support/site.ts';
import { untilWaiting } from './support/until.ts';
import { runs } from '../support/runs.ts';

const rounds = runs(100, 4);
const users = Array.from({ length: 6 }, (_, i) => `s-${i}`);
const activities = ['c-1', 'p-1'];

let site: Site;
let worker: InnerWorker;
let drop: () => Promise<void>;

/** Everybody is in sales, which needs the course and the path; and registered for both, as it happens. */
function sales(): World {
  return world({
    users: users.map((id) => ({ id, profile: { team: 'sales' } })),
    courses: [{ id: 'c-1', mainAuthor: 'pam' }],
    paths: [{ id: 'p-1', mainAuthor: 'pam' }],
    registrations: users.flatMap((user) => activities.map((activity) => ({ user, activity }))),
    history: users.map((user) => ({ user, activity: 'c-1' })),
    qualifications: [{ id: 'q-1', name: 'Selling', rule: inSales, activities }],
  });
}

/** Notes whatever is inserted into and deleted from the registrations. */
const notary = /* sql */ `
create table noted (user_id text, activity_id text, what text);
create function note() returns trigger language plpgsql as $$ begin
  if tg_op = 'DELETE' then insert into noted values (old.user_id, coalesce(old.course_id, old.path_id), 'gone');
  else insert into noted values (new.user_id, coalesce(new.course_id, new.path_id), 'come'); end if;
  return null;
end $$;
create trigger note after insert or delete on lms.registration for each row execute function note()`;

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  site = await openSite(database.url, inject('temporalAddress'));
  worker = await startInnerWorker(site);
  await site.sql.query(notary);
});
beforeEach(async () => {
  await site.load(sales());
  await site.sql.query('delete from noted');
});
afterAll(async () => {
  await worker.stop();
  await site.close();
  await drop();
});

/** How often each registration has gone and come. */
async function noted(): Promise<Record<string, { gone: number; come: number }>> {
  const { rows } = await site.sql.query<{ name: string; gone: number; come: number }>(
    `select concat_ws(' ', user_id, activity_id) as name, count(*) filter (where what = 'gone')::int as gone,
            count(*) filter (where what = 'come')::int as come from noted group by 1`,
  );
  return Object.fromEntries(rows.map(({ name, ...counts }) => [name, counts]));
}

/** How often operations say that they have enrolled somebody. */
async function enrolments(handles: readonly Handle[]): Promise<Record<string, number>> {
  const { rows } = await site.sql.query<{ name: string; n: number }>(
    `select concat_ws(' ', user_id, item->>'activity') as name, count(*)::int as n from lms_lifecycle.change
      where kind = 'registration.add' and state = 'applied' and operation_id = any($1) group by 1`,
    [handles.map((handle) => handle.firstExecutionRunId)],
  );
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}

function remove(some: readonly string[]): Promise<Handle> {
  return site.start('removeRegistrations', { users: some, activities, requestedBy: admin });
}

/** What the LMS does without us, and the webhook that it sends then: twice, as webhooks are. */
async function removedByTheLms(user: string): Promise<Handle[]> {
  await site.sql.query(`delete from lms.registration where user_id = $1`, [user]);
  const webhook = () => site.start('reconcileQualifications', { users: [{ id: user }] });
  return Promise.all([webhook(), webhook()]);
}

async function approved(handle: Handle): Promise<Handle> {
  const { planHash } = await untilWaiting(handle);
  await handle.executeUpdate('approve', { args: [{ by: admin, planHash }] });
  return handle;
}

describe('removals by us and by the LMS, webhooks and sweeps, all at once', () => {
  it.each(Array.from({ length: rounds }, (_, i) => i))(
    'R-05 R-07 lead to exactly one new registration for each that was removed (run %i)',
    async (round) => {
      const ours = users.filter((_, i) => (i + round) % 2 === 0);
      const theirs = users.filter((user) => !ours.includes(user));
      const sweep = () => site.start('reconcileQualifications', {});
      const first = await remove(ours);
      const parts = await Promise.all([
        approved(first).then((handle) => [handle]),
        ...theirs.map((user) => removedByTheLms(user)),
        sweep().then((handle) => [handle]),
        sweep().then((handle) => [handle]),
      ]);
      const handles = parts.flat();
      const results = await Promise.all(handles.map((handle) => handle.result() as Promise<OperationResult>));
      // Somebody may have been refused because another of them held the user, and only then was removed.
      handles.push(await sweep());
      results.push((await handles.at(-1)?.result()) as OperationResult);

      for (const { state, attention } of results) {
        expect(state).toBe('done');
        expect(attention.filter(({ type }) => type !== 'OperationInProgress')).toEqual([]);
      }
      const all = users.flatMap((user) => activities.map((activity) => `${user} ${activity}`));
      expect(await noted()).toEqual(Object.fromEntries(all.map((name) => [name, { gone: 1, come: 1 }])));
      expect(await enrolments(handles)).toEqual(Object.fromEntries(all.map((name) => [name, 1])));
      const { registrations } = await site.dump();
      expect(registrations).toHaveLength(all.length);
      for (const row of registrations) expect(row).toMatchObject({ method: 'qualification', progress: 0 });
    },
    60_000,
  );

  it('R-05 R-07 what the LMS removes while our removal of it waits comes once, with the approval', async () => {
    const [user = ''] = users;
    const ours = await remove([user]);
    await untilWaiting(ours);
    const webhooks = await removedByTheLms(user);
    for (const webhook of webhooks) {
      const { attention } = (await webhook.result()) as OperationResult;
      expect(attention).toMatchObject([{ type: 'OperationInProgress' }]);
    }
    await approved(ours);
    await ours.result();
    expect(await enrolments([ours])).toEqual({ [`${user} c-1`]: 1, [`${user} p-1`]: 1 });
    const swept = await site.start('reconcileQualifications', {});
    expect(await swept.result()).toMatchObject({ counts: {} });
  });
});
