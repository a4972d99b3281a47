import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import { academy } from '../scenarios/registration-steps.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { admin } from '../support/world-builder.ts';
import { cohorts, lifeOf, tokenOf } from './support/cohorts.ts';
import { closeGates, gatesAt, installGates } from './support/gates.ts';
import { answerOf, recordOf } from './support/record.ts';
import { openSite } from './support/site.ts';
import type { Handle, Site } from './support/site.ts';
import { untilWaiting } from './support/until.ts';
import { startWorker } from './support/worker.ts';
import type { WorkerProcess } from './support/worker.ts';

/** Where the operation of each kind is stopped; the one that is not is what the others are compared with. */
const points: Record<string, string[]> = {
  removeRegistrations: ['removeRegistrations', 'verify', 'settle'],
  unenrolUsers: ['unenrol'],
  reconcileQualifications: ['enrolQualified'],
  copyActivity: ['copyActivities'],
};
const undisturbed = 'undisturbed';
const stops = Object.entries(points).flatMap(([workflow, at]) =>
  [undisturbed, ...gatesAt(at, ['within', 'committing'])].map((gate, i) => ({
    ...{ workflow, gate, name: `${workflow}${i}` },
  })),
);

const inputs: Record<string, (t: string) => object> = {
  removeRegistrations: (t) => ({ users: [`ada${t}`, `bob${t}`], activities: [`c-1${t}`, `c-2${t}`] }),
  unenrolUsers: (t) => ({ users: [`ada${t}`, `bob${t}`], activities: [`c-1${t}`, `p-1${t}`] }),
  reconcileQualifications: (t) => ({ users: [`pam${t}`, `ada${t}`] }),
  copyActivity: (t) => ({ activity: `a-1${t}`, newOwner: `ann${t}` }),
};

/** Each life has a team and a qualification of its own. */
const inTeam = { '==': [{ var: 'team' }, 'q-1'] };
const life = academy({
  users: [
    { id: 'ada', profile: { team: 'q-1' } },
    { id: 'bob', profile: { team: 'support' } },
    { id: 'pam', profile: { team: 'q-1' } },
    { id: 'old', status: 'deleted' },
  ],
  activities: [{ id: 'a-1', course: 'c-1', owner: 'pam' }],
  qualifications: [{ id: 'q-1', name: 'Selling', rule: inTeam, activities: ['c-1', 'p-1'] }],
});

let site: Site;
let worker: WorkerProcess;
let drop: () => Promise<void>;
const endings = new Map<string, object>();

beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  await installGates(database.url);
  site = await openSite(database.url, inject('temporalAddress'));
  await site.load(
    cohorts(
      life,
      stops.map(({ name }) => name),
    ),
  );
  worker = await startWorker(site);
  await killAmidAll();
});
afterAll(async () => {
  await worker.stop();
  await site.close();
  await drop();
});

async function killAmidAll(): Promise<void> {
  const removals = await startAll((workflow) => workflow === 'removeRegistrations');
  const plans = await Promise.all([...removals.values()].map(async (handle) => untilWaiting(handle)));
  // By now Bob needs what is removed too: enrolled again beyond the plan.
  await site.sql.query(
    `update lms.account set profile = jsonb_build_object('team', 'q-1' || substr(id, 4)) where id like 'bob.%'`,
  );
  const closed = await closeGates(
    site.databaseUrl,
    stops.flatMap(({ gate }) => (gate === undisturbed ? [] : [gate as `${string}/within`])),
  );
  await Promise.all(
    [...removals.values()].map((handle, i) =>
      handle.executeUpdate('approve', { args: [{ by: admin, planHash: plans[i]?.planHash }] }),
    ),
  );
  const handles = new Map([
    ...removals,
    ...(await startAll((workflow) => workflow !== 'removeRegistrations')),
  ]);
  const left = stops.filter(({ gate }) => gate === undisturbed);
  for (const { name } of left) await handles.get(name)?.result();
  await closed.reached();
  await worker.kill();
  await closed.open();
  worker = await startWorker(site);
  for (const { workflow, gate, name } of stops) {
    endings.set(`${workflow} ${gate}`, await endingOf(handles.get(name), name));
  }
}

async function startAll(which: (workflow: string) => boolean): Promise<Map<string, Handle>> {
  const chosen = stops.filter(({ workflow }) => which(workflow));
  const handles = await Promise.all(
    chosen.map(({ workflow, gate, name }) => {
      const input = inputs[workflow]?.(tokenOf(name));
      return site.start(workflow, { ...input, requestedBy: admin, reason: gate });
    }),
  );
  return new Map(handles.map((handle, i) => [chosen[i]?.name ?? '', handle]));
}

async function endingOf(handle: Handle | undefined, name: string): Promise<object> {
  const answer = answerOf((await handle?.result()) as OperationResult, name);
  const record = await recordOf(site.sql, handle?.firstExecutionRunId ?? '', name);
  const ending = { answer, record, life: lifeOf(await site.dump(), name) };
  // A copy's id is made of the operation's.
  return JSON.parse(JSON.stringify(ending).replaceAll(/-copy-[0-9a-f]{32}/g, '-copy')) as object;
}

describe('a worker killed by SIGKILL', () => {
  it('R-05 X-05 (what the others are compared with) undisturbed operations do what they have to', () => {
    const counts = (workflow: string) => {
      const ending = endings.get(`${workflow} ${undisturbed}`) as { answer: OperationResult };
      expect(ending.answer).toMatchObject({ state: 'done', conflicts: 0, attention: [] });
      return ending.answer.counts;
    };
    expect(counts('removeRegistrations')).toEqual({ 'registration.remove': 4, 'registration.add': 2 });
    expect(counts('unenrolUsers')).toEqual({ 'registration.unenrol': 4 });
    expect(counts('reconcileQualifications')).toEqual({ 'registration.add': 2 });
    expect(counts('copyActivity')).toEqual({ 'activity.copy': 1 });
  });

  it.each(stops.filter(({ gate }) => gate !== undisturbed))(
    'R-05 X-05 at $gate of $workflow, leaves the same host rows and the same audit, each once',
    ({ workflow, gate }) => {
      expect(endings.get(`${workflow} ${gate}`)).toEqual(endings.get(`${workflow} ${undisturbed}`));
    },
  );
});
