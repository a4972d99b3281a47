import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { admin, root, world } from '../support/world-builder.ts';
import { cohorts, lifeOf, tokenOf } from './support/cohorts.ts';
import { closeGates, gatesAt, installGates } from './support/gates.ts';
import type { Gate } from './support/gates.ts';
import { answerOf, recordOf } from './support/record.ts';
import { openSite } from './support/site.ts';
import type { Handle, Site } from './support/site.ts';
import { startWorker } from './support/worker.ts';
import type { WorkerProcess } from './support/worker.ts';

/** Where the operation of each kind is stopped; the one that is not is what the others are compared with. */
const points: Record<string, string[]> = {
  deleteGroup: [
    ...['judge', 'plan', 'leaveSlots', 'leaveSessions', 'leaveGroups', 'deassignContent', 'joinGroups'],
    ...[
      'joinSessions',
      'assignContent',
      'removeLinks',
      'transferOwnership',
      'deleteGroups',
      'verify',
      'close',
    ],
  ],
  updateProfiles: [
    'updateProfiles',
    'leaveGroups',
    'deassignContent',
    'joinGroups',
    'assignContent',
    'settle',
  ],
  removePathsFromGroup: ['removeLinks', 'deassignContent', 'verify'],
};
const undisturbed = 'undisturbed';
const stops = Object.entries(points).flatMap(([workflow, at]) =>
  [undisturbed, ...gatesAt(at, ['within', 'committing'])].map((gate, i) => ({
    ...{ workflow, gate, name: `${workflow}${String(i).padStart(2, '0')}` },
  })),
);

const inputs: Record<string, (t: string) => object> = {
  deleteGroup: (t) => ({ group: `g-sales${t}`, subgroups: 'moveToParent', orphans: 'moveToParent' }),
  updateProfiles: (t) => ({ profiles: [{ user: `ada${t}`, profile: { team: `g-it${t}`, city: null } }] }),
  removePathsFromGroup: (t) => ({ group: `g-sales${t}`, paths: [`p-1${t}`] }),
};

const inTeam = (team: string) => ({ '==': [{ var: 'team' }, team] });
const life = world({
  users: [{ id: 'ada', profile: { team: 'g-sales', city: 'Delft' } }],
  groups: [
    { id: 'g-region' },
    { id: 'g-sales', parent: 'g-region', smartRule: inTeam('g-sales') },
    { id: 'g-north', parent: 'g-sales' },
    { id: 'g-it', smartRule: inTeam('g-it') },
  ],
  members: [
    ['ada', 'learner', 'g-sales'],
    ['bob', 'learner', 'g-sales'],
    ['bob', 'learner', root],
    ['pam', 'author', 'g-north'],
  ],
  courses: [
    { id: 'c-1', mainAuthor: 'pam', ownerGroup: 'g-sales' },
    { id: 'c-2', mainAuthor: 'pam' },
    { id: 'c-3', mainAuthor: 'pam' },
  ],
  paths: [{ id: 'p-1', mainAuthor: 'pam', courses: ['c-1'] }],
  groupCourses: [
    { group: 'g-region', course: 'c-2' },
    { group: 'g-it', course: 'c-3' },
  ],
  groupPaths: [{ group: 'g-sales', path: 'p-1' }],
  sessions: [
    {
      ...{ id: 's-1', path: 'p-1', mainInstructor: 'pam', participants: ['ada', 'bob'] },
      ...{ audience: 'dynamic', audienceGroups: ['g-sales'] },
    },
    { id: 's-2', path: 'p-1', mainInstructor: 'pam', audience: 'dynamic', audienceGroups: ['g-region'] },
  ],
  slots: [{ id: 't-1', session: 's-1', attendees: ['ada', 'bob'] }],
  registrations: ['ada', 'bob'].flatMap((user) => ['c-1', 'p-1'].map((activity) => ({ user, activity }))),
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
  const names = stops.map(({ name }) => name);
  await site.load(cohorts(life, names));
  worker = await startWorker(site);
  await killAmidAll();
});
afterAll(async () => {
  await worker.stop();
  await site.close();
  await drop();
});

async function killAmidAll(): Promise<void> {
  const gates = stops.flatMap(({ gate }) => (gate === undisturbed ? [] : [gate as Gate]));
  const closed = await closeGates(site.databaseUrl, [...new Set(gates)]);
  const handles = new Map<string, Handle>();
  for (const { workflow, gate, name } of stops) {
    const input = { ...inputs[workflow]?.(tokenOf(name)), requestedBy: admin, reason: gate };
    handles.set(name, await site.start(workflow, input));
  }
  for (const { gate, name } of stops) if (gate === undisturbed) await handles.get(name)?.result();
  await closed.reached();
  await worker.kill();
  await closed.open();
  worker = await startWorker(site);
  for (const { workflow, gate, name } of stops) {
    endings.set(`${workflow} ${gate}`, await endingOf(handles.get(name), name));
  }
}

/** Memberships that begin by it do so at some moment of this day. */
async function endingOf(handle: Handle | undefined, name: string): Promise<object> {
  const answer = answerOf((await handle?.result()) as OperationResult, name);
  const record = await recordOf(site.sql, handle?.firstExecutionRunId ?? '', name);
  const text = JSON.stringify({ answer, record, life: lifeOf(await site.dump(), name) });
  return JSON.parse(text.replaceAll(/"since":"(?!2020)[^"]+"/g, '"since":"now"')) as object;
}

describe('a worker killed by SIGKILL', () => {
  it('X-05 (what the others are compared with) undisturbed operations do what they have to', () => {
    const counts = (workflow: string) => {
      const ending = endings.get(`${workflow} ${undisturbed}`) as { answer: OperationResult };
      expect(ending.answer).toMatchObject({ state: 'done', conflicts: 0, attention: [] });
      return ending.answer.counts;
    };
    expect(counts('deleteGroup')).toEqual({
      ...{ 'group.delete': 1, 'group.move': 1, 'link.remove': 2, 'ownership.transfer': 1 },
      ...{ 'membership.remove': 2, 'membership.add': 1, 'session.leave': 2, 'session.join': 1 },
      ...{ 'slot.leave': 2, 'access.revoke': 4, 'registration.add': 1 },
    });
    expect(counts('updateProfiles')).toEqual({
      ...{ 'profile.update': 1, 'membership.remove': 1, 'membership.add': 1, 'session.leave': 1 },
      ...{ 'slot.leave': 1, 'access.revoke': 2, 'registration.add': 1 },
    });
    expect(counts('removePathsFromGroup')).toEqual({ 'link.remove': 1, 'access.revoke': 4 });
  });

  it.each(stops.filter(({ gate }) => gate !== undisturbed))(
    'G-11 C-04 C-10 X-05 at $gate of $workflow, leaves the same host rows and the same audit, each once',
    ({ workflow, gate }) => {
      expect(endings.get(`${workflow} ${gate}`)).toEqual(endings.get(`${workflow} ${undisturbed}`));
    },
  );
});
