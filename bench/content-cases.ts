import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { openOperation } from '../ledger/operations.ts';
import { storeList } from '../ledger/lists.ts';
import type { ListEntry } from '../ledger/lists.ts';
import {
  deassignChunk,
  profilesChunk,
  removeLink,
  targetsOfCourse,
  targetsOfProfiles,
} from './content-by-hand.sql.ts';
import { smartGroups } from './content-world.sql.ts';

/** One thing that is done to everybody, by our workflow or by hand. */
export interface ContentCase {
  name: string;
  workflow: 'removeCoursesFromGroup' | 'updateProfiles';
  /** Stores what it needs before the clock starts; the workflow's input. */
  prepare(client: pg.Client, users: number): Promise<Record<string, unknown>>;
  /** What the worker does first, before the clock starts: the same, of which nothing changes. */
  warmUp(client: pg.Client, users: number): Promise<Record<string, unknown>>;
  /** The script before the chunks, and the one for each. */
  targets: string;
  begin: string;
  chunk: string;
}

export const contentCases: readonly ContentCase[] = [
  {
    name: 'a course taken from a group, a third keep it',
    workflow: 'removeCoursesFromGroup',
    prepare: () => Promise.resolve({ group: 'g-course', courses: ['c-x'] }),
    warmUp: () => Promise.resolve({ group: 'g-0', courses: ['c-1'] }),
    targets: targetsOfCourse,
    begin: removeLink,
    chunk: deassignChunk,
  },
  {
    name: `profiles, ${smartGroups} smart groups`,
    workflow: 'updateProfiles',
    prepare: async (client, users) => ({ list: await storeProfiles(client, users, 1) }),
    warmUp: async (client, users) => ({ list: await storeProfiles(client, Math.min(users, 1_000), 0) }),
    targets: targetsOfProfiles,
    begin: '',
    chunk: profilesChunk,
  },
];

/** Everybody goes so many teams on. */
async function storeProfiles(client: pg.Client, users: number, by: number): Promise<string> {
  const list = randomUUID();
  const entries = Array.from({ length: users }, (_, i): ListEntry => {
    const id = `u-${String(i + 1).padStart(7, '0')}`;
    const team = `t-${(i + 1 + by) % smartGroups}`;
    return { line: i + 1, id, ref: id, payload: { profile: { team } } };
  });
  await storeList(client, list, 'bench', entries);
  return list;
}

/** Does it by the hand-written script; how long it took, in milliseconds. */
export async function byHand(
  client: pg.Client,
  { workflow, targets, begin, chunk }: ContentCase,
  input: Record<string, unknown>,
  chunkUsers: number,
): Promise<number> {
  const operation = randomUUID();
  await openOperation(client, {
    id: operation,
    workflowId: operation,
    kind: workflow,
    input: {},
    requestedBy: 'u-owner',
    reason: null,
    trigger: 'bench',
    host: 'reference',
    mode: 'apply',
    undoes: null,
    import: null,
  });
  const filled = (script: string, n: number): string =>
    script
      .replaceAll(':operation', `'${operation}'`)
      .replaceAll(':chunkUsers', String(chunkUsers))
      .replaceAll(':chunk', String(n))
      .replaceAll(':list', `'${String(input['list'])}'`);
  const since = performance.now();
  await client.query(filled(targets, 0));
  const { rows } = await client.query<{ chunks: number }>(
    'select max(chunk) as chunks from lms_lifecycle.operation_target where operation_id = $1',
    [operation],
  );
  if (begin !== '') await client.query(filled(begin, 0));
  for (let n = 1; n <= (rows[0]?.chunks ?? 0); n++) await client.query(filled(chunk, n));
  return performance.now() - since;
}
